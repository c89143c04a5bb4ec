import { programDirectory } from './assembly';
import { Books } from './books';
import { EFFECTS_TABLE, type Work } from './programs/work';
import { type LogsService, type ProcessRun, Simulation, type SimulationOptions, type TraceEntry } from '../../simulator/src';
import { COMMIT_ENV, itemKey, type QueuedTask, type Task, WORKER_ENV } from '../../src/work-stealing-pool/contract';
import { itemsOf, operate } from '../simulate';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

const OPERATOR = { principal: { kind: 'operator' }, name: 'operator', faultFree: true } as const;
const MOST_ENTRIES = 10;
/** Who wakes them does so again: a wake that is lost is of no use to anybody. */
const WOKEN = /^Render\/(Tick|Coordinate|\w+\/Run)$/;

/** A task of a scene. */
export interface SceneTask extends Omit<Task, 'payload'> {
  readonly work?: Work;
}

/** A deployed pool with its users, its operator and its workers outside. */
export class Scene {
  readonly simulation: Simulation;
  readonly books = new Books();
  /** Invocations of all functions that ended badly, and that began. */
  readonly deaths: { readonly at: number; readonly name: string }[] = [];
  readonly invocations: { readonly at: number; readonly name: string }[] = [];

  constructor(assembly: string, options: SimulationOptions = {}) {
    const listener = ({ at, subject: name, event, detail: { status } = {} }: TraceEntry) => {
      if (event === 'lambda.start') this.invocations.push({ at, name });
      if (event === 'lambda.end' && status !== undefined) this.deaths.push({ at, name });
    };
    this.simulation = Simulation.load(assembly, {
      latency: { 'lambda.init': { median: 200, p99: 400 } }, trace: { listener }, ...options,
    });
    const logs = this.simulation.world.service<LogsService>('logs');
    for (const { type, logicalId, provisioned } of this.simulation.resources) {
      if (type === 'AWS::Lambda::Function' && logicalId.startsWith('On')) logs.listen(`/aws/lambda/${provisioned.ref}`, (line) => this.books.read(line));
      if (type === 'AWS::Logs::LogGroup' && /^\w+Log[0-9A-F]{8}$/.test(logicalId)) logs.listen(String(provisioned.ref), (line) => this.books.read(line));
    }
  }

  get now(): number {
    return this.simulation.world.kernel.now;
  }

  /** Submits at this moment. Nothing is waited for. */
  submit(submitted: readonly SceneTask[]): void {
    this.note(submitted);
    this.send('Render/Submit', submitted.map(({ work = {}, ...task }) => JSON.stringify({ ...task, payload: work })));
  }

  /** Puts tasks where no router chose to put them. */
  place(group: string, placed: readonly SceneTask[]): void {
    this.note(placed);
    const submittedAt = new Date(this.now).toISOString();
    this.send(`Render/${group}/Queue`, placed.map(({ work = {}, ...task }) => JSON.stringify({ ...task, payload: work, home: group, submittedAt } satisfies QueuedTask)));
  }

  private note(submitted: readonly SceneTask[]): void {
    const { books, now } = this;
    for (const { id, work } of submitted) books.submitted.set(id, books.submitted.get(id) ?? { at: now, commits: work?.commits ?? false });
  }

  /** Sends messages, as many as one call takes at once. */
  send(queue: string, bodies: readonly string[]): void {
    const QueueUrl = this.simulation.find(queue, ['AWS::SQS::Queue']).provisioned.ref;
    for (let from = 0; from < bodies.length; from += MOST_ENTRIES) {
      const Entries = bodies.slice(from, from + MOST_ENTRIES).map((MessageBody, index) => ({ Id: String(index), MessageBody }));
      void this.simulation.world.call({ service: 'sqs', operation: 'SendMessageBatch', input: { QueueUrl, Entries }, caller: OPERATOR });
    }
  }

  /** Starts a worker outside, of a group of such. */
  worker(group: string, { capacity = 4, name = group }: { readonly capacity?: number; readonly name?: string } = {}): ProcessRun {
    const { simulation } = this;
    return simulation.process({
      code: programDirectory('worker'),
      handler: 'index.main',
      role: `${group}Role`,
      name,
      logGroup: `${group}Log`,
      environment: {
        [WORKER_ENV]: String(simulation.outputs.Test![`${group}Settings`]),
        [COMMIT_ENV.TABLE_NAME]: this.table,
        [EFFECTS_TABLE]: String(simulation.find('Effects', ['AWS::DynamoDB::Table']).provisioned.ref),
        CAPACITY: String(capacity),
      },
    });
  }

  /** How often a handler of the pool was invoked, as `Coordinate` or `A/Run`. */
  invocationsOf(handler: string): readonly { readonly at: number }[] {
    return this.invocations.filter(({ name }) => name === `Render/${handler}`);
  }

  at(inMs: number, act: () => unknown): void {
    this.simulation.world.kernel.schedule(inMs, () => void act());
  }

  /** So long, whatever happens. */
  async pass(ms: number): Promise<void> {
    await this.simulation.run({ deadline: this.now + ms });
  }

  /** Until nothing is left to happen. @throws when that is not so after hours: somebody waits for ever */
  async rest(): Promise<void> {
    const end = this.now + 3 * HOUR;
    if (await this.simulation.run({ until: () => this.now > end }) !== 'quiet') throw new Error('the pool does not come to rest');
  }

  /** What an operator does: one update of the control item. */
  async retire(group: string, retired: boolean = true): Promise<void> {
    const { id, entry } = itemKey.control(group);
    await operate(this.simulation, 'dynamodb', 'UpdateItem', {
      TableName: this.table,
      Key: { id: { S: id }, entry: { S: entry } },
      UpdateExpression: 'SET retired = :retired',
      ExpressionAttributeValues: { ':retired': { BOOL: retired } },
    });
  }

  /** Ids of the tasks in a group's dead-letter queue. */
  async deadLetters(group: string): Promise<string[]> {
    const QueueUrl = this.simulation.find(`Render/${group}/DeadLetters`, ['AWS::SQS::Queue']).provisioned.ref;
    const found: string[] = [];
    for (;;) {
      const { Messages = [] } = await operate<{ Messages?: { Body: string }[] }>(this.simulation, 'sqs', 'ReceiveMessage', {
        QueueUrl, MaxNumberOfMessages: MOST_ENTRIES, VisibilityTimeout: 0,
      });
      const bodies = Messages.map(({ Body }) => Body);
      if (bodies.every((body) => found.includes(body))) return found.map((body) => (JSON.parse(body) as QueuedTask).id);
      found.push(...bodies.filter((body) => !found.includes(body)));
    }
  }

  /** What does not hold of the promises that hold in every scene that has come to its end. */
  async violations({ places = {}, deadLetters = {} }: Expected = {}): Promise<string[]> {
    const { books, simulation } = this;
    const { denials, lost, undelivered } = simulation.report();
    const given = Object.values(deadLetters).flat();
    const done = new Set(this.items('task#').filter(({ state }) => state === 'DONE').map(({ id }) => String(id).slice('task#'.length)));
    const effects = itemsOf(simulation, 'Effects').map(({ task }) => String(task));
    const wrong: string[] = [];
    for (const [task, { commits }] of books.submitted) {
      const times = effects.filter((one) => one === task).length;
      if (!done.has(task) && !given.includes(task)) wrong.push(`task ${task} is lost`);
      if (done.has(task) && given.includes(task)) wrong.push(`task ${task} is done, and was to be given up`);
      if (times !== (commits && done.has(task) ? 1 : 0)) wrong.push(`task ${task} had its effect ${times} time(s)`);
    }
    for (const [group, most] of Object.entries(places)) if (books.mostAtOnce(group) > most) wrong.push(`${group} did ${books.mostAtOnce(group)} at once`);
    return [
      ...wrong,
      ...Object.entries(undelivered).map(([queue, depth]) => `${depth} message(s) left in ${queue}`),
      ...denials.map(({ name, action, resource }) => `${name} may not ${action} ${resource}`),
      ...lost.filter(({ subject }) => !WOKEN.test(subject)).map(({ subject, event }) => `${subject}: ${event}`),
    ];
  }

  /** Messages that wait or are under way, by queue: `A` is the group's. */
  waiting(): Record<string, number> {
    const queues = Object.entries(this.simulation.report().undelivered);
    return Object.fromEntries(queues.map(([queue, depth]) => [queue.replace(/^Render\/(\w+).*$/, '$1'), depth]));
  }

  /** Items of the pool's table whose partition key begins so. */
  items(prefix: string): Record<string, any>[] {
    return itemsOf(this.simulation, 'Render/Table').filter(({ id }) => String(id).startsWith(prefix));
  }

  get table(): string {
    return String(this.simulation.find('Render/Table', ['AWS::DynamoDB::Table']).provisioned.ref);
  }
}

export interface Expected {
  /** How many tasks a group may do at once. */
  readonly places?: Readonly<Record<string, number>>;
  /** The tasks that are to be given up, by the group to which they were routed. */
  readonly deadLetters?: Readonly<Record<string, readonly string[]>>;
}

/** So many tasks, alike unless told otherwise. */
export function tasks(count: number, work: Work | ((index: number) => Work) = {}, name: string = 'task'): SceneTask[] {
  return Array.from({ length: count }, (_, index) => ({ id: `${name}-${index}`, work: typeof work === 'function' ? work(index) : work }));
}

/** Tasks that only one group may get; others may steal them. */
export function onlyFor(group: string, submitted: readonly SceneTask[]): SceneTask[] {
  return submitted.map((task) => ({ ...task, groups: [group] }));
}
