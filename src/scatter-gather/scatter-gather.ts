import { Annotations, Duration, Lazy, Names, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { Metric, MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus, IEventBus, IRuleTarget, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { Function as LambdaFunction, IFunction } from 'aws-cdk-lib/aws-lambda';
import { EventBridgeDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { gatheringMetric, ScatterGatherAlarmOptions, ScatterGatherAlarms } from './alarms';
import { CollectFunction } from './collect-function';
import { ATTRIBUTE, DETAIL_TYPE, ENV, EVENT_SOURCE, LAMBDA_DESTINATION, METRIC } from './contract';
import { GatherCompletion } from './gather-completion';
import { GatherFunction } from './gather-function';
import { ScatterGatherMode } from './mode';
import { ReplyAggregation } from './reply-aggregation';
import { RequestMapping } from './request-mapping';
import { Responder } from './responder';
import { ScatterFunction } from './scatter-function';
import { Definition, expressWorkflow, standardWorkflow, WorkflowDescription } from './workflow';
import { grantInvokeExactly, grantTableActions } from '../shared/grants';
import { handlerFunction, HandlerClass } from '../shared/handler-function';
import { misuse } from '../shared/misuse';
import { deadLetterQueue, secureQueue } from '../shared/queues';
import { jsonStateMachine } from '../shared/state-machine';

/** Properties of a scatter-gather. */
export interface ScatterGatherProps {
  /** How long a gathering waits at most: whole seconds, from 1 second; in EXPRESS mode to 4 minutes, for Express workflows end at 5. */
  readonly timeout: Duration;

  /**
   * When a gathering has enough replies.
   * @default GatherCompletion.all()
   */
  readonly completion?: GatherCompletion;

  /**
   * How the replies become one `result`.
   * @default ReplyAggregation.collect()
   */
  readonly aggregation?: ReplyAggregation;

  /**
   * How gatherings run.
   * @default ScatterGatherMode.STANDARD
   */
  readonly mode?: ScatterGatherMode;

  /**
   * Where correlation id, request and recipients are in an execution's input.
   * @default RequestMapping.envelope()
   */
  readonly requestMapping?: RequestMapping;

  /**
   * The bus that carries requests and replies. Not in EXPRESS mode, which has none.
   * @default - a bus of its own
   */
  readonly bus?: IEventBus;

  /**
   * Encrypts table, queues, logs, executions, and the bus when it is created here.
   * @default - keys that the services manage
   */
  readonly encryptionKey?: IKey;

  /**
   * How long a gathering stays in the table: replies that come later are of unknown correlation, and a correlation id may
   * be used again. It must be longer than `timeout`.
   * @default Duration.days(7)
   */
  readonly retention?: Duration;

  /**
   * How long logs are kept.
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;

  /**
   * What happens to table, queues and logs when the stack is deleted.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Thresholds and actions of the alarms.
   * @default - alarms with default thresholds and no actions
   */
  readonly alarms?: ScatterGatherAlarmOptions;
}

interface AddedResponder {
  readonly id: string;
  /** Names the rule: the id of the first responder that it was made for. */
  readonly route: string;
  readonly condition?: string;
  readonly handler?: IFunction;
  readonly rule?: Rule;
}

/** Long enough for 300 requests with retries; the workflow's own retry stands behind it. */
const SCATTER_TIMEOUT = Duration.seconds(30);
const COLLECT_TIMEOUT = Duration.seconds(5);
const GATHER_TIMEOUT = Duration.seconds(30);
/** Six times the function's timeout. @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
const REPLY_VISIBILITY = Duration.seconds(6 * COLLECT_TIMEOUT.toSeconds());
const MAXIMUM_EXPRESS_TIMEOUT = Duration.minutes(4);

/**
 * Broadcasts one request to many responders, gathers their replies until they suffice or the deadline comes, and answers
 * one result.
 *
 * Start an execution of `stateMachine`; its output is `{ correlationId, status, completedBy, replies, failures, missing,
 * result }`. Each responder's first reply counts, each start ends once, and nothing stays open behind a deadline.
 *
 * Limits: a reply has at most 390,000 bytes; each function or target takes a rule of the bus (300 unless raised), and three
 * resources of the stack (500).
 * To remove it, delete the stack; table, queues and logs stay behind unless `removalPolicy` says otherwise.
 */
export class ScatterGather extends Construct {
  /** Start its executions to gather. */
  public readonly stateMachine: StateMachine;
  /** Tells gatherings of several constructs on one bus apart: the `gathering` of each request and reply. */
  public readonly gatheringName: string;
  /** Carries requests and replies. Not in EXPRESS mode. */
  public readonly bus?: IEventBus;
  /** Gatherings and replies. Not in EXPRESS mode. */
  public readonly table?: Table;
  /** Replies on their way to the collector. Not in EXPRESS mode. */
  public readonly replyQueue?: Queue;
  /** Replies that could not be read or collected. Not in EXPRESS mode. */
  public readonly deadLetterQueue?: Queue;
  /** Events that could not be delivered to a responder or to the reply queue. Not in EXPRESS mode. */
  public readonly undeliveredQueue?: Queue;
  /** Opens a gathering and asks the responders. Not in EXPRESS mode. */
  public readonly scatterFunction?: LambdaFunction;
  /** Takes replies in and closes gatherings. Not in EXPRESS mode. */
  public readonly collectFunction?: LambdaFunction;
  /** Closes gatherings at the deadline and makes the result. Not in EXPRESS mode. */
  public readonly gatherFunction?: LambdaFunction;
  /** One alarm for each way to go wrong. */
  public readonly alarms: ScatterGatherAlarms;

  private readonly props: ScatterGatherProps;
  private readonly mode: ScatterGatherMode;
  private readonly responders: AddedResponder[] = [];

  constructor(scope: Construct, id: string, props: ScatterGatherProps) {
    super(scope, id);
    this.props = props;
    this.mode = props.mode ?? ScatterGatherMode.STANDARD;
    this.gatheringName = Names.uniqueResourceName(this, { maxLength: 64, separator: '-' });
    this.validateProps();

    if (this.mode === ScatterGatherMode.STANDARD) {
      this.bus = props.bus ?? this.createBus();
      this.table = this.createTable();
      this.deadLetterQueue = deadLetterQueue(this, 'DeadLetters', props);
      this.undeliveredQueue = deadLetterQueue(this, 'Undelivered', props);
      this.replyQueue = this.createReplyQueue(this.deadLetterQueue);
      this.scatterFunction = this.createScatter(this.table, this.bus);
      this.collectFunction = this.createCollector(this.table, this.bus, this.replyQueue);
      this.gatherFunction = this.createGather(this.table);
      this.bringReplies(this.bus, this.replyQueue, this.undeliveredQueue);
    }
    this.stateMachine = this.createStateMachine();
    this.alarms = new ScatterGatherAlarms(this, 'Alarms', {
      ...props.alarms,
      gatheringName: this.gatheringName,
      stateMachine: this.stateMachine,
      deadLetterQueue: this.deadLetterQueue,
      undeliveredQueue: this.undeliveredQueue,
      collectFunction: this.collectFunction,
    });
    this.node.addValidation({ validate: () => this.validateResponders() });
  }

  /**
   * Adds somebody who is asked. One function may stand for many responders: they share a rule.
   * @returns the rule that carries the requests there; in EXPRESS mode there is none
   * @param id unique among the responders: the `responder` of replies, failures and `missing`
   */
  public addResponder(id: string, responder: Responder): Rule | undefined {
    const { condition, handler } = responder._bind();
    if (this.responders.some((other) => other.id === id)) {
      throw misuse(this, `there is a responder '${id}' already; ids must be unique`);
    }
    if (handler) this.warnAboutSlow(id, handler);
    if (this.mode === ScatterGatherMode.EXPRESS) {
      if (!handler) throw misuse(this, `responder '${id}' is a rule target, and EXPRESS mode can only ask functions; use Responder.function or STANDARD mode`);
      grantInvokeExactly(handler, this.stateMachine);
      this.responders.push({ id, condition, handler, route: id });
      return undefined;
    }
    const shared = handler && this.responders.find((other) => other.handler === handler);
    const added = shared ? { ...shared, id, condition } : { id, condition, handler, route: id, rule: this.carryRequests(id, responder) };
    this.responders.push(added);
    return added.rule;
  }

  /** Sends replies that changed nothing (late, duplicate, unknown) to a target. Not in EXPRESS mode. */
  public onLateReply(id: string, target: IRuleTarget): Rule {
    if (!this.bus) throw misuse(this, 'there are no late replies in EXPRESS mode');
    return new Rule(this, id, {
      eventBus: this.bus,
      eventPattern: { source: [EVENT_SOURCE], detailType: [DETAIL_TYPE.LATE_REPLY], detail: { gathering: [this.gatheringName] } },
      targets: [target],
    });
  }

  /** Lets somebody start gatherings. */
  public grantStart(grantee: IGrantable): Grant {
    const grant = this.stateMachine.grantStartExecution(grantee);
    return this.mode === ScatterGatherMode.EXPRESS ? grant.combine(this.stateMachine.grantStartSyncExecution(grantee)) : grant;
  }

  /** Lets somebody read replies from the table, as results that refer to it (`resultsRef`) ask for. Not in EXPRESS mode. */
  public grantReadReplies(grantee: IGrantable): Grant {
    if (!this.table) throw misuse(this, 'there is no table in EXPRESS mode');
    return grantTableActions(this.table, grantee, 'dynamodb:Query');
  }

  /** Lets somebody who replies by itself put reply events on the bus. Not in EXPRESS mode. */
  public grantReply(grantee: IGrantable): Grant {
    if (!this.bus) throw misuse(this, 'there are no reply events in EXPRESS mode');
    return this.bus.grantPutEventsTo(grantee);
  }

  /** A metric of the pattern by name; the sum over five minutes unless told otherwise. None is written in EXPRESS mode. */
  public metric(metricName: string, props?: MetricOptions): Metric {
    return gatheringMetric(this.gatheringName, metricName, Stats.SUM).with(props ?? {});
  }

  /** Gatherings that gave a result. */
  public metricGatherings(props?: MetricOptions): Metric {
    return this.metric(METRIC.GATHERINGS, props);
  }

  /** Gatherings that ended by their deadline. */
  public metricTimedOut(props?: MetricOptions): Metric {
    return this.metric(METRIC.TIMED_OUT, props);
  }

  /** Replies that changed nothing: late, duplicate, or of an unknown gathering or responder. */
  public metricLateReplies(props?: MetricOptions): Metric {
    return this.metric(METRIC.LATE_REPLIES, props);
  }

  /** Responders that answered with a failure. */
  public metricFailedReplies(props?: MetricOptions): Metric {
    return this.metric(METRIC.FAILED_REPLIES, props);
  }

  /** Milliseconds from the start of the execution to its result; the 99th percentile unless told otherwise. */
  public metricTimeToResult(props?: MetricOptions): Metric {
    return this.metric(METRIC.TIME_TO_RESULT, { statistic: Stats.percentile(99), ...props });
  }

  private createBus(): EventBus {
    return new EventBus(this, 'Bus', { description: `Requests and replies of ${this.gatheringName}`, kmsKey: this.props.encryptionKey });
  }

  private createTable(): Table {
    const { encryptionKey, removalPolicy } = this.props;
    return new Table(this, 'Gatherings', {
      partitionKey: { name: ATTRIBUTE.PARTITION_KEY, type: AttributeType.STRING },
      sortKey: { name: ATTRIBUTE.SORT_KEY, type: AttributeType.STRING },
      timeToLiveAttribute: ATTRIBUTE.EXPIRES_AT,
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      encryption: encryptionKey ? TableEncryption.CUSTOMER_MANAGED : TableEncryption.DEFAULT,
      encryptionKey,
      removalPolicy: removalPolicy ?? RemovalPolicy.RETAIN,
    });
  }

  private createReplyQueue(deadLetters: Queue): Queue {
    return secureQueue(this, 'Replies', {
      encryptionMasterKey: this.props.encryptionKey,
      visibilityTimeout: REPLY_VISIBILITY,
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: 5 },
      removalPolicy: this.props.removalPolicy ?? RemovalPolicy.RETAIN,
    });
  }

  private createScatter(table: Table, bus: IEventBus): LambdaFunction {
    const scatter = this.createHandler('Scatter', ScatterFunction, SCATTER_TIMEOUT, {
      [ENV.TABLE_NAME]: table.tableName,
      [ENV.EVENT_BUS_NAME]: bus.eventBusName,
    });
    grantTableActions(table, scatter, 'dynamodb:GetItem', 'dynamodb:UpdateItem', ...this.ifConditional('dynamodb:PutItem'));
    bus.grantPutEventsTo(scatter);
    return scatter;
  }

  private createCollector(table: Table, bus: IEventBus, replies: Queue): LambdaFunction {
    const collector = this.createHandler('Collect', CollectFunction, COLLECT_TIMEOUT, {
      [ENV.TABLE_NAME]: table.tableName,
      [ENV.EVENT_BUS_NAME]: bus.eventBusName,
      [ENV.REPLY_QUEUE_URL]: replies.queueUrl,
    });
    grantTableActions(table, collector, 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', ...this.ifConditional('dynamodb:Query'));
    bus.grantPutEventsTo(collector);
    collector.addEventSource(new SqsEventSource(replies, { batchSize: 10, reportBatchItemFailures: true }));
    return collector;
  }

  private createGather(table: Table): LambdaFunction {
    const gather = this.createHandler('Gather', GatherFunction, GATHER_TIMEOUT, { [ENV.TABLE_NAME]: table.tableName });
    grantTableActions(table, gather, 'dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem');
    return gather;
  }

  private createHandler(id: string, handlerClass: HandlerClass, timeout: Duration, environment: { [name: string]: string }): LambdaFunction {
    return handlerFunction(this, id, handlerClass, {
      description: `${id} of ${this.gatheringName}`,
      timeout,
      environment: {
        [ENV.GATHERING]: this.gatheringName,
        [ENV.RETENTION_SECONDS]: String(this.retention().toSeconds()),
        ...environment,
      },
      logRetention: this.props.logRetention ?? RetentionDays.ONE_MONTH,
      encryptionKey: this.props.encryptionKey,
      removalPolicy: this.props.removalPolicy,
    });
  }

  /** Replies by Lambda destinations and by reply events, into one queue. */
  private bringReplies(bus: IEventBus, replies: Queue, undelivered: Queue): void {
    const toQueue = () => new targets.SqsQueue(replies, { deadLetterQueue: undelivered });
    new Rule(this, 'FunctionReplies', {
      eventBus: bus,
      description: `What function responders of ${this.gatheringName} returned or threw`,
      eventPattern: {
        source: [LAMBDA_DESTINATION.SOURCE],
        detailType: [LAMBDA_DESTINATION.SUCCESS, LAMBDA_DESTINATION.FAILURE],
        detail: { requestPayload: { gathering: [this.gatheringName] } },
      },
      targets: [toQueue()],
    });
    new Rule(this, 'ReplyEvents', {
      eventBus: bus,
      description: `Replies to ${this.gatheringName} from responders that reply by themselves`,
      eventPattern: { detailType: [DETAIL_TYPE.REPLY], detail: { gathering: [this.gatheringName] } },
      targets: [toQueue()],
    });
  }

  private createStateMachine(): StateMachine {
    const { aggregator } = this.aggregation()._bind();
    const stateMachine = jsonStateMachine(this, 'StateMachine', {
      // Responders are added later.
      definition: Lazy.string({ produce: () => Stack.of(this).toJsonString(this.definition()) }),
      express: this.mode === ScatterGatherMode.EXPRESS,
      description: this.gatheringName,
      logRetention: this.props.logRetention ?? RetentionDays.ONE_MONTH,
      encryptionKey: this.props.encryptionKey,
      removalPolicy: this.props.removalPolicy,
    });
    for (const handler of [this.scatterFunction, this.gatherFunction, aggregator]) {
      if (handler) grantInvokeExactly(handler, stateMachine);
    }
    if (this.table) grantTableActions(this.table, stateMachine, 'dynamodb:UpdateItem');
    if (this.collectFunction) stateMachine.grant(this.collectFunction, 'states:SendTaskSuccess');
    return stateMachine;
  }

  private definition(): Definition {
    const { aggregation, aggregator } = this.aggregation()._bind();
    const description: WorkflowDescription = {
      gathering: this.gatheringName,
      partition: Stack.of(this).partition,
      timeoutSeconds: this.props.timeout.toSeconds(),
      completion: this.completion()._bind(),
      aggregation,
      aggregatorArn: aggregator?.functionArn,
      mapping: (this.props.requestMapping ?? RequestMapping.envelope())._bind(),
    };
    if (this.mode === ScatterGatherMode.EXPRESS) {
      return expressWorkflow({ ...description, responders: this.responders.map((added) => ({ ...added, functionArn: added.handler!.functionArn })) });
    }
    return standardWorkflow({
      ...description,
      responders: this.responders,
      scatterArn: this.scatterFunction!.functionArn,
      gatherArn: this.gatherFunction!.functionArn,
      tableName: this.table!.tableName,
    });
  }

  private carryRequests(route: string, responder: Responder): Rule {
    const { handler, target, retryAttempts } = responder._bind();
    return new Rule(this, `${route}Requests`, {
      eventBus: this.bus,
      description: `Requests of ${this.gatheringName} to ${route}`,
      eventPattern: {
        source: [EVENT_SOURCE],
        detailType: [DETAIL_TYPE.REQUEST],
        detail: { gathering: [this.gatheringName], route: [route] },
      },
      targets: [target ?? this.functionTarget(route, handler!, retryAttempts)],
    });
  }

  /** The request goes to the function as its event; its result or error comes back by Lambda's own destinations. */
  private functionTarget(id: string, handler: IFunction, retryAttempts: number): IRuleTarget {
    // Lambda and EventBridge both take at least a minute; what arrives after the deadline changes nothing.
    const maxEventAge = Duration.seconds(Math.min(Math.max(60, this.props.timeout.toSeconds()), Duration.hours(6).toSeconds()));
    if (handler.node.tryFindChild('EventInvokeConfig')) {
      throw misuse(this, `the function of responder '${id}' has an asynchronous invoke configuration already; give it an alias for this gathering`);
    }
    const destination = new EventBridgeDestination(this.bus!);
    handler.configureAsyncInvoke({ onSuccess: destination, onFailure: destination, retryAttempts, maxEventAge });
    return new targets.LambdaFunction(handler, {
      event: RuleTargetInput.fromEventPath('$.detail'),
      deadLetterQueue: this.undeliveredQueue,
      maxEventAge,
    });
  }

  private completion(): GatherCompletion {
    return this.props.completion ?? GatherCompletion.all();
  }

  private aggregation(): ReplyAggregation {
    return this.props.aggregation ?? ReplyAggregation.collect();
  }

  private retention(): Duration {
    return this.props.retention ?? Duration.days(7);
  }

  /** An action that only completion conditions need. */
  private ifConditional(action: string): string[] {
    return this.completion()._bind().kind === 'CONDITION' ? [action] : [];
  }

  private validateProps(): void {
    const { timeout, bus } = this.props;
    const retention = this.retention();
    if (!timeout.isUnresolved()) {
      const seconds = timeout.toSeconds({ integral: false });
      if (!Number.isInteger(seconds) || seconds < 1) throw misuse(this, `timeout must be whole seconds and at least 1, received ${seconds} s`);
      if (this.mode === ScatterGatherMode.EXPRESS && seconds > MAXIMUM_EXPRESS_TIMEOUT.toSeconds()) {
        throw misuse(this, `timeout must be at most ${MAXIMUM_EXPRESS_TIMEOUT.toSeconds()} s in EXPRESS mode, received ${seconds} s; use STANDARD mode for longer`);
      }
      if (!retention.isUnresolved() && retention.toSeconds() <= seconds) {
        throw misuse(this, `retention must be longer than timeout (${seconds} s), received ${retention.toSeconds()} s`);
      }
    }
    if (this.mode === ScatterGatherMode.EXPRESS && bus) throw misuse(this, 'bus has no meaning in EXPRESS mode, which invokes functions directly; leave it out');
  }

  private validateResponders(): string[] {
    const completion = this.completion()._bind();
    if (this.responders.length === 0) return ['a scatter-gather needs at least one responder; call addResponder'];
    if (completion.kind === 'COUNT' && completion.count > this.responders.length) {
      return [`completion is atLeast(${completion.count}), but there are only ${this.responders.length} responders`];
    }
    return [];
  }

  private warnAboutSlow(id: string, handler: IFunction): void {
    const limit = (handler as LambdaFunction).timeout;
    if (!limit || Token.isUnresolved(limit) || limit.toSeconds() <= this.props.timeout.toSeconds()) return;
    Annotations.of(this).addWarningV2(
      'cdk-integration-patterns:scatterGatherResponderTimeout',
      `responder '${id}' may run for ${limit.toSeconds()} s, longer than the gathering's timeout of ${this.props.timeout.toSeconds()} s; its late replies change nothing`,
    );
  }
}
