import type { Agenda } from './agenda';
import { BOOKKEEPING, READ_PLAN, WAKE } from './latencies';
import type { Queued, TaskQueue } from './task-queue';
import type { WorkerView } from '../../../lambda-src/work-stealing-pool/planning/plan';
import { CostMeter } from '../../../runtime-src/work-stealing-pool/cost-meter';
import type { Grant } from '../../../src/work-stealing-pool/contract';

/** What a worker reads of the leader's. */
export interface PublishedPlan {
  readonly revision: number;
  readonly grants: readonly Grant[];
  /** Something waits somewhere. */
  readonly busy: boolean;
}

export interface WorkerProps {
  readonly agenda: Agenda;
  readonly group: string;
  /** Absent: the runner of a function, which sleeps when there is nothing to do. */
  readonly worker: string | undefined;
  readonly capacity: number;
  readonly own: TaskQueue;
  readonly queues: ReadonlyMap<string, TaskQueue>;
  readonly plan: () => PublishedPlan;
  /** How long the task takes here. */
  readonly secondsOf: (task: Queued) => number;
  readonly begun: (task: Queued) => void;
  readonly done: () => void;
  readonly random: () => number;
}

const POLL = 1;
const QUIET_POLL = 10;
const HEARTBEAT = 10;
const BETWEEN_TELLINGS = 2;
const LEAVES_AFTER_IDLE = 10;

/** The loop of `PoolWorker`, without what happens when something fails. */
export class StudyWorker {
  /** What the leader sees of it, as it was when it told of itself last. */
  item: WorkerView;
  readonly costs = new CostMeter();
  awake: boolean;
  private running = 0;
  private full = false;
  private told = 0;
  private idleSince = 0;
  private revision = -1;
  private left: { readonly victim: string; tasks: number }[] = [];
  private busy = false;
  private idle = true;
  private readonly dry: Record<string, number> = {};

  constructor(private readonly props: WorkerProps) {
    const { worker, capacity, agenda, random } = props;
    this.item = { worker, capacity, free: capacity, idle: true, dry: {} };
    this.awake = worker !== undefined;
    if (!this.awake) return;
    agenda.after(HEARTBEAT * random(), () => this.beat());
    agenda.after(QUIET_POLL * random(), () => this.takeOwn());
  }

  /** Does nothing when it is awake. */
  wake(): void {
    if (this.awake) return;
    this.awake = true;
    this.props.agenda.after(WAKE, () => {
      this.idleSince = this.props.agenda.now;
      this.idle = false;
      this.tell();
      this.takeOwn();
    });
    this.props.agenda.after(WAKE + HEARTBEAT, () => this.beat());
  }

  private get free(): number {
    return this.props.capacity - this.running;
  }

  private takeOwn(): void {
    this.full = this.free === 0;
    if (this.full) return;
    this.props.own.receive(this.free, this.patience(), (tasks) => {
      if (tasks.length === 0) return this.readPlan();
      this.begin(tasks);
    });
  }

  private patience(): number {
    if (this.left.length > 0) return 0;
    return this.busy || this.running > 0 || this.props.worker === undefined ? POLL : QUIET_POLL;
  }

  private readPlan(): void {
    this.idle = true;
    const isNews = !this.item.idle || this.item.free !== this.free;
    if (isNews && this.props.agenda.now - this.told >= BETWEEN_TELLINGS) this.tell();
    this.props.agenda.after(READ_PLAN, () => {
      const { revision, grants, busy } = this.props.plan();
      this.busy = busy;
      if (revision !== this.revision) {
        const { group, worker } = this.props;
        this.revision = revision;
        this.left = grants.filter((grant) => grant.thief === group && (grant.worker ?? worker) === worker)
          .map(({ victim, tasks }) => ({ victim, tasks }));
      }
      this.steal();
    });
  }

  private steal(): void {
    const grant = this.left[0];
    if (!grant || this.free === 0) return this.foundNothing();
    this.props.queues.get(grant.victim)!.receive(Math.min(this.free, grant.tasks), POLL, (tasks) => {
      grant.tasks -= tasks.length;
      if (tasks.length === 0) this.dry[grant.victim] = this.props.agenda.now * 1000;
      if (tasks.length === 0 || grant.tasks === 0) this.left = this.left.filter((each) => each !== grant);
      if (tasks.length === 0) return this.steal();
      this.begin(tasks);
    });
  }

  private foundNothing(): void {
    const { now } = this.props.agenda;
    if (this.props.worker === undefined && this.running === 0 && now - this.idleSince >= LEAVES_AFTER_IDLE) {
      this.tell();
      this.awake = false;
      if (this.props.own.waiting > 0) this.wake();
      return;
    }
    this.takeOwn();
  }

  private begin(tasks: readonly Queued[]): void {
    this.running += tasks.length;
    if (tasks[0].home === this.props.group) this.idle = false;
    this.idleSince = this.props.agenda.now;
    for (const task of tasks) {
      const seconds = this.props.secondsOf(task);
      this.props.begun(task);
      this.props.agenda.after(seconds + BOOKKEEPING, () => this.finish(seconds));
    }
    this.takeOwn();
  }

  private finish(seconds: number): void {
    this.running--;
    this.costs.add(seconds);
    this.idleSince = this.props.agenda.now;
    this.props.done();
    if (this.full) this.takeOwn();
  }

  private beat(): void {
    if (!this.awake) return;
    this.tell();
    this.props.agenda.after(HEARTBEAT, () => this.beat());
  }

  private tell(): void {
    this.told = this.props.agenda.now;
    this.item = { worker: this.props.worker, capacity: this.props.capacity, free: this.free, idle: this.idle, dry: { ...this.dry } };
  }
}
