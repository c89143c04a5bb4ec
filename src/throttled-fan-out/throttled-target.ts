import { Annotations, Duration, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { IMetric, MathExpression, Metric, MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { IEventBus } from 'aws-cdk-lib/aws-events';
import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { FilterCriteria, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ITopic, SubscriptionFilter } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ThrottledTargetAlarms } from './alarms';
import { batching } from './batching';
import { Concurrency, defaultConcurrency, divideConcurrency } from './concurrency';
import { ENV, itemKey, METRIC } from './contract';
import { DispatchFunction } from './dispatch-function';
import { dispatcherSettings, INVOCATION_BUDGET } from './dispatcher-settings';
import { BoundTarget, FanOutTarget } from './fan-out-target';
import { KillSwitch } from './kill-switch';
import { combined, fanOutMetric } from './metrics';
import { DEFAULT_DELIVERY_TIMEOUT, DEFAULT_ERROR_SHARE, DEFAULT_MAX_AGE, ThrottledTargetOptions } from './props';
import { Filters, selection, subscribe } from './subscriptions';
import { ageMetric, PERIOD } from '../shared/alarms';
import { grantItems, grantSendMessage } from '../shared/grants';
import { handlerFunction } from '../shared/handler-function';
import { misuse } from '../shared/misuse';
import { deadLetterQueue, secureQueue } from '../shared/queues';

/**
 * What a target shares with the others of its fan-out.
 * @internal
 */
export interface FanOutParts {
  readonly fanOutName: string;
  readonly priorities: readonly string[];
  readonly topic: ITopic;
  readonly table: Table;
  readonly undeliveredQueue: Queue;
  readonly logRetention: RetentionDays;
  readonly encryptionKey?: IKey;
  readonly removalPolicy?: RemovalPolicy;
  bus(): IEventBus;
}

/** For what the last delivery has to be told afterwards. */
const MARGIN_SECONDS = 5;
/** @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
const VISIBILITY_FACTOR = 6;
/** SQS's longest. @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const RETENTION = Duration.days(14);
/** SQS's highest: a receive is no attempt, and the dispatcher counts those itself. */
const MOST_RECEIVES = 1000;
const LONGEST_OLDEST_AGE = Duration.minutes(15);

/** One target of a fan-out: a queue for each priority, and a dispatcher that empties them at the target's rate. Made by `addTarget`. */
export class ThrottledTarget extends Construct {
  /** @internal */
  public static _create(scope: Construct, id: string, parts: FanOutParts, target: FanOutTarget, options: ThrottledTargetOptions): ThrottledTarget {
    return new ThrottledTarget(scope, id, parts, target, options);
  }

  /** Messages that wait for their slot, by priority. */
  public readonly queues: { [priority: string]: Queue };
  /** Messages that failed `maxAttempts` times or could not be read, with the reason as an attribute. */
  public readonly deadLetterQueue: Queue;
  /** Messages that became older than `maxAge`. */
  public readonly expiredQueue: Queue;
  /** Paces and delivers. */
  public readonly dispatcher: LambdaFunction;
  /** What to be told of. */
  public readonly alarms: ThrottledTargetAlarms;

  private readonly maxAge: Duration;
  private readonly deliveryTimeout: Duration;

  private constructor(
    scope: Construct, id: string,
    private readonly parts: FanOutParts,
    private readonly target: FanOutTarget,
    private readonly options: ThrottledTargetOptions,
  ) {
    super(scope, id);
    this.maxAge = options.maxAge ?? DEFAULT_MAX_AGE;
    this.deliveryTimeout = options.deliveryTimeout ?? DEFAULT_DELIVERY_TIMEOUT;
    this.warnAboutSlow();

    this.deadLetterQueue = deadLetterQueue(this, 'DeadLetters', this.queueOptions());
    this.expiredQueue = deadLetterQueue(this, 'Expired', this.queueOptions());
    this.queues = Object.fromEntries(parts.priorities.map((priority) => [priority, this.createQueue(priority)]));
    const bound = target._bind({
      ...parts, scope: this, target: id, deadLetterQueue: this.deadLetterQueue, maxAge: this.maxAge, deliveryTimeout: this.deliveryTimeout,
      ratePerSecond: options.rate._bind().perSecond,
    });
    const concurrency = this.divideConcurrency();
    this.dispatcher = this.createDispatcher(bound, concurrency);
    parts.priorities.forEach((priority, rank) => this.feed(this.queues[priority], rank, concurrency[rank]));
    this.alarms = this.createAlarms();
  }

  /**
   * Lets somebody read and write the target's control item, and nothing else of the table: `ratePerSecond`, `burst`, `paused`, `killSwitch`, `dryRun`. It is
   * in force within seconds.
   * @param grantee the function, role or other principal that gets the permissions
   */
  public grantControl(grantee: IGrantable): Grant {
    return grantItems(this.parts.table, grantee, itemKey.control(this.node.id), 'dynamodb:GetItem', 'dynamodb:UpdateItem');
  }

  /**
   * A metric of the target by name; the sum over five minutes unless told otherwise.
   * @param metricName for example `Delivered`
   * @param props what differs from the defaults: statistic, period, label
   */
  public metric(metricName: string, props?: MetricOptions): Metric {
    return fanOutMetric(this.parts.fanOutName, this.node.id, undefined, metricName, props);
  }

  /**
   * Messages that were delivered, of one priority or of all; the sum over five minutes unless told otherwise.
   * @param priority one of the fan-out's priorities; all, unless given
   * @param props what differs from the defaults: statistic, period, label
   */
  public metricDelivered(priority?: string, props?: MetricOptions): IMetric {
    return this.metricByPriority(METRIC.DELIVERED, priority, props);
  }

  /**
   * Messages that went back to their queue to wait for a slot, of one priority or of all; the sum over five minutes unless told otherwise.
   * @param priority one of the fan-out's priorities; all, unless given
   * @param props what differs from the defaults: statistic, period, label
   */
  public metricDeferred(priority?: string, props?: MetricOptions): IMetric {
    return this.metricByPriority(METRIC.DEFERRED, priority, props);
  }

  /**
   * Messages that became too old, of one priority or of all; the sum over five minutes unless told otherwise.
   * @param priority one of the fan-out's priorities; all, unless given
   * @param props what differs from the defaults: statistic, period, label
   */
  public metricExpired(priority?: string, props?: MetricOptions): IMetric {
    return this.metricByPriority(METRIC.EXPIRED, priority, props);
  }

  /**
   * Deliveries that failed, of one priority or of all; the sum over five minutes unless told otherwise.
   * @param priority one of the fan-out's priorities; all, unless given
   * @param props what differs from the defaults: statistic, period, label
   */
  public metricFailed(priority?: string, props?: MetricOptions): IMetric {
    return this.metricByPriority(METRIC.FAILED, priority, props);
  }

  /**
   * Messages that were given up, of one priority or of all; the sum over five minutes unless told otherwise.
   * @param priority one of the fan-out's priorities; all, unless given
   * @param props what differs from the defaults: statistic, period, label
   */
  public metricDeadLettered(priority?: string, props?: MetricOptions): IMetric {
    return this.metricByPriority(METRIC.DEAD_LETTERED, priority, props);
  }

  /**
   * Messages that would have waited but for the dry run, of one priority or of all; the sum over five minutes unless told otherwise.
   * @param priority one of the fan-out's priorities; all, unless given
   * @param props what differs from the defaults: statistic, period, label
   */
  public metricWouldHaveWaited(priority?: string, props?: MetricOptions): IMetric {
    return this.metricByPriority(METRIC.WOULD_HAVE_WAITED, priority, props);
  }

  /**
   * Seconds for which the oldest message of one priority, or of all, has been in its queue; the maximum of five minutes unless told otherwise.
   * @param priority one of the fan-out's priorities; all, unless given
   * @param props what differs from the defaults: statistic, period, label
   */
  public metricOldestAge(priority?: string, props?: MetricOptions): IMetric {
    return combined('MAX', 'age of the oldest message', this.prioritiesOf(priority).map((each) => ageMetric(this.queues[each], props)));
  }

  /**
   * Deliveries that the target throttled; the sum over five minutes unless told otherwise.
   * @param props what differs from the defaults: statistic, period, label
   */
  public metricThrottled(props?: MetricOptions): Metric {
    return this.metric(METRIC.THROTTLED, props);
  }

  /**
   * The rate in force, in deliveries a second; the average of five minutes unless told otherwise.
   * @param props what differs from the defaults: statistic, period, label
   */
  public metricRate(props?: MetricOptions): Metric {
    return this.metric(METRIC.RATE, { statistic: Stats.AVERAGE, ...props });
  }

  /**
   * Which percentage of what the rate in force allowed was delivered, in five minutes unless told otherwise.
   * @param props what differs from the defaults: statistic, period, label
   */
  public metricUtilisation(props?: MetricOptions): IMetric {
    const period = props?.period ?? PERIOD;
    return new MathExpression({
      expression: `100 * delivered / (rate * ${period.toSeconds()})`,
      usingMetrics: { delivered: this.metricDelivered(undefined, { period }), rate: this.metricRate({ period }) },
      period,
      label: props?.label ?? 'Utilisation in %',
    });
  }

  /**
   * 1 while the kill switch is open, 0 while it is closed; the maximum of five minutes unless told otherwise.
   * @param props what differs from the defaults: statistic, period, label
   */
  public metricKillSwitchOpen(props?: MetricOptions): Metric {
    return this.metric(METRIC.KILL_SWITCH_OPEN, { statistic: Stats.MAXIMUM, ...props });
  }

  private metricByPriority(metricName: string, priority: string | undefined, props: MetricOptions | undefined): IMetric {
    const { fanOutName } = this.parts;
    return combined('SUM', metricName, this.prioritiesOf(priority).map((each) => fanOutMetric(fanOutName, this.node.id, each, metricName, props)));
  }

  private prioritiesOf(priority: string | undefined): readonly string[] {
    const { priorities } = this.parts;
    if (priority === undefined) return priorities;
    if (!priorities.includes(priority)) {
      throw misuse(this, `priority of a metric must be one of ${priorities.map((each) => `'${each}'`).join(', ')}, received '${priority}'`);
    }
    return [priority];
  }

  private createQueue(priority: string): Queue {
    return secureQueue(this, `${priority}Queue`, {
      encryptionMasterKey: this.parts.encryptionKey,
      removalPolicy: this.parts.removalPolicy,
      retentionPeriod: RETENTION,
      visibilityTimeout: Duration.seconds(VISIBILITY_FACTOR * this.invocationTimeout().toSeconds()),
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: MOST_RECEIVES },
    });
  }

  private createDispatcher({ destination, grantDeliver }: BoundTarget, concurrency: readonly Concurrency[]): LambdaFunction {
    const { fanOutName, table } = this.parts;
    const dispatcher = handlerFunction(this, 'Dispatch', DispatchFunction, {
      ...this.parts,
      description: `Deliveries of ${fanOutName} to ${this.node.id}`,
      timeout: this.invocationTimeout(),
      environment: {
        [ENV.FAN_OUT_NAME]: fanOutName,
        [ENV.TABLE_NAME]: table.tableName,
        [ENV.SETTINGS]: Stack.of(this).toJsonString(dispatcherSettings({
          target: this.node.id,
          destination,
          options: this.options,
          killSwitch: this.killSwitch(),
          priorities: this.parts.priorities,
          concurrency,
          queues: this.queues,
          deadLetterQueue: this.deadLetterQueue,
          expiredQueue: this.expiredQueue,
          deliveryTimeout: this.deliveryTimeout,
          maxAge: this.maxAge,
        })),
      },
    });
    grantItems(table, dispatcher, `${this.node.id}#*`, 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem');
    grantSendMessage(this.deadLetterQueue, dispatcher);
    grantSendMessage(this.expiredQueue, dispatcher);
    grantDeliver(dispatcher);
    return dispatcher;
  }

  /** From the topic into the queue, and from there to the dispatcher. */
  private feed(queue: Queue, rank: number, { invocations }: Concurrency): void {
    const { topic, priorities, undeliveredQueue } = this.parts;
    const { subscription, eventSource } = selection(priorities, rank, this.filters());
    const { batchSize, windowSeconds } = batching(this.options.rate._bind().perSecond, rank);
    subscribe(topic, queue, subscription, undeliveredQueue);
    this.dispatcher.addEventSource(new SqsEventSource(queue, {
      batchSize,
      maxBatchingWindow: windowSeconds > 0 ? Duration.seconds(windowSeconds) : undefined,
      maxConcurrency: invocations,
      reportBatchItemFailures: true,
      filters: eventSource && [FilterCriteria.filter(eventSource)],
    }));
  }

  private createAlarms(): ThrottledTargetAlarms {
    const { actions, oldestAge } = this.options.alarms ?? {};
    return new ThrottledTargetAlarms(this, 'Alarms', {
      actions,
      oldestAge: oldestAge ?? Duration.seconds(Math.min(LONGEST_OLDEST_AGE.toSeconds(), Math.floor(this.maxAge.toSeconds() / 2))),
      oldestAgeMetric: this.metricOldestAge(),
      deadLetterQueue: this.deadLetterQueue,
      dispatcher: this.dispatcher,
      killSwitchMetric: this.killSwitch()._bind() && this.metricKillSwitchOpen(),
    });
  }

  private killSwitch(): KillSwitch {
    if (!this.target._tellsOutcomes) return KillSwitch.disabled();
    return this.options.killSwitch ?? KillSwitch.atErrorShare(DEFAULT_ERROR_SHARE);
  }

  private divideConcurrency(): Concurrency[] {
    const { length } = this.parts.priorities;
    return divideConcurrency(this.options.maxConcurrency ?? defaultConcurrency(this.options.rate._bind().perSecond, length), length);
  }

  private filters(): Filters {
    const { filter = {}, filterPolicy } = this.options;
    const lists = Object.entries(filter).map(([attribute, allowlist]) => [attribute, SubscriptionFilter.stringFilter({ allowlist })]);
    return { ...Object.fromEntries(lists), ...filterPolicy };
  }

  private queueOptions() {
    const { encryptionKey, removalPolicy } = this.parts;
    return { encryptionKey, removalPolicy };
  }

  private invocationTimeout(): Duration {
    return Duration.seconds(INVOCATION_BUDGET.toSeconds() + this.deliveryTimeout.toSeconds() + MARGIN_SECONDS);
  }

  private warnAboutSlow(): void {
    const limit = this.target._timeout;
    if (!limit || Token.isUnresolved(limit) || limit.toSeconds() <= this.deliveryTimeout.toSeconds()) return;
    Annotations.of(this).addWarningV2(
      'cdk-integration-patterns:throttledFanOutFunctionTimeout',
      `the function of target '${this.node.id}' may run for ${limit.toSeconds()} s, longer than deliveryTimeout (${this.deliveryTimeout.toSeconds()} s); what it does after that is done again`,
    );
  }
}
