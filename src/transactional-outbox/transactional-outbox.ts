import { Duration, Names } from 'aws-cdk-lib';
import { Metric, MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { ITable, Table } from 'aws-cdk-lib/aws-dynamodb';
import { EventPattern, IRuleTarget, Rule } from 'aws-cdk-lib/aws-events';
import { Grant, IGrantable, IRole } from 'aws-cdk-lib/aws-iam';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CfnPipe } from 'aws-cdk-lib/aws-pipes';
import { IBucket } from 'aws-cdk-lib/aws-s3';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { OutboxAlarms, outboxMetric, pipeMetric } from './alarms';
import { claimCheckBucket, grantGetPayloads, grantPutPayloads } from './claim-checks';
import { PAYLOAD_LIMIT_BYTES, WRITER_ENV } from './contract';
import { enrichFunction, HandledOutbox, handlerEnvironment, relayFunction } from './handlers';
import { OutboxReplay } from './outbox-replay';
import { PayloadFormat } from './payload-format';
import { outboxPipe } from './pipe/outbox-pipe';
import { PoisonPolicy } from './poison-policy';
import { DEFAULT_MAXIMUM_AGE, DEFAULT_RETENTION, DEFAULT_RETRY_ATTEMPTS, TransactionalOutboxProps } from './props';
import { OutboxSource } from './source';
import { parkedKeysTable, rowsTable } from './tables';
import { validateProps } from './validate-props';
import { Watch } from './watch';
import { visibleMetric } from '../shared/alarms';
import { grantTableActions } from '../shared/grants';
import { misuse } from '../shared/misuse';
import { deadLetterQueue } from '../shared/queues';

/** Which outbox a function writes to: the runtime library finds one in its environment. */
const OUTBOX_OF_WRITER = new WeakMap<LambdaFunction, TransactionalOutbox>();

/**
 * Publishes what a transaction wrote: a row in the outbox, put together with the state change, reaches the destination at least once, in order per
 * aggregate where the destination keeps order, and a transaction that was rolled back publishes nothing.
 *
 * A pipe carries the rows from the table's stream to the destination, by default without a function. What it has to give up goes to
 * `deadLetterQueue`; `replay` publishes again, straight from the table. Consumers that must act once use an `Inbox`.
 *
 * Limits: `type` has at most 128 characters; with a FIFO queue `pk` has at most 128, of those that SQS allows in a group. A payload of more than
 * 240,000 bytes goes to `claimCheckBucket`.
 * To remove it, delete the stack; tables, bucket, queue and logs stay behind unless `removalPolicy` says otherwise.
 *
 * @example
 * import { OutboxDestination, TransactionalOutbox } from 'cdk-integration-patterns';
 *
 * const outbox = new TransactionalOutbox(this, 'Outbox', { destination: OutboxDestination.eventBus(bus) });
 * outbox.addWriter(ordersFn);
 * outbox.onEvent('Shipping', { detailType: ['OrderPlaced'] }, new targets.LambdaFunction(shipFn));
 */
export class TransactionalOutbox extends Construct {
  /** The dimension of its metrics, and the events' `source` unless one was given. */
  public readonly outboxName: string;
  /** The events' `source`. */
  public readonly eventSource: string;
  /** How long rows stay for a replay: an event may come again until then. */
  public readonly retention: Duration;
  /** The outbox rows, or the table whose changes are published. */
  public readonly table: ITable;
  /** Carries the events from the table's stream to the destination. */
  public readonly pipe: CfnPipe;
  /** What the pipe may do. */
  public readonly pipeRole: IRole;
  /** Events that were given up, as pointers into the stream: `replay` publishes them again. */
  public readonly deadLetterQueue: Queue;
  /** Payloads that are too large for an event, below `payloads/`. */
  public readonly claimCheckBucket: IBucket;
  /** Makes events of the stream's records, where an input template cannot. Only with PayloadFormat.JSON and with changes. */
  public readonly enrichFunction?: LambdaFunction;
  /** Publishes and parks. Only with PARK_KEY. */
  public readonly relayFunction?: LambdaFunction;
  /** Aggregates that wait for a replay. Only with PARK_KEY. */
  public readonly parkedKeys?: Table;
  /** Publishes again, straight from the table. Not for changes without `snapshot`. */
  public readonly replay?: OutboxReplay;
  /** What to be told of. */
  public readonly alarms: OutboxAlarms;

  private readonly props: TransactionalOutboxProps;
  private readonly outbox: HandledOutbox;

  /**
   * @param scope the stack, or what else it belongs to
   * @param id unique in its scope, and part of the logical ids: another one makes CloudFormation replace all of it
   * @param props where events go, and what differs from the defaults
   */
  constructor(scope: Construct, id: string, props: TransactionalOutboxProps) {
    super(scope, id);
    this.props = props;
    validateProps(this, props);
    this.outboxName = Names.uniqueResourceName(this, { maxLength: 64, separator: '-' });
    this.eventSource = props.eventSource ?? this.outboxName;
    this.retention = props.retention ?? DEFAULT_RETENTION;

    this.table = this.source()._bind().table ?? rowsTable(this, 'Rows', props);
    this.claimCheckBucket = props.claimCheckBucket ?? claimCheckBucket(this, 'Payloads', { ...props, retention: this.retention });
    this.deadLetterQueue = deadLetterQueue(this, 'DeadLetters', props);
    this.parkedKeys = this.parksKeys() ? parkedKeysTable(this, 'ParkedKeys', props) : undefined;
    this.outbox = this.describe();
    this.enrichFunction = this.createEnrichment();
    this.relayFunction = this.parkedKeys && relayFunction(this, 'Relay', { ...this.outbox, parkedKeys: this.parkedKeys });
    const { pipe, role } = this.createPipe();
    this.pipe = pipe;
    this.pipeRole = role;
    this.replay = this.createReplay();
    this.alarms = this.createAlarms();
  }

  /**
   * Lets somebody write outbox rows, in transactions of its own, and put large payloads into the bucket. With outbox rows only.
   * @param grantee the function, role or other principal that gets the permissions
   */
  public grantWrite(grantee: IGrantable): Grant {
    this.requireRows('grantWrite');
    return grantTableActions(this.table, grantee, 'dynamodb:PutItem').combine(grantPutPayloads(this.claimCheckBucket, grantee));
  }

  /**
   * Lets a function write outbox rows, and tells the runtime library in it where. With outbox rows only.
   * @param writer the function that commits the transactions
   */
  public addWriter(writer: LambdaFunction): void {
    this.requireRows('addWriter');
    const other = OUTBOX_OF_WRITER.get(writer) ?? this;
    if (other !== this) {
      throw misuse(this, `function '${writer.node.path}' is a writer of '${other.node.path}' already, and its environment names one outbox; use grantWrite and name the table in its code`);
    }
    this.grantWrite(writer);
    OUTBOX_OF_WRITER.set(writer, this);
    writer.addEnvironment(WRITER_ENV.TABLE_NAME, this.table.tableName);
    writer.addEnvironment(WRITER_ENV.RETENTION_SECONDS, String(this.retention.toSeconds()));
    writer.addEnvironment(WRITER_ENV.CLAIM_CHECK_BUCKET, this.claimCheckBucket.bucketName);
    writer.addEnvironment(WRITER_ENV.PAYLOAD_LIMIT_BYTES, String(PAYLOAD_LIMIT_BYTES));
  }

  /**
   * Lets a consumer read the large payloads that events refer to (`dataref`).
   * @param grantee the function, role or other principal that gets the permissions
   */
  public grantReadPayloads(grantee: IGrantable): Grant {
    return grantGetPayloads(this.claimCheckBucket, grantee);
  }

  /**
   * Lets somebody start replays and see how they end. Not for changes without `snapshot`.
   * @param grantee the function, role or other principal that gets the permissions
   */
  public grantReplay(grantee: IGrantable): Grant {
    if (!this.replay) throw misuse(this, 'there is no replay of changes without snapshot; give OutboxSource.changes a type for snapshot');
    return this.replay.grantStart(grantee);
  }

  /**
   * Sends events of this outbox to a target. Only with OutboxDestination.eventBus.
   * @param id of the rule, unique in this construct
   * @param pattern without `source`, which is the outbox's own
   * @param target what the rule sends the events to
   */
  public onEvent(id: string, pattern: EventPattern, target: IRuleTarget): Rule {
    const { bus, kind } = this.outbox.destination;
    if (!bus) throw misuse(this, `onEvent needs a bus, and the destination is ${kind}; use OutboxDestination.eventBus`);
    if (pattern.source) throw misuse(this, `the pattern of onEvent must be without source, received ${JSON.stringify(pattern.source)}; it is the outbox's own`);
    return new Rule(this, id, { eventBus: bus, eventPattern: { ...pattern, source: [this.eventSource] }, targets: [target] });
  }

  /**
   * A metric of the pattern by name; the sum over five minutes unless told otherwise.
   * @param metricName for example `RelayLag`
   * @param props what differs from the defaults: statistic, period, label
   */
  public metric(metricName: string, props?: MetricOptions): Metric {
    return outboxMetric(this.outboxName, metricName, Stats.SUM).with(props ?? {});
  }

  /**
   * Events that the pipe has carried, those of repeated attempts included; the sum over five minutes unless told otherwise.
   * @param props what differs from the defaults: statistic, period, label
   */
  public metricPublished(props?: MetricOptions): Metric {
    return pipeMetric(this.pipe, 'EventCount', props);
  }

  /**
   * Executions of the pipe that failed; the sum over five minutes unless told otherwise.
   * @param props what differs from the defaults: statistic, period, label
   */
  public metricFailed(props?: MetricOptions): Metric {
    return pipeMetric(this.pipe, 'ExecutionFailed', props);
  }

  /**
   * Events that were given up and lie in the dead-letter queue; the maximum of five minutes unless told otherwise.
   * @param props what differs from the defaults: statistic, period, label
   */
  public metricDeadLetters(props?: MetricOptions): Metric {
    return visibleMetric(this.deadLetterQueue, props);
  }

  /** What all parts have to know of this outbox. */
  private describe(): HandledOutbox {
    const { kind, changeTypes } = this.source()._bind();
    return {
      outboxName: this.outboxName,
      eventSource: this.eventSource,
      sourceKind: kind,
      changeTypes,
      payloadFormat: kind === 'CHANGES' ? PayloadFormat.JSON : this.props.payloadFormat ?? PayloadFormat.TEXT,
      table: this.table,
      parkedKeys: this.parkedKeys,
      destination: this.props.destination._bind(),
      claimCheckBucket: this.claimCheckBucket,
      logRetention: this.props.logRetention ?? RetentionDays.ONE_MONTH,
      encryptionKey: this.props.encryptionKey,
      removalPolicy: this.props.removalPolicy,
    };
  }

  /** Only where neither the input template nor the relay makes the events. */
  private createEnrichment(): LambdaFunction | undefined {
    const templateDoes = this.outbox.sourceKind === 'ROWS' && this.outbox.payloadFormat === PayloadFormat.TEXT;
    return templateDoes || this.parksKeys() ? undefined : enrichFunction(this, 'Enrich', this.outbox);
  }

  private createPipe() {
    return outboxPipe(this, {
      ...this.outbox,
      enrich: this.enrichFunction,
      relay: this.relayFunction,
      ownTable: this.source()._bind().table === undefined,
      deadLetterQueue: this.deadLetterQueue,
      retryAttempts: this.props.retryAttempts ?? DEFAULT_RETRY_ATTEMPTS,
      maximumAge: this.props.maximumAge ?? DEFAULT_MAXIMUM_AGE,
    });
  }

  private createReplay(): OutboxReplay | undefined {
    const { sourceKind, changeTypes, destination } = this.outbox;
    if (sourceKind === 'CHANGES' && changeTypes?.snapshot === undefined) return undefined;
    const replay = new OutboxReplay(this, 'Replay', {
      ...this.outbox,
      environment: handlerEnvironment(this.outbox),
      claimCheckBucket: sourceKind === 'CHANGES' ? this.claimCheckBucket : undefined,
    });
    destination.grantPublish(replay.replayFunction);
    return replay;
  }

  private createAlarms(): OutboxAlarms {
    const { stateMachine } = new Watch(this, 'Watch', { ...this.outbox, pipe: this.pipe });
    return new OutboxAlarms(this, 'Alarms', {
      ...this.props.alarms,
      outboxName: this.outboxName,
      pipe: this.pipe,
      deadLetterQueue: this.deadLetterQueue,
      watch: stateMachine,
      replay: this.replay?.stateMachine,
      handler: this.enrichFunction ?? this.relayFunction,
      parksKeys: this.parksKeys(),
    });
  }

  private source(): OutboxSource {
    return this.props.source ?? OutboxSource.rows();
  }

  private parksKeys(): boolean {
    return this.props.onPoison === PoisonPolicy.PARK_KEY;
  }

  private requireRows(method: string): void {
    if (this.outbox.sourceKind === 'CHANGES') throw misuse(this, `${method} has no meaning for changes of a table: whoever writes to the table publishes; leave it out`);
  }
}
