import { itemKey, type WorkerItem } from '../../src/work-stealing-pool/contract';

/** A worker as the table has it. */
export interface RegisteredWorker extends WorkerItem {
  /** Whether it has its group's role of runner; those that had it count among the workers while they finish. */
  readonly isRunner: boolean;
}

export function isLive({ until }: { readonly until: number }, now: number): boolean {
  return until > now;
}

/** Whether it is alive and takes tasks. */
export function takesTasks(worker: WorkerItem, now: number): boolean {
  return isLive(worker, now) && worker.accepting;
}

/** None when the item is no worker's: anybody may have written a worker in their own language, and one with a fault must not take the leader with it. */
export function workerOf(item: Record<string, unknown> | undefined): RegisteredWorker | undefined {
  if (item === undefined || ![item.until, item.capacity, item.running].every(isCount)) return undefined;
  const { dry, meanSeconds, meanSquareSeconds, ...rest } = item as unknown as WorkerItem & { readonly entry: string };
  return {
    ...rest,
    accepting: rest.accepting === true,
    idle: rest.idle === true,
    dry: typeof dry === 'object' && dry !== null ? dry : {},
    ...(isMeasure(meanSeconds) && { meanSeconds }),
    ...(isMeasure(meanSquareSeconds) && { meanSquareSeconds }),
    isRunner: rest.entry === itemKey.runner('').entry,
  };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0;
}

function isMeasure(value: unknown): value is number {
  return typeof value === 'number' && value > 0;
}
