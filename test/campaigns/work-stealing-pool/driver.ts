import * as path from 'path';
import { Books } from './books';
import { FLEET, type Group, GROUPS, POOL, type UserEnv } from './environment';
import type { PoolFaults } from './faults';
import { Places } from './places';
import { Plans } from './plans';
import { EFFECTS_TABLE, FLEET_LOG, FLEET_ROLE, OUTPUT } from './stack';
import { MENDED_MS, MINUTE, SECOND, type SubmittedTask, type Workload } from './workload';
import type { ProcessRun, Simulation, SqsService } from '../../../simulator/src';
import { itemKey, WORKER_ENV } from '../../../src/work-stealing-pool/contract';

const OPERATOR = { principal: { kind: 'operator' }, name: 'operator', faultFree: true } as const;
/** What retries, leases and late depths add up to, once nothing goes wrong any more. */
export const LONGEST_REST_MS = 20 * MINUTE;
/** A container that ends is replaced, unless nobody wants it. */
const REPLACED_AFTER_MS = 5 * SECOND;

/** Submits, retires, deploys, and replaces containers that died. */
export class Driver {
  readonly books: Books;
  readonly plans: Plans;
  readonly places: Places;
  /** Texts of messages that are no tasks. */
  readonly garbage: string[] = [];
  private readonly fleet = new Map<string, ProcessRun>();
  private readonly startedAt: number;
  private started = 0;
  private over = false;

  constructor(private readonly simulation: Simulation, private readonly assembly: string, private readonly plan: Workload, faults: PoolFaults) {
    this.startedAt = simulation.world.kernel.now;
    this.books = new Books(simulation);
    this.plans = new Plans(simulation, (url) => this.books.groupOf(url), faults, plan.weather !== 'UNSTEADY');
    this.places = new Places(simulation, this.books, () => [...this.fleet.keys()]);
    this.places.watch(() => this.over);
    for (const { atMs, tasks, garbage } of plan.submissions) this.at(atMs, () => this.submit(tasks, garbage));
    for (const { group, fromMs, toMs } of plan.retirements) {
      this.at(fromMs, () => this.retire(group, true));
      this.at(toMs, () => this.retire(group, false));
    }
    for (let count = 0; count < plan.fleet; count++) this.employ();
    for (const atMs of plan.replacements) this.at(atMs, () => [...this.fleet.values()][0]?.stop());
  }

  /** Lets time pass until nothing goes wrong any more and all queues are empty, then until nothing is left to happen. @returns whether both came in time */
  async settle(): Promise<{ readonly empty: boolean; readonly quiet: boolean }> {
    const { simulation } = this;
    const { kernel } = simulation.world;
    const lastMs = Math.max(MENDED_MS, ...this.plan.submissions.map(({ atMs }) => atMs));
    await simulation.run({ deadline: this.startedAt + lastMs + SECOND });
    const latest = kernel.now + LONGEST_REST_MS;
    // With a deadline, so that the minute's ticks come.
    while (!this.isEmpty && kernel.now < latest) await simulation.run({ deadline: kernel.now + 5 * SECOND });
    const empty = this.isEmpty;
    this.over = true;
    for (const worker of this.fleet.values()) worker.stop();
    const end = await simulation.run({ until: () => kernel.now > latest + LONGEST_REST_MS });
    return { empty, quiet: end === 'quiet' };
  }

  private get isEmpty(): boolean {
    const wanted = [`${POOL}/Submit`, ...GROUPS.map((group) => `${POOL}/${group}/Queue`)];
    const queues = this.simulation.world.service<SqsService>('sqs').queues().filter(({ name }) => wanted.includes(name));
    return queues.every(({ visible, inFlight, delayed }) => visible + inFlight + delayed === 0);
  }

  private submit(tasks: readonly SubmittedTask[], garbage: readonly string[]) {
    const QueueUrl = this.simulation.find(`${POOL}/Submit`, ['AWS::SQS::Queue']).provisioned.ref;
    for (const task of tasks) this.books.submitted.set(task.id, { task, times: (this.books.submitted.get(task.id)?.times ?? 0) + 1 });
    this.garbage.push(...garbage);
    for (const MessageBody of [...tasks.map((task) => JSON.stringify(task)), ...garbage]) this.call('sqs', 'SendMessage', { QueueUrl, MessageBody });
  }

  private retire(group: Group, retired: boolean) {
    const { id, entry } = itemKey.control(group);
    const TableName = this.simulation.find(`${POOL}/Table`, ['AWS::DynamoDB::Table']).provisioned.ref;
    this.call('dynamodb', 'PutItem', { TableName, Item: { id: { S: id }, entry: { S: entry }, retired: { BOOL: retired } } });
  }

  private employ() {
    const { simulation } = this;
    const name = `${FLEET}/${++this.started}`;
    const outputs = simulation.outputs.Campaign!;
    const environment: UserEnv = { EFFECTS_TABLE: simulation.find(EFFECTS_TABLE, ['AWS::DynamoDB::Table']).provisioned.ref, WORKER: name };
    const worker = simulation.process({
      name,
      code: path.join(this.assembly, String(outputs[OUTPUT.CODE])),
      handler: 'index.main',
      role: FLEET_ROLE,
      logGroup: FLEET_LOG,
      environment: { ...environment, [WORKER_ENV]: String(outputs[OUTPUT.SETTINGS]) } as Record<string, string>,
    });
    this.fleet.set(name, worker);
    void worker.result.then(() => {
      this.fleet.delete(name);
      if (!this.over) this.at(REPLACED_AFTER_MS, () => { if (!this.over) this.employ(); });
    });
  }

  private call(service: string, operation: string, input: object) {
    void this.simulation.world.call({ service, operation, input, caller: OPERATOR });
  }

  private at(ms: number, act: () => void) {
    this.simulation.world.kernel.schedule(ms, act);
  }
}
