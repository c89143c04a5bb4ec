import { awsError, type FakeLimiter, type FakeTarget, message, QUEUE_URL } from './fakes';
import type { ComingBack } from '../../../lambda-src/throttled-fan-out/deferral';
import { type Batch, Dispatcher, type DispatcherSurroundings } from '../../../lambda-src/throttled-fan-out/dispatcher';
import type { GivenUp } from '../../../lambda-src/throttled-fan-out/give-up';
import type { Message } from '../../../lambda-src/throttled-fan-out/message';
import type { PrioritySettings } from '../../../src/throttled-fan-out/contract';
import { inTime, sleep } from '../shared/timers';

export const SETTINGS: DispatcherSurroundings['settings'] = {
  limit: { ratePerSecond: 10, burst: 10, shards: 1, ageingSeconds: 300, agedShare: 0.1 },
  maxAttempts: 3,
  retryDelaySeconds: 10,
  longestRetryDelaySeconds: 25,
  maxAgeSeconds: 3_600,
};

export const PRIORITY: PrioritySettings = {
  name: 'normal',
  queueArn: 'arn:aws:sqs:eu-central-1:111122223333:email-normal',
  queueUrl: QUEUE_URL,
  heldBack: 0,
  parallel: 5,
  batchSize: 10,
};

/** A dispatcher among fakes, and what it has done to them. */
export class Scene {
  readonly deferred: ComingBack[] = [];
  readonly givenUp: GivenUp[] = [];
  readonly logged: { readonly level: 'warn' | 'error'; readonly text: string; readonly details: Record<string, unknown> }[] = [];
  readonly failures = new Map<string, number>();
  countFails = false;
  keepFails = false;
  private readonly dispatcher: Dispatcher;

  constructor(readonly target: FakeTarget, readonly limiter: FakeLimiter, settings: Partial<DispatcherSurroundings['settings']> = {}) {
    this.dispatcher = new Dispatcher({
      settings: { ...SETTINGS, ...settings },
      limiter,
      deliver: target.deliver,
      attempts: {
        failed: async ({ messageId }) => {
          if (this.countFails) throw awsError('ThrottlingException');
          this.failures.set(messageId, (this.failures.get(messageId) ?? 0) + 1);
          return this.failures.get(messageId)!;
        },
      },
      giveUp: {
        keep: async (given) => {
          if (this.keepFails) return new Set();
          this.givenUp.push(...given);
          return new Set(given);
        },
      },
      log: {
        warn: (text, details) => this.logged.push({ level: 'warn', text, details }),
        error: (text, details) => this.logged.push({ level: 'error', text, details }),
      },
      sleep,
      now: Date.now,
    });
  }

  dispatch(received: readonly Message[], batch: Partial<Batch> = {}) {
    return inTime(this.dispatcher.dispatch({
      messages: received,
      invalid: [],
      rank: 0,
      priority: PRIORITY,
      budgetMs: 20_000,
      deferral: { comeBack: async (deferred) => void this.deferred.push(...deferred) },
      ...batch,
    }));
  }

  /** Seconds after which each message comes back. */
  away(): Record<string, number> {
    return Object.fromEntries(this.deferred.map(({ record: { messageId }, inMs }) => [messageId, Math.round(inMs / 100) / 10]));
  }
}

export function messages(...ids: string[]): Message[] {
  return ids.map((id) => message(id));
}
