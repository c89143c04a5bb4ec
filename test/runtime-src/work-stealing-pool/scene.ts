import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { Queue } from './queue';
import { RunnerMembership } from '../../../runtime-src/work-stealing-pool/membership';
import { PoolWorker, type PoolWorkerProps, type Shift } from '../../../runtime-src/work-stealing-pool/worker';
import type { WorkerEvent } from '../../../runtime-src/work-stealing-pool/worker-events';
import { ServiceError } from '../../../simulator/src';
import { Engine, type OperationName } from '../../../simulator/src/services/dynamodb/engine';
import { defineTable } from '../../../simulator/src/services/dynamodb/schema';
import {
  type Assignment, ATTRIBUTE, type Grant, type GroupLoad, itemKey, type LeaderItem, type TaskItem, type WorkerItem, type WorkerSettings,
} from '../../../src/work-stealing-pool/contract';

export const NOON = Date.parse('2026-11-20T12:00:00Z');
export const TABLE = 'pool';
export const GROUPS = ['Gpu', 'Cpu'] as const;
export const LEASE_SECONDS = 30;

export interface Call {
  /** As `UpdateItem` or `ReceiveMessage`. */
  readonly operation: string;
  /** Of an operation of DynamoDB the sort key of its item, of one of SQS the queue. */
  readonly of: string;
  readonly input: any;
}

/** Sees each call; it may wait, throw before it takes effect (`answer` not called), or after. */
export type Via = (call: Call, answer: () => any) => any;

/** A worker's own way to the services: a test may cut it. */
export class Connection {
  via?: Via;
  readonly calls: (Call & { readonly at: number })[] = [];
  readonly documents: DynamoDBDocumentClient;
  readonly sqs = { send: async (command: any) => this.sqsCall(command.constructor.name.replace('Command', ''), command.input) };

  constructor(private readonly engine: Engine, private readonly queues: Readonly<Record<string, Queue>>) {
    this.documents = DynamoDBDocumentClient.from(new DynamoDBClient({
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
      requestHandler: { handle: async (request: any) => ({ response: await this.respond(request) }) } as any,
    }));
  }

  of(operation: string): (Call & { readonly at: number })[] {
    return this.calls.filter((call) => call.operation === operation);
  }

  private async call(call: Call, answer: () => any): Promise<any> {
    this.calls.push({ ...call, at: Date.now() });
    return this.via ? this.via(call, answer) : answer();
  }

  private async sqsCall(operation: string, input: any): Promise<any> {
    const queue = this.queues[input.QueueUrl.split('/').at(-1)]!;
    return this.call({ operation, of: queue.name, input }, () => {
      if (operation === 'ReceiveMessage') return queue.receive(input);
      if (operation === 'DeleteMessage') return queue.delete(input);
      return queue.hide(input);
    });
  }

  private async respond({ headers, body }: { headers: Record<string, string>; body: Uint8Array }) {
    const operation = headers['x-amz-target']!.split('.')[1] as OperationName;
    const input = JSON.parse(new TextDecoder().decode(body));
    const of = (input.Key ?? input.Item)?.entry.S ?? '';
    try {
      return response(200, await this.call({ operation, of, input }, () => this.engine.execute(operation, input)));
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const { name, message, ...fields } = error;
      return response(400, { __type: `com.amazonaws.dynamodb.v20120810#${name}`, Message: message, ...fields });
    }
  }
}

function response(statusCode: number, body: object) {
  return { statusCode, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: Buffer.from(JSON.stringify(body)) };
}

export function unreachable(): Error {
  return Object.assign(new Error('it quotes {"secret":1}'), { name: 'TimeoutError' });
}

/** Work that a test ends. */
export interface Begun extends Assignment {
  readonly at: number;
  readonly signal: AbortSignal;
  readonly finish: () => void;
  readonly fail: (error: unknown) => void;
}

export interface Hired {
  readonly worker: PoolWorker;
  readonly connection: Connection;
  readonly events: WorkerEvent[];
  readonly begun: Begun[];
  /** What `run` answers; nothing as long as it runs. */
  ended?: boolean | Error;
  endedAt?: number;
}

export interface HireOptions extends Partial<Omit<PoolWorkerProps, 'work'>> {
  /** How long each task takes; for ever, until a test ends it, without. */
  readonly takesMs?: number;
  readonly work?: PoolWorkerProps['work'];
  readonly shift?: Partial<Shift>;
  readonly via?: Via;
}

const A_SHIFT: Shift = {
  membership: (props) => new RunnerMembership(props), takesUntil: Infinity, leavesAfterIdleMs: 5_000, onHeartbeat: () => undefined,
};

/** A table, the queues of two groups, and workers, under jest's fake timers. */
export class Scene {
  /** The SDK loads parts of itself with the first call: no virtual time passes meanwhile. */
  static async open(options?: { maxReceiveCount?: number }): Promise<Scene> {
    const scene = new Scene(options);
    await scene.task('none');
    return scene;
  }

  readonly engine = new Engine({ now: Date.now, isStale: () => false });
  readonly queues: Readonly<Record<string, Queue>>;
  readonly hired: Hired[] = [];
  readonly documents: DynamoDBDocumentClient;
  private revision = 0;

  private constructor({ maxReceiveCount }: { maxReceiveCount?: number } = {}) {
    jest.useFakeTimers({ now: NOON, doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
    this.queues = Object.fromEntries(GROUPS.map((group) => [group, new Queue(group, LEASE_SECONDS, maxReceiveCount)]));
    this.engine.createTable(defineTable({
      TableName: TABLE,
      KeySchema: [{ AttributeName: ATTRIBUTE.PARTITION_KEY, KeyType: 'HASH' }, { AttributeName: ATTRIBUTE.SORT_KEY, KeyType: 'RANGE' }],
      AttributeDefinitions: [ATTRIBUTE.PARTITION_KEY, ATTRIBUTE.SORT_KEY].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    }, { arn: `arn:aws:dynamodb:us-east-1:111122223333:table/${TABLE}`, id: TABLE, createdAt: 0 }));
    this.documents = new Connection(this.engine, this.queues).documents;
  }

  get gpu(): Queue {
    return this.queues.Gpu!;
  }

  get cpu(): Queue {
    return this.queues.Cpu!;
  }

  settings(group: string): WorkerSettings {
    return {
      pool: 'Render', tableName: TABLE, group,
      queueUrls: Object.fromEntries(GROUPS.map((each) => [each, `https://sqs.us-east-1.amazonaws.com/111122223333/${each}`])),
      leaseSeconds: LEASE_SECONDS, retryDelaySeconds: 10, longestRetryDelaySeconds: 300, retentionSeconds: 86_400,
    };
  }

  /** A worker that runs from now on. */
  hire(group: string, { takesMs, shift, via, ...props }: HireOptions = {}): Hired {
    const connection = new Connection(this.engine, this.queues);
    connection.via = via;
    const begun: Begun[] = [];
    const events: WorkerEvent[] = [];
    const work = (assignment: Assignment, signal: AbortSignal) => new Promise<void>((finish, fail) => {
      begun.push({ ...assignment, at: Date.now(), signal, finish, fail });
      if (takesMs !== undefined) setTimeout(finish, takesMs);
    });
    const worker = new PoolWorker(
      { ...connection, capacity: 2, settings: this.settings(group), work, observe: (event) => events.push(event), ...props },
      shift && { ...A_SHIFT, ...shift },
    );
    const hired: Hired = { worker, connection, events, begun };
    const end = (ended: boolean | Error) => Object.assign(hired, { ended, endedAt: Date.now() });
    worker.run().then(end, end);
    this.hired.push(hired);
    return hired;
  }

  async pass(ms: number): Promise<void> {
    await jest.advanceTimersByTimeAsync(ms);
  }

  /** Lets everybody finish. */
  async close(): Promise<void> {
    for (const { worker, begun, connection } of this.hired) {
      connection.via = undefined;
      worker.stop();
      begun.forEach(({ finish }) => finish());
    }
    for (let turn = 0; turn < 10 && this.hired.some(({ ended }) => ended === undefined); turn++) {
      await this.pass(10_000);
      this.hired.forEach(({ begun }) => begun.forEach(({ finish }) => finish()));
    }
    jest.useRealTimers();
  }

  async item<T>(Key: { readonly id: string; readonly entry: string }): Promise<T | undefined> {
    return (await this.documents.send(new GetCommand({ TableName: TABLE, Key, ConsistentRead: true }))).Item as T | undefined;
  }

  task(id: string): Promise<TaskItem | undefined> {
    return this.item(itemKey.task(id));
  }

  runner(group: string): Promise<WorkerItem | undefined> {
    return this.item(itemKey.runner(group));
  }

  member(group: string, worker: string): Promise<WorkerItem | undefined> {
    return this.item(itemKey.worker(group, worker));
  }

  /** Another writes the item of the table. */
  async write(item: object): Promise<void> {
    await this.documents.send(new PutCommand({ TableName: TABLE, Item: { ...item } }));
  }

  async retire(group: string, retired = true): Promise<void> {
    await this.write({ ...itemKey.control(group), retired });
  }

  /** The leader publishes a plan. */
  async plan(grants: readonly Partial<Grant>[], { forMs = 15_000, waiting = 1, revision = ++this.revision, fence = 1 } = {}): Promise<void> {
    const leader: LeaderItem = {
      leader: 'l', fence, until: Date.now() + 10_000, revision, grantsUntil: Date.now() + forMs,
      grants: grants.map((grant) => ({ thief: 'Cpu', victim: 'Gpu', tasks: 1, gainSeconds: 5, ...defined(grant) })),
      load: { Gpu: { waiting } as GroupLoad },
      history: {} as LeaderItem['history'],
    };
    await this.write({ ...itemKey.leader(), ...leader });
  }
}

function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;
}
