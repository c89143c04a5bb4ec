import { Bell } from './bell';
import type { GroupQueue, Received } from './group-queue';
import type { TaskClaims } from './task-claims';
import { nameOf, type WorkerEvents } from './worker-events';
import type { Assignment, QueuedTask, WorkerSettings } from '../../src/work-stealing-pool/contract';

/** `AbortSignal`, where somebody has the types of Node.js or of a browser. */
export type Signal = typeof globalThis extends { AbortSignal: { prototype: infer Known } } ? Known : { readonly aborted: boolean };

/** Does a task. What it rejects with is a failed attempt; the signal says that the task was taken from this worker, so that going on is in vain. */
export type Work = (assignment: Assignment, signal: Signal) => Promise<unknown>;

interface Attempt {
  readonly queue: GroupQueue;
  readonly message: Received;
  readonly task: QueuedTask;
  readonly abort: AbortController;
  readonly since: number;
  /** Once it is claimed. */
  fence?: number;
  /** What becomes of its message is decided: heartbeats leave it alone. */
  settled?: boolean;
}

export interface AttemptsProps {
  readonly settings: WorkerSettings;
  readonly claims: TaskClaims;
  readonly work: Work;
  readonly events: WorkerEvents;
  /** Whether there is time to wait until a call that failed succeeds. */
  readonly hasTime: () => boolean;
  /** What a task cost that is done. */
  readonly onDone: (seconds: number) => void;
  readonly onEnd: () => void;
}

const TROUBLE_PAUSE_MS = 1_000;

/** What a worker has under way. */
export class Attempts {
  private readonly underWay = new Set<Attempt>();
  private keeping: Promise<unknown> = Promise.resolve();

  constructor(private readonly props: AttemptsProps) {}

  get size(): number {
    return this.underWay.size;
  }

  begin(queue: GroupQueue, message: Received): void {
    const { task } = message;
    if (!task) {
      this.props.events.tell({ kind: 'INVALID', messageId: message.messageId, home: queue.group });
      return;
    }
    const attempt: Attempt = { queue, message, task, abort: new AbortController(), since: Date.now() };
    this.underWay.add(attempt);
    void this.carryOut(attempt).finally(() => {
      this.underWay.delete(attempt);
      this.props.onEnd();
    });
  }

  /** With each heartbeat: nobody else is to get what is under way. */
  async keep(): Promise<void> {
    const attempts = [...this.underWay].filter(({ settled }) => !settled);
    const queues = [...new Set(attempts.map(({ queue }) => queue))];
    this.keeping = Promise.all([...queues.map((queue) => this.keepHidden(queue, attempts)), ...attempts.map(this.keepClaim)]);
    await this.keeping;
  }

  private async keepHidden(queue: GroupQueue, attempts: readonly Attempt[]): Promise<void> {
    const receiptHandles = attempts.filter((each) => each.queue === queue).map(({ message }) => message.receiptHandle);
    await this.props.events.trying('keeping messages hidden', () => queue.hide(receiptHandles, this.props.settings.leaseSeconds));
  }

  private readonly keepClaim = async ({ fence, task, abort }: Attempt): Promise<void> => {
    if (fence === undefined) return;
    if (await this.props.events.trying('renewing a claim', () => this.props.claims.renew(task.id, fence)) === 'TAKEN') abort.abort();
  };

  private async carryOut(attempt: Attempt): Promise<void> {
    const { settings: { group }, claims, events, onDone } = this.props;
    const { queue: { group: home }, message: { messageId, receiveCount }, task: { id: task }, since } = attempt;
    const claiming = await this.insisting('claiming a task', () => claims.begin(task, messageId));
    if (!claiming) return this.later(attempt);
    if (claiming.kind !== 'CLAIMED') {
      events.tell({ kind: 'DUPLICATE', task, home });
      return this.remove(attempt);
    }
    const { fence } = claiming;
    attempt.fence = fence;
    const failure = await this.work(attempt, fence);
    const state = failure === undefined
      ? await this.insisting('committing a task', () => claims.done(task, fence))
      : await this.insisting('releasing a claim', () => claims.release(task, fence));
    if (state === 'TAKEN') {
      attempt.settled = true;
      return events.tell({ kind: 'REFUSED', task, home });
    }
    // Also when it failed after it had committed itself.
    if (state === 'DONE') {
      const seconds = (Date.now() - since) / 1000;
      onDone(seconds);
      events.tell({ kind: 'DONE', task, home, stolen: home !== group, seconds });
      return this.remove(attempt);
    }
    if (failure !== undefined) events.tell({ kind: 'FAILED', task, home, attempt: receiveCount, error: failure });
    return this.later(attempt);
  }

  /** Answers the name of what went wrong. */
  private async work({ queue, message, task: { id, payload, submittedAt }, abort }: Attempt, fence: number): Promise<string | undefined> {
    const { settings: { pool, group }, work } = this.props;
    try {
      await work({ pool, task: { id, payload, submittedAt }, group, home: queue.group, attempt: message.receiveCount, fence }, abort.signal);
      return undefined;
    } catch (error) {
      return nameOf(error);
    }
  }

  /** Each receive counts towards the dead-letter queue: while the table is out of reach, a task waits where it is. */
  private async insisting<T>(doing: string, call: () => Promise<T>): Promise<T | undefined> {
    for (;;) {
      const answer = await this.props.events.trying(doing, call);
      if (answer !== undefined || !this.props.hasTime()) return answer;
      await new Bell().wait(TROUBLE_PAUSE_MS);
    }
  }

  /** Left undeleted it would come again, and be found done. */
  private async remove(attempt: Attempt): Promise<void> {
    attempt.settled = true;
    await this.props.events.trying('deleting a message', () => attempt.queue.delete(attempt.message.receiptHandle));
  }

  /** Another attempt after a while. */
  private async later(attempt: Attempt): Promise<void> {
    const { retryDelaySeconds, longestRetryDelaySeconds } = this.props.settings;
    const { queue, message: { receiptHandle, receiveCount } } = attempt;
    attempt.settled = true;
    // A heartbeat that is on its way would have the last word.
    await this.keeping;
    const seconds = Math.min(retryDelaySeconds * 2 ** (receiveCount - 1), longestRetryDelaySeconds);
    await this.props.events.trying('putting off a message', () => queue.hide([receiptHandle], seconds));
  }
}
