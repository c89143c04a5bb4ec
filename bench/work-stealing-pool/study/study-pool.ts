import { Agenda } from './agenda';
import { DepthReadings, type Staleness } from './depth-readings';
import { LOOK, ROUTE, WAKE } from './latencies';
import type { Outcome } from './outcome';
import type { Scene, StudyGroup } from './scene';
import { type PublishedPlan, StudyWorker } from './study-worker';
import { type Queued, TaskQueue } from './task-queue';
import { type GroupView, NO_HISTORY, plan } from '../../../lambda-src/work-stealing-pool/planning/plan';
import { route } from '../../../lambda-src/work-stealing-pool/routing/route';
import { SentSince } from '../../../lambda-src/work-stealing-pool/routing/sent-since';
import type { GroupLoad, PlanHistory, Routing, StealingSettings } from '../../../src/work-stealing-pool/contract';

export interface PoolProps {
  /** Absent: each group does its own tasks only. */
  readonly stealing?: StealingSettings;
  readonly staleness: Staleness;
  /** Of tasks without a key; those with one go by it. */
  readonly withoutKey?: Routing;
}

interface Group extends StudyGroup {
  readonly queue: TaskQueue;
  readonly readings: DepthReadings;
  readonly workers: StudyWorker[];
}

const AFFINITY: Routing = { kind: 'AFFINITY', member: 'key' };
const LOOKS_AN_INTERVAL = 5;
const LOOK_WITHOUT_STEALING = 3;
const WORKER_PLACES = 4;
/** Until it is measured. */
const TYPICAL_SECONDS = 5;
/** Execution environments of the router: each remembers only what it sent itself. */
const ROUTERS = 10;

/** The pool, with its real planner and router, among queues, workers and a leader that are played. */
export class StudyPool {
  private readonly agenda = new Agenda();
  private readonly groups: Group[];
  private readonly homes = new Map<string, string>();
  private readonly routers = Array.from({ length: ROUTERS }, () => new SentSince());
  private readonly routing;
  private published: PublishedPlan = { revision: 0, grants: [], busy: false };
  private load: Readonly<Record<string, GroupLoad>> = {};
  private history: PlanHistory = NO_HISTORY;
  private left: number;
  private stolen = 0;
  private warm = 0;
  private waited = 0;

  constructor(private readonly scene: Scene, private readonly props: PoolProps) {
    this.left = scene.tasks.length;
    this.routing = scene.random.fork('routing');
    const ages = scene.random.fork('ages');
    this.groups = scene.groups.map((group) => {
      const queue = new TaskQueue(this.agenda);
      return { ...group, queue, readings: new DepthReadings(queue, props.staleness, () => ages.next()), workers: [] };
    });
    const queues = new Map(this.groups.map(({ name, queue }) => [name, queue]));
    this.groups.forEach((group) => group.workers.push(...this.workersOf(group, queues)));
  }

  run(): Outcome {
    this.scene.tasks.forEach((task, index) => this.agenda.after(task.at + ROUTE, () => this.submit(index)));
    this.eachSecond();
    this.agenda.after(ROUTE + WAKE, () => this.look());
    this.agenda.run(() => this.left === 0);
    const { length } = this.scene.tasks;
    return { makespan: this.agenda.now, tasks: length, stolen: this.stolen, warm: this.warm, meanWait: this.waited / length };
  }

  private workersOf(group: Group, queues: ReadonlyMap<string, TaskQueue>): StudyWorker[] {
    const random = this.scene.random.fork(group.name);
    const worker = (name: string | undefined, capacity: number) => new StudyWorker({
      agenda: this.agenda, group: group.name, worker: name, capacity, own: group.queue, queues, random: () => random.next(),
      plan: () => this.published,
      secondsOf: ({ home, seconds }) => home === group.name ? seconds : seconds * (1 + this.scene.coldPenalty),
      begun: ({ home, at }) => {
        if (home === group.name) this.warm++;
        else this.stolen++;
        this.waited += this.agenda.now - at;
      },
      done: () => this.left--,
    });
    if (group.kind === 'FUNCTION') return [worker(undefined, group.places)];
    const count = Math.ceil(group.places / WORKER_PLACES);
    return Array.from({ length: count }, (_, index) => worker(`worker-${index}`, Math.floor((group.places + index) / count)));
  }

  private submit(index: number): void {
    const task = this.scene.tasks[index];
    const home = task.key === undefined ? this.placed(index) : this.homeOf(task.key);
    const group = this.groups.find(({ name }) => name === home)!;
    group.queue.send({ ...task, home } satisfies Queued);
    if (group.kind === 'FUNCTION') group.workers[0].wake();
  }

  /** Which does not change as long as no group is retired. */
  private homeOf(key: string): string {
    const home = this.homes.get(key) ?? route({ key }, this.routable(), AFFINITY, () => 0)!;
    this.homes.set(key, home);
    return home;
  }

  private placed(index: number): string {
    const memory = this.routers[index % ROUTERS];
    memory.read(this.published.revision);
    const home = route({}, this.routable(memory), this.props.withoutKey ?? { kind: 'POWER_OF_TWO_CHOICES' }, () => this.routing.next())!;
    memory.sent(home, this.load[home]?.meanSeconds ?? TYPICAL_SECONDS);
    return home;
  }

  private routable(memory?: SentSince) {
    return this.groups.map(({ name, places }) => ({
      name, weight: places, capacity: places, retired: false,
      backlogSeconds: (this.load[name]?.backlogSeconds ?? 0) + (memory?.backlogSeconds(name, places) ?? 0),
    }));
  }

  private eachSecond(): void {
    this.groups.forEach(({ readings }) => readings.sample());
    this.agenda.after(1, () => this.eachSecond());
  }

  private look(): void {
    const { stealing } = this.props;
    const groups = this.groups.map((group) => this.view(group));
    const { grants, load, history } = plan({ now: this.agenda.now * 1000, groups, stealing, history: this.history });
    this.history = history;
    this.agenda.after(LOOK, () => {
      this.load = load;
      this.published = { revision: this.published.revision + 1, grants, busy: groups.some(({ waiting }) => waiting > 0) };
      for (const { kind, name, workers } of this.groups) {
        if (kind === 'FUNCTION' && (load[name].waiting > 0 || grants.some(({ thief }) => thief === name))) workers[0].wake();
      }
    });
    this.agenda.after(stealing ? stealing.intervalSeconds / LOOKS_AN_INTERVAL : LOOK_WITHOUT_STEALING, () => this.look());
  }

  private view({ name, places, kind, readings, workers }: Group): GroupView {
    const measured = workers.map(({ costs }) => costs.reading()).filter(({ meanSeconds }) => meanSeconds !== undefined);
    const mean = (of: (reading: typeof measured[number]) => number) => measured.reduce((sum, reading) => sum + of(reading), 0) / measured.length;
    return {
      name,
      waiting: readings.read(this.agenda.now),
      inFlight: 0,
      capacity: places,
      meanSeconds: measured.length > 0 ? mean(({ meanSeconds }) => meanSeconds!) : TYPICAL_SECONDS,
      ...(measured.length > 0 && { meanSquareSeconds: mean(({ meanSquareSeconds }) => meanSquareSeconds!) }),
      stealsFrom: this.groups.map((other) => other.name).filter((other) => other !== name),
      retired: false,
      alive: true,
      workers: workers.map(({ item, awake }) => kind === 'FUNCTION' && !awake ? { ...item, free: places, idle: true } : item),
    };
  }
}
