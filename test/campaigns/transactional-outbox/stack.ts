import * as path from 'path';
import { Aspects, Duration, type IAspect, Stack } from 'aws-cdk-lib';
import { AttributeType, BillingMode, StreamViewType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { CfnRule, EventBus } from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct, IConstruct } from 'constructs';
import { type ConsumerEnv, type WriterEnv } from './environment';
import { Inbox, OutboxDestination, OutboxSource, PoisonPolicy, TransactionalOutbox } from '../../../src';

/** The outboxes of the campaign, by what they publish and where. */
export const ROW_OUTBOXES = ['RowsToBus', 'RowsToFifo', 'RowsParked'] as const;
export const CHANGE_OUTBOXES = ['ChangesToBus', 'ChangesToFifo'] as const;
export const OUTBOXES = [...ROW_OUTBOXES, ...CHANGE_OUTBOXES] as const;
export type RowOutboxId = (typeof ROW_OUTBOXES)[number];
export type ChangeOutboxId = (typeof CHANGE_OUTBOXES)[number];
export type OutboxId = (typeof OUTBOXES)[number];

export const isRows = (outbox: OutboxId): outbox is RowOutboxId => (ROW_OUTBOXES as readonly OutboxId[]).includes(outbox);
export const isOrdered = (outbox: OutboxId) => outbox !== 'RowsToBus' && outbox !== 'ChangesToBus';
/** Where a row outbox's aggregates and events are; `RowsToFifo` has both in one table. */
export const STATE_TABLE = 'State';
export const OWN_ROWS_TABLE = 'Single';
/** The table whose changes are published, twice. */
export const ITEMS_TABLE = 'Items';
/** What the consumers have done. */
export const LEDGER_TABLE = 'Ledger';

export const writerOf = (outbox: RowOutboxId) => `${outbox}Writer`;
export const inboxOf = (outbox: OutboxId) => `${outbox}Inbox`;

const CHANGE_TYPES = { insert: 'ItemAdded', modify: 'ItemChanged', remove: 'ItemRemoved', snapshot: 'ItemSnapshot' };
const CONSUMER_TIMEOUT = Duration.seconds(10);
/** A replay's step works until a minute before its timeout: with three seconds a slow replay of a few events takes several steps. */
const REPLAY_TIMEOUT_SECONDS = 63;

/** What the fault campaign runs: an outbox of each kind, with its writers, and a consumer that notes each effect in a ledger. */
export class CampaignStack extends Stack {
  private readonly bus = new EventBus(this, 'Bus');
  private readonly ledger = this.table(LEDGER_TABLE, 'event', 'effect');
  private readonly state = this.table(STATE_TABLE, 'pk', 'sk');

  /** `handlers`: directory of the bundles of `*.lambda.ts` beside this file. */
  constructor(scope: Construct, id: string, private readonly handlers: string) {
    super(scope, id);
    this.rowOutboxes();
    this.changeOutboxes();
    Aspects.of(this).add(new WithoutSchedules());
  }

  private rowOutboxes() {
    const single = this.table(OWN_ROWS_TABLE, 'pk', 'sk', StreamViewType.NEW_IMAGE, 'expiresAt');
    const toBus = new TransactionalOutbox(this, 'RowsToBus', { destination: OutboxDestination.eventBus(this.bus) });
    this.consumeBus('RowsToBus', toBus);
    this.writer('RowsToBus', toBus, this.state);
    const fifo = this.fifoQueue('RowsToFifo');
    const toFifo = new TransactionalOutbox(this, 'RowsToFifo', { destination: OutboxDestination.fifoQueue(fifo), source: OutboxSource.rows({ table: single }) });
    this.consumeQueue('RowsToFifo', toFifo, fifo);
    this.writer('RowsToFifo', toFifo, single);
    const parked = this.fifoQueue('RowsParked');
    const parking = new TransactionalOutbox(this, 'RowsParked', { destination: OutboxDestination.fifoQueue(parked), onPoison: PoisonPolicy.PARK_KEY });
    this.consumeQueue('RowsParked', parking, parked);
    this.writer('RowsParked', parking, this.state);
    for (const outbox of [toBus, toFifo, parking]) {
      (outbox.replay!.replayFunction.node.defaultChild as lambda.CfnFunction).timeout = REPLAY_TIMEOUT_SECONDS;
    }
  }

  private changeOutboxes() {
    const source = OutboxSource.changes(this.table(ITEMS_TABLE, 'id', undefined, StreamViewType.NEW_AND_OLD_IMAGES), CHANGE_TYPES);
    this.consumeBus('ChangesToBus', new TransactionalOutbox(this, 'ChangesToBus', { source, destination: OutboxDestination.eventBus(this.bus) }));
    const fifo = this.fifoQueue('ChangesToFifo');
    this.consumeQueue('ChangesToFifo', new TransactionalOutbox(this, 'ChangesToFifo', { source, destination: OutboxDestination.fifoQueue(fifo) }), fifo);
  }

  private consumeBus(id: OutboxId, outbox: TransactionalOutbox) {
    const queue = new Queue(this, `${id}Queue`, { visibilityTimeout: CONSUMER_TIMEOUT.plus(Duration.seconds(20)), retentionPeriod: Duration.days(14) });
    outbox.onEvent('Everything', {}, new targets.SqsQueue(queue));
    this.consumeQueue(id, outbox, queue);
  }

  private consumeQueue(id: OutboxId, outbox: TransactionalOutbox, queue: Queue) {
    const environment: ConsumerEnv = { OUTBOX: id, LEDGER_TABLE: this.ledger.tableName };
    const consumer = this.handler(`${id}Consumer`, 'consumer', environment);
    consumer.addEventSource(new SqsEventSource(queue, { batchSize: 5, reportBatchItemFailures: true }));
    this.ledger.grant(consumer, 'dynamodb:PutItem');
    new Inbox(this, inboxOf(id), { outbox }).addConsumer(consumer);
  }

  private fifoQueue(id: string): Queue {
    return new Queue(this, `${id}Queue`, { fifo: true, visibilityTimeout: CONSUMER_TIMEOUT.plus(Duration.seconds(20)), retentionPeriod: Duration.days(14) });
  }

  private writer(id: RowOutboxId, outbox: TransactionalOutbox, state: Table) {
    const environment: WriterEnv = { OUTBOX: id, STATE_TABLE: state.tableName };
    const writer = this.handler(writerOf(id), 'writer', environment);
    outbox.addWriter(writer);
    state.grant(writer, 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:ConditionCheckItem');
  }

  private handler(id: string, name: string, environment: Record<string, string>): lambda.Function {
    return new lambda.Function(this, id, {
      runtime: lambda.Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: lambda.Code.fromAsset(path.join(this.handlers, name)),
      timeout: CONSUMER_TIMEOUT,
      environment,
    });
  }

  private table(id: string, partitionKey: string, sortKey?: string, stream?: StreamViewType, timeToLiveAttribute?: string): Table {
    return new Table(this, id, {
      partitionKey: { name: partitionKey, type: AttributeType.STRING },
      sortKey: sortKey === undefined ? undefined : { name: sortKey, type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      stream,
      timeToLiveAttribute,
    });
  }
}

/** The watches ask every five minutes, which would be most of what happens in a simulated week. They have tests of their own. */
class WithoutSchedules implements IAspect {
  visit(node: IConstruct) {
    if (node instanceof CfnRule && node.scheduleExpression !== undefined) node.state = 'DISABLED';
  }
}
