import { randomUUID } from 'node:crypto';
import { Bell } from './bell';
import { CostMeter } from './cost-meter';
import { GrantBook } from './grant-book';
import { GroupQueue, type Received } from './group-queue';
import { ExternalMembership, isRetired, type Membership, type MembershipProps } from './membership';
import { checkSettings, settingsOfEnvironment } from './settings';
import { TaskClaims } from './task-claims';
import type { Assignment, QueuedTask, WorkerSettings } from '../../src/work-stealing-pool/contract';
import type { Client } from '../shared/client';

/** Does a task. What it rejects with is a failed attempt; the signal says that the task was taken from this worker, so that going on is in vain. */
export type Work = (assignment: Assignment, signal: AbortSignal) => Promise<unknown>;

/** What becomes of tasks, and what goes wrong: for logs and metrics. No payloads. */
export type WorkerEvent =
  | { readonly kind: 'DONE'; readonly task: string; readonly home: string; readonly stolen: boolean; readonly seconds: number }
  | { readonly kind: 'FAILED'; readonly task: string; readonly home: string; readonly attempt: number; readonly error: string }
  /** Somebody else has begun or done it since. */
  | { readonly kind: 'REFUSED'; readonly task: string; readonly home: string }
  | { readonly kind: 'DUPLICATE'; readonly task: string; readonly home: string }
  /** The message's body is no task: it is left to the queue's dead-letter queue. */
  | { readonly kind: 'INVALID'; readonly messageId: string; readonly home: string }
  /** A call failed; what it was for is tried again. */
  | { readonly kind: 'TROUBLE'; readonly doing: string; readonly error: string };

/** Properties of a worker. */
export interface PoolWorkerProps {
  /** A `DynamoDBDocumentClient`, with `removeUndefinedValues`. */
  readonly documents: Client;
  readonly sqs: Client;
  readonly work: Work;
  /** How many tasks at once: a whole number from 1. */
  readonly capacity: number;
  /** `WORK_STEALING_POOL_WORKER`, as JSON, unless given. */
  readonly settings?: WorkerSettings | undefined;
  /** Names the worker in its group; a random one unless given. Two workers must never have the same. */
  readonly worker?: string | undefined;
  readonly observe?: ((event: WorkerEvent) => void) | undefined;
}

/**
 * For a worker that lives only as long as there is work.
 * @internal
 */
export interface Shift {
  readonly membership: (props: MembershipProps) => Membership;
  /** It takes nothing from then on. */
  readonly takesUntil: number;
  /** And leaves when it has found nothing for so long. */
  readonly leavesAfterIdleMs: number;
  /** Called with each heartbeat. */
  readonly onHeartbeat: () => void;
}

/** An empty queue is known to be empty only by a long poll. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html */
const POLL_SECONDS = 1;
/** While nothing waits anywhere. */
const QUIET_POLL_SECONDS = 10;
const TROUBLE_PAUSE_MS = 1_000;
const HEARTBEATS_A_LEASE = 3;
/** That it has become idle is told at once, but not more often than this. */
const BETWEEN_TELLINGS_MS = 2_000;

interface UnderWay {
  readonly queue: GroupQueue;
  readonly message: Received;
  readonly abort: AbortController;
  readonly since: number;
  /** Once it is claimed. */
  fence?: number;
}

/**
 * Takes tasks from its group's queue, and from others' where the pool's leader wants it to, and does them. A task is taken only when there is a place
 * for it, hidden as long as it is under way, and deleted only when it is done: a worker may die at any moment.
 *
 * @example
 * const worker = new PoolWorker({ documents, sqs, capacity: 4, work: async ({ task }) => render(task.payload) });
 * process.once('SIGTERM', () => worker.stop());
 * await worker.run();
 */
export class PoolWorker {
  /** Names it in its group. */
  readonly worker: string;

  private readonly settings: WorkerSettings;
  private readonly claims: TaskClaims;
  private readonly grants: GrantBook;
  private readonly own: GroupQueue;
  private readonly queues: ReadonlyMap<string, GroupQueue>;
  private readonly membership: Membership;
  private readonly underWay = new Set<UnderWay>();
  private readonly dry: Record<string, number> = {};
  private readonly bell = new Bell();
  private readonly ended = new Bell();
  private costs = new CostMeter();
  private stopped = false;
  private accepting = false;
  private retired = false;
  private over = false;
  private idle = false;
  private told = { at: 0, idle: false };

  constructor(private readonly props: PoolWorkerProps, private readonly shift?: Shift) {
    const { documents, sqs, capacity, settings = settingsOfEnvironment(), worker = randomUUID() } = props;
    checkSettings(settings, capacity);
    this.settings = settings;
    this.worker = worker;
    const { tableName, group, leaseSeconds, retentionSeconds, queueUrls } = settings;
    const now = Date.now;
    this.claims = new TaskClaims({ client: documents, tableName, worker, leaseSeconds, retentionSeconds, now });
    this.grants = new GrantBook({ client: documents, tableName, group, worker, now });
    this.queues = new Map(Object.entries(queueUrls).map(([name, url]) => [name, new GroupQueue(name, sqs, url)]));
    this.own = this.queues.get(group)!;
    const membership = { client: documents, tableName, group, worker, capacity, leaseSeconds, now };
    this.membership = shift?.membership(membership) ?? new ExternalMembership(membership);
  }

  /**
   * Works until it is stopped, and until what it has under way is done. Answers false when it may not work, because another runner does.
   * @throws when the pool's table cannot be reached to begin with
   */
  async run(): Promise<boolean> {
    if (!await this.join()) return false;
    const heart = this.beat();
    await this.take();
    while (this.underWay.size > 0) await this.bell.wait(this.heartbeatMs);
    this.over = true;
    this.ended.ring();
    await heart;
    await this.trying('leaving the group', () => this.membership.leave());
    return true;
  }

  /** Takes no more tasks; `run` ends when those under way are done. */
  stop(): void {
    this.stopped = true;
    this.bell.ring();
  }

  private async join(): Promise<boolean> {
    this.accepting = await this.membership.join();
    if (!this.accepting) return false;
    this.costs = new CostMeter(this.membership.measured.meanSeconds, this.membership.measured.meanSquareSeconds);
    this.retired = await isRetired({ ...this.settings, client: this.props.documents });
    return true;
  }

  private async take(): Promise<void> {
    let idleSince = Date.now();
    while (this.takesMore()) {
      const free = this.free();
      if (free < 1 || this.retired) {
        if (this.retired && this.shift && this.underWay.size === 0) break;
        await this.bell.wait(this.heartbeatMs);
        continue;
      }
      if (await this.takeSome(free)) {
        idleSince = Date.now();
        this.idle = false;
        continue;
      }
      await this.tellIdle();
      if (this.shift && this.underWay.size === 0 && Date.now() - idleSince >= this.shift.leavesAfterIdleMs) {
        if (!await this.cameMeanwhile()) break;
        idleSince = Date.now();
      }
    }
    this.accepting = false;
    if (this.underWay.size > 0) await this.tell();
  }

  /** From its own queue, else from where the leader wants it to. Answers whether there was anything. */
  private async takeSome(free: number): Promise<boolean> {
    const open = this.grants.open();
    if (await this.takeFrom(this.own, free, open.length > 0 ? 0 : this.patience()) > 0) return true;
    await this.trying('reading the plan', () => this.grants.look());
    for (const { victim, tasks } of this.grants.open()) {
      const queue = this.queues.get(victim);
      const places = Math.min(this.free(), tasks);
      if (!queue || places < 1 || !this.takesMore()) continue;
      const taken = await this.takeFrom(queue, places, POLL_SECONDS);
      this.grants.taken(victim, taken);
      if (taken > 0) return true;
      this.grants.dry(victim);
      this.dry[victim] = Date.now();
    }
    return false;
  }

  /** How long an empty queue is waited for: long while nothing waits anywhere, and never over the end of the shift. */
  private patience(): number {
    const seconds = this.grants.poolIsBusy || this.underWay.size > 0 || this.shift ? POLL_SECONDS : QUIET_POLL_SECONDS;
    return Math.max(0, Math.min(seconds, Math.floor(((this.shift?.takesUntil ?? Infinity) - Date.now()) / 1000)));
  }

  private async takeFrom(queue: GroupQueue, most: number, waitSeconds: number): Promise<number> {
    const messages = await this.trying('receiving', () => queue.receive(most, waitSeconds));
    if (!messages) await this.bell.wait(TROUBLE_PAUSE_MS);
    messages?.forEach((message) => this.begin(queue, message));
    return messages?.length ?? 0;
  }

  /** Whoever sends a task looks afterwards whether there is a runner: this one leaves first, and looks once more then. */
  private async cameMeanwhile(): Promise<boolean> {
    this.accepting = false;
    await this.trying('leaving the group', () => this.membership.leave());
    const messages = await this.trying('receiving', () => this.own.receive(1, POLL_SECONDS)) ?? [];
    if (messages.length === 0) return false;
    this.accepting = await this.trying('joining the group', () => this.membership.join()) ?? false;
    if (this.accepting) {
      messages.forEach((message) => this.begin(this.own, message));
      return true;
    }
    await this.trying('giving back what another may do', () => this.own.hide(messages.map(({ receiptHandle }) => receiptHandle), 0));
    return false;
  }

  private begin(queue: GroupQueue, message: Received): void {
    const { messageId, task } = message;
    if (!task) {
      this.observe({ kind: 'INVALID', messageId, home: queue.group });
      return;
    }
    const underWay: UnderWay = { queue, message, abort: new AbortController(), since: Date.now() };
    this.underWay.add(underWay);
    void this.carryOut(underWay, task).finally(() => {
      this.underWay.delete(underWay);
      this.bell.ring();
    });
  }

  private async carryOut(underWay: UnderWay, task: QueuedTask): Promise<void> {
    const { queue, message, abort } = underWay;
    const home = queue.group;
    const claiming = await this.trying('claiming a task', () => this.claims.begin(task.id, message.messageId));
    if (!claiming) return this.later(underWay);
    if (claiming.kind !== 'CLAIMED') {
      this.observe({ kind: 'DUPLICATE', task: task.id, home });
      return this.remove(underWay);
    }
    const { fence } = claiming;
    underWay.fence = fence;
    const { pool, group } = this.settings;
    const { id, payload, submittedAt } = task;
    try {
      await this.props.work({ pool, task: { id, payload, submittedAt }, group, home, attempt: message.receiveCount, fence }, abort.signal);
    } catch (error) {
      if (await this.trying('releasing a claim', () => this.claims.release(id, fence)) === false) {
        this.observe({ kind: 'REFUSED', task: id, home });
        return;
      }
      this.observe({ kind: 'FAILED', task: id, home, attempt: message.receiveCount, error: (error as Error)?.name ?? 'Error' });
      return this.later(underWay);
    }
    const committed = await this.trying('committing a task', () => this.claims.done(id, fence));
    if (committed === undefined) return this.later(underWay);
    if (!committed) {
      this.observe({ kind: 'REFUSED', task: id, home });
      return;
    }
    const seconds = (Date.now() - underWay.since) / 1000;
    this.costs.add(seconds);
    this.observe({ kind: 'DONE', task: id, home, stolen: home !== group, seconds });
    await this.remove(underWay);
  }

  /** Left undeleted it would come again, and be found done. */
  private async remove({ queue, message }: UnderWay): Promise<void> {
    await this.trying('deleting a message', () => queue.delete(message.receiptHandle));
  }

  /** Another attempt after a while. */
  private async later({ queue, message }: UnderWay): Promise<void> {
    const { retryDelaySeconds, longestRetryDelaySeconds } = this.settings;
    const seconds = Math.min(retryDelaySeconds * 2 ** (message.receiveCount - 1), longestRetryDelaySeconds);
    await this.trying('putting off a message', () => queue.hide([message.receiptHandle], seconds));
  }

  private async beat(): Promise<void> {
    for (;;) {
      await this.ended.wait(this.heartbeatMs);
      if (this.over) return;
      await Promise.all([this.tell(), this.keepHidden(), this.keepClaims(), this.readControl()]);
      this.shift?.onHeartbeat();
    }
  }

  private async readControl(): Promise<void> {
    const retired = await this.trying('reading the control', () => isRetired({ ...this.settings, client: this.props.documents }));
    this.retired = retired ?? this.retired;
    this.bell.ring();
  }

  private async tell(): Promise<void> {
    const { accepting, idle, dry, underWay } = this;
    this.told = { at: Date.now(), idle };
    const state = { accepting, running: underWay.size, idle, dry: { ...dry }, ...this.costs.reading() };
    const may = await this.trying('renewing the lease', () => this.membership.tell(state));
    if (may === false) this.accepting = false;
  }

  private async tellIdle(): Promise<void> {
    this.idle = true;
    if (!this.told.idle && Date.now() - this.told.at >= BETWEEN_TELLINGS_MS) await this.tell();
  }

  private async keepHidden(): Promise<void> {
    for (const queue of this.queues.values()) {
      const receiptHandles = [...this.underWay].filter((each) => each.queue === queue).map(({ message }) => message.receiptHandle);
      if (receiptHandles.length > 0) await this.trying('keeping messages hidden', () => queue.hide(receiptHandles, this.settings.leaseSeconds));
    }
  }

  private async keepClaims(): Promise<void> {
    await Promise.all([...this.underWay].map(async ({ fence, message, abort }) => {
      if (fence === undefined) return;
      if (await this.trying('renewing a claim', () => this.claims.renew(message.task!.id, fence)) === false) abort.abort();
    }));
  }

  private takesMore(): boolean {
    return this.accepting && !this.stopped && Date.now() < (this.shift?.takesUntil ?? Infinity);
  }

  private free(): number {
    return this.membership.capacity - this.underWay.size;
  }

  private get heartbeatMs(): number {
    return this.settings.leaseSeconds * 1000 / HEARTBEATS_A_LEASE;
  }

  /** Nothing that fails ends a worker. */
  private async trying<T>(doing: string, call: () => Promise<T>): Promise<T | undefined> {
    try {
      return await call();
    } catch (error) {
      this.observe({ kind: 'TROUBLE', doing, error: (error as Error)?.name ?? 'Error' });
      return undefined;
    }
  }

  private observe(event: WorkerEvent): void {
    this.props.observe?.(event);
  }
}
