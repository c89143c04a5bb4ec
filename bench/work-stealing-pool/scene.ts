import { Stack } from 'aws-cdk-lib';
import { Bill, type BillParts, SUBMITTER } from './bill';
import { type BenchTask, type Design, groupNames, type PoolShape } from './design';
import { TASK_FUNCTION } from './task-function';
import { type CallFault, type FaultableCall, type FunctionOverride, NO_FAULTS, Random, Simulation, type TraceEntry } from '../../simulator/src';
import { withAssembly } from '../assembly';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

const OPERATOR = { principal: { kind: 'operator' }, name: SUBMITTER, faultFree: true } as const;
const MOST_ENTRIES = 10;
/** Nothing in a pool updates an item without a condition. Of the items that are put, the leader's is the only one with a condition. */
const CONDITIONAL = /^\S+ dynamodb\.UpdateItem$|^Pool\/Coordinate dynamodb\.PutItem$/;

export interface SceneProps {
  readonly shape: PoolShape;
  /** How much longer a task takes where its caches are cold: 0.3 is 30 %. */
  readonly coldPenalty?: number;
}

/** A function that began to do a task. */
export interface Beginning {
  readonly id: string;
  readonly at: number;
  readonly cold: boolean;
}

/** The death of a runner. */
export interface Death {
  readonly at: number;
  /** Tasks that its group's function was doing. */
  readonly underWay: readonly string[];
}

/** A design that is deployed, with the functions that do its tasks and whoever submits them. */
export class Scene {
  static open<Result>(design: Design, props: SceneProps, play: (scene: Scene) => Promise<Result>): Promise<Result> {
    return withAssembly((app) => design.build(new Stack(app, 'Bench'), props.shape), (assembly) => play(new Scene(design, props, assembly)));
  }

  readonly beginnings: Beginning[] = [];
  /** When each task was done first. */
  readonly doneAt = new Map<string, number>();
  readonly deaths: Death[] = [];
  readonly conditionalWrites = { made: 0, failed: 0 };
  private readonly simulation: Simulation;
  private readonly bill: Bill;
  /** By the function that does them. */
  private readonly underWay = new Map<string, Set<string>>();
  private readonly chance = new Random('bench/work-stealing-pool/home');
  private submitted = 0;
  private doomed: string | undefined;

  private constructor(private readonly design: Design, private readonly props: SceneProps, assembly: string) {
    this.bill = new Bill(design.routes === true);
    const names = ['', ...groupNames(props.shape)].map((group) => `${TASK_FUNCTION}${group}`);
    this.simulation = Simulation.load(assembly, {
      functionOverrides: Object.fromEntries(names.map((name) => [name, this.playing(name)])),
      faults: { ...NO_FAULTS, onCall: (call) => this.kill(call) },
      trace: { listener: (entry) => this.observe(entry) },
    });
  }

  get now(): number {
    return this.simulation.world.kernel.now;
  }

  /** Submits at this moment, as many as one call takes at once. */
  submit(tasks: readonly BenchTask[]): void {
    this.submitted += tasks.length;
    const byQueue = new Map<string, BenchTask[]>();
    for (const task of tasks) {
      const queue = this.design.queueFor(task, this.props.shape);
      byQueue.set(queue, [...byQueue.get(queue) ?? [], task]);
    }
    for (const [queue, its] of byQueue) {
      const QueueUrl = this.simulation.find(queue, ['AWS::SQS::Queue']).provisioned.ref;
      for (let from = 0; from < its.length; from += MOST_ENTRIES) {
        const Entries = its.slice(from, from + MOST_ENTRIES).map((task, index) => ({ Id: String(index), MessageBody: JSON.stringify(task) }));
        void this.simulation.world.call({ service: 'sqs', operation: 'SendMessageBatch', input: { QueueUrl, Entries }, caller: OPERATOR });
      }
    }
  }

  async pass(ms: number): Promise<void> {
    await this.simulation.run({ deadline: this.now + ms });
  }

  /** Until each task is done. */
  async finish(atMostMs: number): Promise<void> {
    const deadline = this.now + atMostMs;
    await this.simulation.run({ deadline, until: () => this.doneAt.size === this.submitted });
    if (this.doneAt.size < this.submitted) throw new Error(`${this.design.name} has done ${this.doneAt.size} of ${this.submitted} tasks in ${atMostMs / MINUTE} minutes`);
  }

  /** Lets the group's runner die at its next call. */
  killRunner(group: string): void {
    this.doomed = group;
  }

  used(): BillParts {
    return this.bill.parts(this.simulation.world.meter.totals());
  }

  private playing(name: string): FunctionOverride {
    const doing = new Set<string>();
    this.underWay.set(name, doing);
    return async (event, _context, { sleep }) => {
      const { groups } = this.props.shape;
      const { id, seconds, isHome } = this.design.received(event);
      const cold = !(isHome ?? this.chance.fork(id).chance(1 / groups));
      this.beginnings.push({ id, at: this.now, cold });
      doing.add(id);
      await sleep(seconds * SECOND * (cold ? 1 + (this.props.coldPenalty ?? 0) : 1));
      doing.delete(id);
      if (!this.doneAt.has(id)) this.doneAt.set(id, this.now);
    };
  }

  private kill({ caller }: FaultableCall): CallFault | undefined {
    if (this.doomed === undefined || caller !== `Pool/${this.doomed}/Run`) return undefined;
    this.deaths.push({ at: this.now, underWay: [...this.underWay.get(`${TASK_FUNCTION}${this.doomed}`)!] });
    this.doomed = undefined;
    return { kind: 'crash-before' };
  }

  private observe(entry: TraceEntry): void {
    this.bill.observe(entry);
    const { subject, event, detail } = entry;
    if (!CONDITIONAL.test(`${subject} ${event}`)) return;
    this.conditionalWrites.made++;
    if (detail?.error === 'ConditionalCheckFailedException') this.conditionalWrites.failed++;
  }
}
