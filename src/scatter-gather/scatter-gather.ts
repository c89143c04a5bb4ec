import { Annotations, Duration, Lazy, Names, Stack, Token } from 'aws-cdk-lib';
import { Metric, MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { IEventBus, IRuleTarget, Rule } from 'aws-cdk-lib/aws-events';
import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { Function as LambdaFunction, IFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { gatheringMetric, ScatterGatherAlarms } from './alarms';
import { DETAIL_TYPE, EVENT_SOURCE, METRIC } from './contract';
import { expressWorkflow } from './express-workflow';
import { GatherCompletion } from './gather-completion';
import { ScatterGatherMode } from './mode';
import { DEFAULT_RETENTION, ScatterGatherProps } from './props';
import { ReplyAggregation } from './reply-aggregation';
import { RequestMapping } from './request-mapping';
import { Responder } from './responder';
import { StandardResources } from './standard-resources';
import { standardWorkflow } from './standard-workflow';
import { WorkflowDescription } from './workflow';
import { Definition } from '../shared/asl';
import { grantInvokeExactly, grantTableActions } from '../shared/grants';
import { misuse } from '../shared/misuse';
import { jsonStateMachine } from '../shared/state-machine';

interface AddedResponder {
  readonly id: string;
  /** Names the rule: the id of the first responder that it was made for. */
  readonly route: string;
  readonly condition?: string;
  readonly handler?: IFunction;
  readonly retryAttempts: number;
  readonly rule?: Rule;
}

const MAXIMUM_EXPRESS_TIMEOUT = Duration.minutes(4);

/**
 * Broadcasts one request to many responders, gathers their replies until they suffice or the deadline comes, and answers
 * one result.
 *
 * Start an execution of `stateMachine`; its output is `{ correlationId, status, completedBy, replies, failures, missing,
 * result }`. Each responder's first reply counts, each start ends once, and nothing stays open behind a deadline.
 *
 * Limits: a reply has at most 390,000 bytes; each function or target takes a rule of the bus (300 unless raised), and up to
 * four resources of the stack (500).
 * To remove it, delete the stack; table, queues and logs stay behind unless `removalPolicy` says otherwise.
 *
 * @example
 * import { ReplyAggregation, Responder, ScatterGather } from 'cdk-integration-patterns';
 *
 * const quotes = new ScatterGather(this, 'LoanQuotes', {
 *   timeout: Duration.seconds(10),
 *   aggregation: ReplyAggregation.minimumBy('rate'),
 * });
 * quotes.addResponder('BigBank', Responder.function(bigBank));
 * quotes.addResponder('FriendlyBank', Responder.function(friendlyBank, { when: '{% $request.LoanAmount < 1000 %}' }));
 * quotes.grantStart(api);
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
  private readonly standard?: StandardResources;
  private readonly responders: AddedResponder[] = [];

  /**
   * @param scope the stack, or what else it belongs to
   * @param id unique in its scope, and part of the logical ids: another one makes CloudFormation replace all of it
   * @param props its deadline, and what differs from the defaults
   */
  constructor(scope: Construct, id: string, props: ScatterGatherProps) {
    super(scope, id);
    this.props = props;
    this.mode = props.mode ?? ScatterGatherMode.STANDARD;
    this.gatheringName = Names.uniqueResourceName(this, { maxLength: 64, separator: '-' });
    this.validateProps();

    if (this.mode === ScatterGatherMode.STANDARD) {
      this.standard = new StandardResources(this, this.gatheringName, props);
      this.bus = this.standard.bus;
      this.table = this.standard.table;
      this.deadLetterQueue = this.standard.deadLetterQueue;
      this.undeliveredQueue = this.standard.undeliveredQueue;
      this.replyQueue = this.standard.replyQueue;
      this.scatterFunction = this.standard.scatterFunction;
      this.collectFunction = this.standard.collectFunction;
      this.gatherFunction = this.standard.gatherFunction;
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
   * @param id unique among the responders: the `responder` of replies, failures and `missing`
   * @param responder a function, or a target of a rule
   * @returns the rule that carries the requests there; in EXPRESS mode there is none
   */
  public addResponder(id: string, responder: Responder): Rule | undefined {
    const { condition, handler, retryAttempts } = responder._bind();
    if (id === '') throw misuse(this, "the id of a responder must not be empty, received ''");
    if (this.responders.some((other) => other.id === id)) {
      throw misuse(this, `there is a responder '${id}' already; ids must be unique`);
    }
    if (handler) this.warnAboutSlow(id, handler);
    if (!this.standard) {
      if (!handler) throw misuse(this, `responder '${id}' is a rule target, and EXPRESS mode can only ask functions; use Responder.function or STANDARD mode`);
      grantInvokeExactly(handler, this.stateMachine);
      this.responders.push({ id, condition, handler, retryAttempts, route: id });
      return undefined;
    }
    const shared = handler && this.responders.find((other) => other.handler === handler);
    if (shared && shared.retryAttempts !== retryAttempts) {
      throw misuse(this, `responders '${shared.id}' and '${id}' are one function and must have the same retryAttempts, received ${shared.retryAttempts} and ${retryAttempts}`);
    }
    const added = shared
      ? { ...shared, id, condition }
      : { id, condition, handler, retryAttempts, route: id, rule: this.standard.carryRequests(id, responder) };
    this.responders.push(added);
    return added.rule;
  }

  /**
   * Sends replies that changed nothing to a target, each with its `reason`: `LATE`, `DUPLICATE`, `UNKNOWN_CORRELATION_ID` or
   * `UNKNOWN_RESPONDER`. Not in EXPRESS mode.
   * @param id of the rule, unique in this construct
   * @param target what the rule sends the events to
   */
  public onLateReply(id: string, target: IRuleTarget): Rule {
    if (!this.bus) throw misuse(this, 'there are no late replies in EXPRESS mode');
    return new Rule(this, id, {
      eventBus: this.bus,
      eventPattern: { source: [EVENT_SOURCE], detailType: [DETAIL_TYPE.LATE_REPLY], detail: { gathering: [this.gatheringName] } },
      targets: [target],
    });
  }

  /**
   * Lets somebody start gatherings: `StartExecution`, and in EXPRESS mode `StartSyncExecution`.
   * @param grantee the function, role or other principal that gets the permissions
   */
  public grantStart(grantee: IGrantable): Grant {
    const grant = this.stateMachine.grantStartExecution(grantee);
    if (this.mode === ScatterGatherMode.STANDARD) return grant;
    const sync = grant.combine(this.stateMachine.grantStartSyncExecution(grantee));
    // The caller reads the encrypted definition. https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartSyncExecution.html
    return this.props.encryptionKey ? sync.combine(this.props.encryptionKey.grantDecrypt(grantee)) : sync;
  }

  /**
   * Lets somebody read replies from the table, as results that refer to it (`resultsRef`) ask for. Not in EXPRESS mode.
   * @param grantee the function, role or other principal that gets the permissions
   */
  public grantReadReplies(grantee: IGrantable): Grant {
    if (!this.table) throw misuse(this, 'there is no table in EXPRESS mode');
    return grantTableActions(this.table, grantee, 'dynamodb:Query');
  }

  /**
   * Lets somebody who replies by itself put reply events on the bus. Not in EXPRESS mode.
   * @param grantee the function, role or other principal that gets the permissions
   */
  public grantReply(grantee: IGrantable): Grant {
    if (!this.bus) throw misuse(this, 'there are no reply events in EXPRESS mode');
    return this.bus.grantPutEventsTo(grantee);
  }

  /**
   * A metric of the pattern by name; the sum over five minutes unless told otherwise. None is written in EXPRESS mode.
   * @param metricName for example `LateReplies`
   * @param props what differs from the defaults: statistic, period, label
   */
  public metric(metricName: string, props?: MetricOptions): Metric {
    return gatheringMetric(this.gatheringName, metricName, Stats.SUM).with(props ?? {});
  }

  /**
   * Gatherings that gave a result.
   * @param props what differs from the defaults: statistic, period, label
   */
  public metricGatherings(props?: MetricOptions): Metric {
    return this.metric(METRIC.GATHERINGS, props);
  }

  /**
   * Gatherings that ended by their deadline.
   * @param props what differs from the defaults: statistic, period, label
   */
  public metricTimedOut(props?: MetricOptions): Metric {
    return this.metric(METRIC.TIMED_OUT, props);
  }

  /**
   * Replies that changed nothing: late, duplicate, or of an unknown gathering or responder.
   * @param props what differs from the defaults: statistic, period, label
   */
  public metricLateReplies(props?: MetricOptions): Metric {
    return this.metric(METRIC.LATE_REPLIES, props);
  }

  /**
   * Responders that answered with a failure.
   * @param props what differs from the defaults: statistic, period, label
   */
  public metricFailedReplies(props?: MetricOptions): Metric {
    return this.metric(METRIC.FAILED_REPLIES, props);
  }

  /**
   * Milliseconds from the start of the execution to its result; the 99th percentile unless told otherwise.
   * @param props what differs from the defaults: statistic, period, label
   */
  public metricTimeToResult(props?: MetricOptions): Metric {
    return this.metric(METRIC.TIME_TO_RESULT, { statistic: Stats.percentile(99), ...props });
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

  private completion(): GatherCompletion {
    return this.props.completion ?? GatherCompletion.all();
  }

  private aggregation(): ReplyAggregation {
    return this.props.aggregation ?? ReplyAggregation.collect();
  }

  private validateProps(): void {
    const { timeout, bus } = this.props;
    const retention = this.props.retention ?? DEFAULT_RETENTION;
    if (timeout.isUnresolved()) throw misuse(this, 'timeout must be known at synthesis, received a token; give it as a number');
    const seconds = timeout.toSeconds({ integral: false });
    if (!Number.isInteger(seconds) || seconds < 1) throw misuse(this, `timeout must be whole seconds and at least 1, received ${seconds} s`);
    if (this.mode === ScatterGatherMode.EXPRESS && seconds > MAXIMUM_EXPRESS_TIMEOUT.toSeconds()) {
      throw misuse(this, `timeout must be at most ${MAXIMUM_EXPRESS_TIMEOUT.toSeconds()} s in EXPRESS mode, received ${seconds} s; use STANDARD mode for longer`);
    }
    if (!retention.isUnresolved() && retention.toSeconds() <= seconds) {
      throw misuse(this, `retention must be longer than timeout (${seconds} s), received ${retention.toSeconds()} s`);
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
