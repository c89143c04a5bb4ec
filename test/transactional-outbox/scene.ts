import { mkdtempSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { AttributeType, BillingMode, StreamViewType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus } from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { LambdaSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { DefinitionBody, StateMachine, TaskInput } from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import * as esbuild from 'esbuild';
import {
  type FaultPlan, type FunctionOverride, NO_FAULTS, type Outcome, type OverrideTools, type Report, Simulation, type SimulationOptions,
} from '../../simulator/src';
import { Inbox, OutboxDestination, TransactionalOutbox, type TransactionalOutboxProps } from '../../src';
import { type DestinationKind, type OutboxEnvelope, type OutboxRow, type ReplayProgress, type ReplayRequest, SPEC_VERSION } from '../../src/transactional-outbox/contract';
import { itemsOf, logLinesOf, operate, synthesize } from '../simulate';

export const EVENT_SOURCE = 'shop.orders';
export const DESTINATIONS: readonly DestinationKind[] = ['EVENT_BUS', 'FIFO_QUEUE', 'TOPIC', 'STATE_MACHINE', 'FUNCTION'];
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
const STEADY_LATENCY = { 'lambda.init': { median: 100, p99: 150 } };

/** The call that brings an event to its destination: what fails when the destination is down. */
export const SENDING: Readonly<Record<DestinationKind, { service: string; operation?: string; caller: string }>> = {
  EVENT_BUS: { service: 'events', operation: 'PutEvents', caller: 'Outbox/' },
  FIFO_QUEUE: { service: 'sqs', operation: 'SendMessageBatch', caller: 'Outbox/' },
  TOPIC: { service: 'sns', caller: 'Outbox/' },
  STATE_MACHINE: { service: 'states', operation: 'StartExecution', caller: 'Outbox/' },
  FUNCTION: { service: 'lambda', operation: 'Invoke', caller: 'Outbox/' },
};

/** The same with PARK_KEY. */
export function sendingByRelay(destination: DestinationKind): { service: string; caller: string } {
  return { service: SENDING[destination].service, caller: 'Outbox/Relay' };
}

/** An event as the consumer has got it. */
export interface Arrival {
  readonly at: number;
  readonly id: string;
  /** The envelope's own text, where the destination keeps it. */
  readonly text: string;
  readonly envelope: OutboxEnvelope & { readonly data: any };
  /** What the consumer function was invoked with. */
  readonly event: any;
}

export interface ShopOptions {
  readonly destination?: DestinationKind;
  readonly props?: Partial<TransactionalOutboxProps> | ((stack: Stack) => Partial<TransactionalOutboxProps>);
  readonly batchSize?: number;
  /** What the consumer does with an event that it has noted. */
  readonly consume?: (envelope: OutboxEnvelope & { data: any }, tools: OverrideTools) => unknown;
  /** Writer and consumer are the functions in `functions/`, made with the runtime library; the consumer has an inbox. */
  readonly library?: boolean;
  /** Changes the synthesized assembly in place. */
  readonly edit?: (assembly: string) => void;
  readonly more?: (outbox: TransactionalOutbox, stack: Stack) => void;
  readonly simulation?: SimulationOptions;
}

/** A shop that takes orders, its outbox, and a consumer behind the outbox's destination. */
export class Shop {
  readonly simulation: Simulation;
  /** What the consumer has got, in order. Nothing with `library`: then `effects` tell. */
  readonly arrived: Arrival[] = [];
  readonly library: boolean;

  constructor(options: ShopOptions = {}) {
    const { simulation = {}, library = false } = options;
    this.library = library;
    const assembly = synthesizeShop(options);
    options.edit?.(assembly);
    this.simulation = Simulation.load(assembly, {
      ...simulation,
      latency: { ...STEADY_LATENCY, ...simulation.latency },
      functionOverrides: {
        ...(library ? {} : { Writer: (event, _context, tools) => this.write(event, tools), Consumer: this.consumer(options) }),
        ...simulation.functionOverrides,
      },
    });
  }

  get now(): number {
    return this.simulation.world.kernel.now;
  }

  /** The events' ids in the order of their arrival. */
  get ids(): string[] {
    return this.arrived.map(({ id }) => id);
  }

  get outputs(): Record<string, string> {
    return this.simulation.outputs.Test as Record<string, string>;
  }

  get report(): Report {
    return this.simulation.report();
  }

  /** Writes orders and their events in one transaction, and waits until it is committed. */
  async commit(...rows: RowFields[]): Promise<Outcome> {
    return this.simulation.complete('Writer', { rows });
  }

  /** Each row in a transaction of its own, one after the other: the rows of one transaction have no order in the stream. */
  async commitInTurn(...rows: RowFields[]): Promise<void> {
    for (const one of rows) await this.commit(one);
  }

  /** One transaction without waiting for it: transactions overlap. */
  start(...rows: RowFields[]) {
    return this.simulation.start('Writer', { rows });
  }

  /** Lets a transaction begin later. */
  startAfter(ms: number, ...rows: RowFields[]) {
    this.simulation.world.kernel.schedule(ms, () => this.start(...rows));
  }

  /** A transaction whose last part fails its condition, so that all of it is rolled back. */
  async rollBack(...rows: RowFields[]): Promise<Outcome> {
    return this.simulation.complete('Writer', { rows, fails: true });
  }

  /** Until nothing is left to happen. */
  async rest(): Promise<void> {
    await this.simulation.run();
  }

  /** So long, whatever happens. */
  async pass(ms: number): Promise<void> {
    await this.simulation.run({ deadline: this.now + ms });
  }

  async until(condition: () => boolean): Promise<void> {
    await this.simulation.run({ until: condition });
  }

  async replay(request: ReplayRequest): Promise<Outcome & { output: ReplayProgress }> {
    return await this.simulation.complete(this.outputs.Replay, request) as Outcome & { output: ReplayProgress };
  }

  async stopPipe(): Promise<void> {
    await operate(this.simulation, 'pipes', 'StopPipe', { Name: this.outputs.Pipe });
  }

  async startPipe(): Promise<void> {
    await operate(this.simulation, 'pipes', 'StartPipe', { Name: this.outputs.Pipe });
  }

  /** An operator's call on the outbox's table. */
  async table(operation: string, input: object): Promise<any> {
    return operate(this.simulation, 'dynamodb', operation, { TableName: this.outputs.Table, ...input });
  }

  rows(): Record<string, any>[] {
    return itemsOf(this.simulation, this.outputs.Table);
  }

  /** How often each event has taken effect, by its id. */
  effects(): Record<string, number> {
    return Object.fromEntries(itemsOf(this.simulation, 'Shipments').map(({ id, times }) => [id, Number(times)]));
  }

  /** SHA-256 of the payload that the consumer has read. */
  payloadHash(id: string): string | undefined {
    return itemsOf(this.simulation, 'Shipments').find((shipment) => shipment.id === id)?.payloadHash;
  }

  deadLetters(): number {
    // The report calls only those so that queues redrive to.
    return this.report.undelivered['Outbox/DeadLetters'] ?? 0;
  }

  /** What must be `NO_TROUBLE` when all has gone well. */
  get trouble() {
    const { denials, lost } = this.report;
    return { denials, lost, deadLetters: this.deadLetters() };
  }

  logLines(): string[] {
    return logLinesOf(this.simulation);
  }

  /** Whoever wrote the rows need not be Node.js: they are DynamoDB's own JSON here. */
  private async write({ rows, fails }: { rows: RowFields[]; fails?: boolean }, { call, now }: OverrideTools) {
    const written = rows.map((fields) => complete(fields, now()));
    return call('dynamodb', 'TransactWriteItems', {
      TransactItems: [
        ...written.map(({ pk, sk }) => ({ Put: { TableName: this.outputs.Orders, Item: { id: { S: `${pk}#${sk}` }, state: { S: 'PLACED' } } } })),
        ...written.map((fields) => ({ Put: { TableName: this.outputs.Table, Item: attributesOf(fields), ConditionExpression: 'attribute_not_exists(pk)' } })),
        ...(fails ? [{ ConditionCheck: { TableName: this.outputs.Orders, Key: { id: { S: 'no such order' } }, ConditionExpression: 'attribute_exists(id)' } }] : []),
      ],
    });
  }

  private consumer({ consume = () => undefined }: ShopOptions): FunctionOverride {
    return async (event, _context, tools) => {
      for (const text of textsOf(event)) {
        const envelope = JSON.parse(text);
        this.arrived.push({ at: tools.now(), id: envelope.id, text, envelope, event });
        await consume(envelope, tools);
      }
    };
  }
}

/** @returns the directory of the assembly */
export function synthesizeShop(options: ShopOptions): string {
  return synthesize((stack) => build(stack, options));
}

export const NO_TROUBLE = { denials: [], lost: [], deadLetters: 0 };

/** A row, or some attributes of it; null leaves one out that a writer would add. */
export type RowFields = { readonly [name in keyof OutboxRow]?: OutboxRow[name] | null };

/** The event number `sequence` of an order. */
export function row(order: string, sequence: number, fields: RowFields = {}): RowFields & Pick<OutboxRow, 'pk' | 'sk' | 'eventId' | 'payload'> {
  return {
    pk: `Order#${order}`, sk: String(sequence).padStart(20, '0'), eventId: `${order}-${sequence}`, payload: JSON.stringify({ order, sequence }), ...fields,
  } as ReturnType<typeof row>;
}

export function rowsOf(order: string, count: number, from: number = 1): ReturnType<typeof row>[] {
  return Array.from({ length: count }, (_, index) => row(order, from + index));
}

const RETENTION_SECONDS = 7 * 86_400;

/** What a writer adds at the moment of the transaction. */
function complete(fields: RowFields, now: number): RowFields {
  return {
    type: 'OrderPlaced', payloadRef: '', occurredAt: new Date(now).toISOString(), traceParent: '', expiresAt: Math.floor(now / 1000) + RETENTION_SECONDS, ...fields,
  };
}

function attributesOf(fields: RowFields): object {
  const present = Object.entries(fields).filter(([, value]) => value !== null);
  return Object.fromEntries(present.map(([name, value]) => [name, typeof value === 'number' ? { N: String(value) } : { S: value }]));
}

/** The envelope that the row of the table has to arrive in, as README and contract describe it. */
export function envelopeOf(stored: Record<string, any>): OutboxEnvelope {
  return {
    specversion: SPEC_VERSION,
    id: stored.eventId,
    source: EVENT_SOURCE,
    type: stored.type,
    subject: stored.pk,
    time: stored.occurredAt,
    sequence: stored.sk,
    partitionkey: stored.pk,
    traceparent: stored.traceParent ?? '',
    dataref: stored.payloadRef ?? '',
    datacontenttype: 'text/plain',
    data: stored.payload,
  };
}

/** The envelopes' texts in an event that a function has received, from whichever destination. */
export function textsOf(event: any): string[] {
  if (Array.isArray(event)) return event.map((each) => JSON.stringify(each));
  if (event.Records) return event.Records.map((record: any) => record.body ?? record.Sns.Message);
  return [JSON.stringify(event.detail)];
}

/** Events that came after a later one of their aggregate. */
export function inversions(arrived: readonly Pick<Arrival, 'envelope'>[]): string[] {
  const highest = new Map<string, string>();
  return arrived.flatMap(({ envelope: { id, subject, sequence } }) => {
    const before = highest.get(subject);
    if (before === undefined || sequence > before) highest.set(subject, sequence);
    return before !== undefined && sequence < before ? [`${id} after ${subject} ${before}`] : [];
  });
}

/** Each event's first arrival. */
export function firstOf(arrived: readonly Arrival[]): Arrival[] {
  return arrived.filter(({ id }, index) => arrived.findIndex((other) => other.id === id) === index);
}

/** What `effects` is when each of these events has taken effect once. */
export function once(ids: readonly string[]): Record<string, number> {
  return Object.fromEntries([...ids].sort().map((id) => [id, 1]));
}

/** Faults for callers whose names have this in them. */
export function onlyFor(caller: string, plan: FaultPlan): FaultPlan {
  return {
    ...NO_FAULTS,
    onCall: (call) => (call.caller.includes(caller) ? plan.onCall(call) : undefined),
    onDelivery: (delivery) => (delivery.subject.includes(caller) ? plan.onDelivery(delivery) : undefined),
  };
}

export const CHANGE_TYPES = { insert: 'BookAdded', modify: 'BookChanged', remove: 'BookRemoved' };

/** A table of somebody's own, whose changes become events. */
export function booksTable(stack: Stack, encryptionKey?: IKey): Table {
  return new Table(stack, 'Books', {
    partitionKey: { name: 'isbn', type: AttributeType.STRING },
    sortKey: { name: 'edition', type: AttributeType.NUMBER },
    timeToLiveAttribute: 'expires',
    billingMode: BillingMode.PAY_PER_REQUEST,
    stream: StreamViewType.NEW_AND_OLD_IMAGES,
    encryptionKey,
  });
}

function build(stack: Stack, options: ShopOptions) {
  const { destination = 'EVENT_BUS', library = false, more } = options;
  const props = typeof options.props === 'function' ? options.props(stack) : options.props;
  const orders = keyed(stack, 'Orders');
  const writer = library ? bundled(stack, 'Writer', 'place-orders') : stub(stack, 'Writer');
  const consumer = library ? bundled(stack, 'Consumer', 'ship') : stub(stack, 'Consumer');
  const outbox = new TransactionalOutbox(stack, 'Outbox', {
    destination: DESTINATION[destination](stack, consumer, options), eventSource: EVENT_SOURCE, ...props,
  });
  if (destination === 'EVENT_BUS') outbox.onEvent('Consume', {}, new targets.LambdaFunction(consumer));
  orders.grantReadWriteData(writer);
  writer.addEnvironment('ORDERS_TABLE_NAME', orders.tableName);
  if (!props?.source) outbox.addWriter(writer);
  else outbox.table.grantReadWriteData(writer);
  if (library) {
    const shipments = keyed(stack, 'Shipments');
    shipments.grantReadWriteData(consumer);
    consumer.addEnvironment('SHIPMENTS_TABLE_NAME', shipments.tableName);
    new Inbox(stack, 'Inbox', { outbox }).addConsumer(consumer);
  }
  const outputs: Record<string, string | undefined> = {
    Name: outbox.outboxName,
    Orders: orders.tableName,
    Table: outbox.table.tableName,
    Pipe: outbox.pipe.ref,
    DeadLettersUrl: outbox.deadLetterQueue.queueUrl,
    Parked: outbox.parkedKeys?.tableName,
    Replay: outbox.replay?.stateMachine.stateMachineArn,
    ...Object.fromEntries(Object.entries(outbox.alarms).flatMap(([name, alarm]: [string, any]) => (alarm?.alarmName ? [[`${name}Alarm`, alarm.alarmName]] : []))),
  };
  const scope = new Construct(stack, 'Outputs');
  for (const [key, value] of Object.entries(outputs)) if (value !== undefined) new CfnOutput(scope, key, { key, value });
  more?.(outbox, stack);
}

const DESTINATION: Readonly<Record<DestinationKind, (stack: Stack, consumer: lambda.Function, options: ShopOptions) => OutboxDestination>> = {
  EVENT_BUS: (stack) => OutboxDestination.eventBus(new EventBus(stack, 'Bus')),
  FIFO_QUEUE: (stack, consumer) => {
    const queue = new Queue(stack, 'Queue', {
      fifo: true, visibilityTimeout: Duration.minutes(3), retentionPeriod: Duration.days(14), maxMessageSizeBytes: 262_144,
    });
    consumer.addEventSource(new SqsEventSource(queue, { batchSize: 1 }));
    return OutboxDestination.fifoQueue(queue);
  },
  TOPIC: (stack, consumer) => {
    const topic = new Topic(stack, 'Topic');
    topic.addSubscription(new LambdaSubscription(consumer));
    return OutboxDestination.topic(topic);
  },
  STATE_MACHINE: (stack, consumer) => OutboxDestination.stateMachine(new StateMachine(stack, 'Shipping', {
    definitionBody: DefinitionBody.fromChainable(LambdaInvoke.jsonata(stack, 'Ship', { lambdaFunction: consumer, payload: TaskInput.fromText('{% $states.input %}') })),
  })),
  FUNCTION: (_, consumer, { batchSize }) => OutboxDestination.function(consumer, { batchSize }),
};

function keyed(stack: Stack, id: string): Table {
  return new Table(stack, id, { partitionKey: { name: 'id', type: AttributeType.STRING }, billingMode: BillingMode.PAY_PER_REQUEST });
}

/** The simulation puts the function's behaviour in its place. */
function stub(stack: Stack, id: string): lambda.Function {
  return new lambda.Function(stack, id, {
    runtime: lambda.Runtime.NODEJS_22_X, handler: 'index.handler', code: lambda.Code.fromInline('exports.handler = async () => null;'), timeout: Duration.seconds(30),
  });
}

/** A function as a user of the runtime library has it. */
function bundled(stack: Stack, id: string, name: string): lambda.Function {
  return new lambda.Function(stack, id, {
    runtime: lambda.Runtime.NODEJS_22_X, handler: 'index.handler', code: lambda.Code.fromAsset(bundle(name)), timeout: Duration.seconds(30),
  });
}

const bundles = new Map<string, string>();

function bundle(name: string): string {
  const known = bundles.get(name);
  if (known) return known;
  const directory = mkdtempSync(path.join(tmpdir(), `${name}-`));
  esbuild.buildSync({
    entryPoints: [path.join(__dirname, 'functions', `${name}.ts`)], outfile: path.join(directory, 'index.js'),
    bundle: true, platform: 'node', target: 'node20', format: 'cjs', external: ['@aws-sdk/*'],
  });
  bundles.set(name, directory);
  return directory;
}
