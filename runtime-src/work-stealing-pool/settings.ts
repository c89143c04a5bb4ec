import { WORKER_ENV, type WorkerSettings } from '../../src/work-stealing-pool/contract';

/** What the construct tells a worker outside the pool. */
export function settingsOfEnvironment(): WorkerSettings {
  const text = process.env[WORKER_ENV];
  const set = 'set it to the workerSettings of the group';
  if (!text) throw new Error(`environment variable ${WORKER_ENV} must be set, received ${JSON.stringify(text)}; ${set}`);
  try {
    return JSON.parse(text) as WorkerSettings;
  } catch {
    throw new Error(`environment variable ${WORKER_ENV} must be JSON, received ${text.length} characters that are none; ${set}`);
  }
}

export function checkSettings({ group, queueUrls, leaseSeconds }: WorkerSettings, capacity: number): void {
  if (!Number.isSafeInteger(capacity) || capacity < 1) throw new RangeError(`capacity must be a whole number from 1, received ${capacity}`);
  if (!queueUrls?.[group]) throw new TypeError(`settings must name the queue of the worker's own group, received none for '${group}'`);
  if (!(leaseSeconds > 0)) throw new RangeError(`leaseSeconds must be above 0, received ${leaseSeconds}`);
}
