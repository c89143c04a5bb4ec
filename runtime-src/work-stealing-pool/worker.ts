import { randomUUID } from 'node:crypto';
import { Attempts, type Work } from './attempts';
import { Bell } from './bell';
import { CostMeter } from './cost-meter';
import { GrantBook } from './grant-book';
import { GroupQueue, type Received } from './group-queue';
import { ExternalMembership, isRetired, type Membership, type MembershipProps } from './membership';
import { checkSettings, settingsOfEnvironment } from './settings';
import { TaskClaims } from './task-claims';
import { type WorkerEvent, WorkerEvents } from './worker-events';
import type { WorkerSettings } from '../../src/work-stealing-pool/contract';
import type { Client } from '../shared/client';

/** Properties of a worker. */
export interface PoolWorkerProps {
  /** A `DynamoDBDocumentClient`. */
  readonly documents: Client;
  readonly sqs: Client;
  readonly work: Work;
  /** How many tasks at once: a whole number from 1. */
  readonly capacity: number;
  /** `WORK_STEALING_POOL_WORKER`, as JSON, unless given. */
  readonly settings?: WorkerSettings | undefined;
  /** Names the worker in its group; a random one unless given. Two workers must never have the same. */
  readonly worker?: string | undefined;
  /** Is told what happens; what it throws is ignored. */
  readonly observe?: ((event: WorkerEvent) => void) | undefined;
}

/**
 * For a worker that lives only as long as there is work.
 * @internal
 */
export interface Shift {
  readonly membership: (props: MembershipProps) => Membership;
  /** It asks for no more tasks from then on. */
  readonly takesUntil: number;
  /** And leaves when it has had nothing to do for so long. */
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
/** That it has become idle, or has done what it had under way, is told at once, but not more often than this. */
const BETWEEN_TELLINGS_MS = 2_000;

/**
 * Takes tasks from its group's queue, and from others' where the pool's leader wants it to, and does them. A task is taken only when there is a place
 * for it, hidden as long as it is under way, and deleted only when it is done: a worker may die at any moment.
 *
 * @example
 * import { PoolWorker } from 'cdk-integration-patterns/runtime/work-stealing-pool';
 *
 * const worker = new PoolWorker({ documents, sqs, capacity: 4, work: async ({ task }) => render(task.payload) });
 * process.once('SIGTERM', () => worker.stop());
 * await worker.run();
 */
export class PoolWorker {
  /** Names it in its group. */
  readonly worker: string;

  private readonly settings: WorkerSettings;
  private readonly grants: GrantBook;
  private readonly own: GroupQueue;
  private readonly queues: ReadonlyMap<string, GroupQueue>;
  private readonly membership: Membership;
  private readonly attempts: Attempts;
  private readonly events: WorkerEvents;
  private readonly dry: Record<string, number> = {};
  private readonly bell = new Bell();
  private readonly ended = new Bell();
  private costs = new CostMeter();
  private turn: Promise<unknown> = Promise.resolve();
  private stopped = false;
  private accepting = false;
  private retired = false;
  private over = false;
  private idle = false;
  private told = { at: 0, idle: false, running: 0 };

  constructor(props: PoolWorkerProps);
  /** @internal */
  constructor(props: PoolWorkerProps, shift?: Shift);
  constructor(private readonly props: PoolWorkerProps, private readonly shift?: Shift) {
    const { documents, sqs, capacity, settings = settingsOfEnvironment(), worker = randomUUID() } = props;
    checkSettings(settings, capacity);
    this.settings = settings;
    this.worker = worker;
    const { tableName, group, leaseSeconds, retentionSeconds, queueUrls } = settings;
    const now = Date.now;
    this.grants = new GrantBook({ client: documents, tableName, group, worker, victims: Object.keys(queueUrls), now });
    this.queues = new Map(Object.entries(queueUrls).map(([name, url]) => [name, new GroupQueue(name, sqs, url)]));
    this.own = this.queues.get(group)!;
    const membership = { client: documents, tableName, group, worker, capacity, leaseSeconds, now };
    this.membership = shift?.membership(membership) ?? new ExternalMembership(membership);
    this.events = new WorkerEvents(props.observe);
    this.attempts = new Attempts({
      settings,
      claims: new TaskClaims({ client: documents, tableName, worker, leaseSeconds, retentionSeconds, now }),
      work: props.work,
      events: this.events,
      hasTime: () => this.takesMore(),
      onDone: (seconds) => this.costs.add(seconds),
      onEnd: () => this.bell.ring(),
    });
  }

  /**
   * Works until it is stopped, and until what it has under way is done. Answers false when it may not work, because another runner does.
   * @throws when the pool's table cannot be reached to begin with
   */
  async run(): Promise<boolean> {
    if (!await this.join()) return false;
    const heart = this.beat();
    await this.take();
    while (this.attempts.size > 0) await this.bell.wait(this.heartbeatMs);
    this.over = true;
    this.ended.ring();
    await heart;
    await this.events.trying('leaving the group', () => this.membership.leave());
    return true;
  }

  /** Takes no more tasks; `run` ends when those under way are done. */
  stop(): void {
    this.stopped = true;
    this.bell.ring();
  }

  private async join(): Promise<boolean> {
    this.retired = await this.isRetired();
    this.accepting = await this.membership.join();
    const { meanSeconds, meanSquareSeconds } = this.membership.measured;
    this.costs = new CostMeter(meanSeconds, meanSquareSeconds);
    return this.accepting;
  }

  private async take(): Promise<void> {
    let idleSince = Date.now();
    while (this.takesMore()) {
      if (this.retired && this.shift && this.attempts.size === 0) break;
      if (this.retired || this.free() < 1) {
        await this.bell.wait(this.heartbeatMs);
      } else if (!await this.takeSome() && this.attempts.size === 0) {
        if (this.shift && Date.now() - idleSince >= this.shift.leavesAfterIdleMs && !await this.cameMeanwhile()) break;
        continue;
      }
      idleSince = Date.now();
    }
    this.accepting = false;
    if (this.attempts.size > 0) await this.tell();
  }

  /** From its own queue, else from where the leader wants it to. Answers whether there was anything. */
  private async takeSome(): Promise<boolean> {
    const own = await this.takeFrom(this.own, this.free(), this.patience());
    if (own !== 0) {
      this.idle = false;
      return true;
    }
    // Also before it steals: the leader plans for those that are idle, and what it planned for this one is soon taken.
    await this.tellIdle();
    await this.events.trying('reading the plan', () => this.grants.look());
    for (const { victim, tasks } of this.grants.open()) {
      const places = Math.min(this.free(), tasks);
      if (places < 1 || !this.takesMore()) break;
      const taken = await this.takeFrom(this.queues.get(victim)!, places, POLL_SECONDS);
      if (taken === 0) {
        this.grants.dry(victim);
        this.dry[victim] = Date.now();
      } else if (taken !== undefined) {
        this.grants.taken(victim, taken);
        return true;
      }
    }
    return false;
  }

  /** How long its own queue is waited for while it is empty: not at all while there is something to steal, long while nothing waits anywhere. */
  private patience(): number {
    if (this.grants.open().length > 0) return 0;
    const isQuiet = this.idle && !this.grants.poolIsBusy && this.attempts.size === 0;
    return isQuiet && !this.shift ? QUIET_POLL_SECONDS : POLL_SECONDS;
  }

  /** Answers how many there were; nothing when that is unknown. */
  private async takeFrom(queue: GroupQueue, most: number, waitSeconds: number): Promise<number | undefined> {
    const messages = await this.events.trying('receiving', () => queue.receive(most, waitSeconds));
    if (!messages) await this.bell.wait(TROUBLE_PAUSE_MS);
    else if (this.accepting && !this.stopped) messages.forEach((message) => this.attempts.begin(queue, message));
    else await this.giveBack(queue, messages);
    return messages?.length;
  }

  /** Whoever sends a task looks afterwards whether there is a runner: this one leaves first, and looks once more then. */
  private async cameMeanwhile(): Promise<boolean> {
    return this.inTurn(async () => {
      this.accepting = false;
      await this.events.trying('leaving the group', () => this.membership.leave());
      const messages = await this.events.trying('receiving', () => this.own.receive(1, POLL_SECONDS));
      if (messages?.length === 0) return false;
      this.accepting = await this.events.trying('joining the group', () => this.membership.join()) ?? false;
      if (this.accepting) messages?.forEach((message) => this.attempts.begin(this.own, message));
      else await this.giveBack(this.own, messages ?? []);
      return this.accepting;
    });
  }

  private async giveBack(queue: GroupQueue, messages: readonly Received[]): Promise<void> {
    await this.events.trying('giving back what another may do', () => queue.hide(messages.map(({ receiptHandle }) => receiptHandle), 0));
  }

  private async beat(): Promise<void> {
    const beats = [() => this.tell(), () => this.attempts.keep(), () => this.readControl()];
    await this.ended.wait(this.heartbeatMs);
    while (!this.over) {
      await Promise.all(beats.map((beat) => beat()));
      this.shift?.onHeartbeat();
      if (!this.over) await this.ended.wait(this.heartbeatMs);
    }
  }

  private async readControl(): Promise<void> {
    this.retired = await this.events.trying('reading the control', () => this.isRetired()) ?? this.retired;
    this.bell.ring();
  }

  private isRetired(): Promise<boolean> {
    return isRetired({ ...this.settings, client: this.props.documents });
  }

  private async tell(): Promise<void> {
    await this.inTurn(async () => {
      const { accepting, idle, dry, attempts } = this;
      const running = attempts.size;
      this.told = { at: Date.now(), idle, running };
      const state = { accepting, running, idle, dry: { ...dry }, ...this.costs.reading() };
      const may = await this.events.trying('renewing the lease', () => this.membership.tell(state));
      if (may === false) this.accepting = false;
    });
    this.bell.ring();
  }

  private async tellIdle(): Promise<void> {
    this.idle = true;
    const isNews = !this.told.idle || this.told.running !== this.attempts.size;
    if (isNews && Date.now() - this.told.at >= BETWEEN_TELLINGS_MS) await this.tell();
  }

  /** What it says of itself arrives in the order in which it says it: a renewal must not come after it has left. */
  private inTurn<T>(say: () => Promise<T>): Promise<T> {
    const turn = this.turn.then(say);
    this.turn = turn;
    return turn;
  }

  private takesMore(): boolean {
    return this.accepting && !this.stopped && Date.now() < (this.shift?.takesUntil ?? Infinity);
  }

  private free(): number {
    return this.membership.capacity - this.attempts.size;
  }

  private get heartbeatMs(): number {
    return this.settings.leaseSeconds * 1000 / HEARTBEATS_A_LEASE;
  }
}
