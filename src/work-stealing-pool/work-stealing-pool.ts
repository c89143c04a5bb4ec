import { Annotations, Aspects, Duration, Names } from 'aws-cdk-lib';
import { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { WorkStealingPoolAlarms } from './alarms';
import { ATTRIBUTE, CoordinatorSettings, ENV, itemKey, METRIC, RouterSettings, Routing, StealingSettings } from './contract';
import { CoordinateFunction } from './coordinate-function';
import { tooLarge } from './environment-size';
import { poolMetric } from './metrics';
import { PoolGroup, PoolParts } from './pool-group';
import {
  DEFAULT_LEASE, DEFAULT_MAX_RECEIVE_COUNT, DEFAULT_OLDEST_AGE, DEFAULT_RETRY_DELAY, DEFAULT_TASK_RETENTION, WorkStealingPoolProps,
} from './props';
import { RouteFunction } from './route-function';
import { coordinatorSettings, routerSettings, settingsJson } from './settings';
import { whySharedQueueWouldDo } from './shared-queue';
import { Stealing } from './stealing';
import { TaskRouter } from './task-router';
import { unknownVictims, validateGroup, validatePool } from './validate-props';
import { WorkerGroup } from './worker-group';
import { grantExactly, grantInvokeExactly, grantItems, grantSendMessage } from '../shared/grants';
import { handlerFunction } from '../shared/handler-function';
import { deadLetterQueue, secureQueue } from '../shared/queues';
import { secureTable } from '../shared/tables';

const ROUTE_TIMEOUT = Duration.seconds(20);
/** @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
const VISIBILITY_FACTOR = 6;
/** SQS's longest. @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const RETENTION = Duration.days(14);
/** SQS's highest: a task that no group may have for now waits, and what cannot even be read the router gives up itself. */
const MOST_RECEIVES = 1000;
/** As many as come at once without waiting for more: a task of two seconds notices each that it waits. */
const ROUTE_BATCH = 10;
/** Thousands of tasks a second, and the account's concurrency is left to the groups' functions. */
const MOST_ROUTING = 50;
/** Longer than two ticks, so that the next invocation is there, as a standby, before the last one ends. */
const COORDINATE_TIMEOUT = Duration.minutes(3);
const TICK = Duration.minutes(1);

/**
 * Groups of workers with queues of their own, because it matters who does what (a warm cache, a tenant's files, a GPU, a licence), and idle groups that take
 * work from busy ones when that is worth it.
 *
 * Send `{ id, payload, estimatedSeconds?, groups? }` as JSON to `submitQueue`. A task is done once: begun again after a worker's death, but what was done is
 * not done again, and a worker that was believed dead cannot commit. What fails too often goes to the dead-letter queue of the group to which it was routed.
 * A stolen task stays in its own queue until it is done, so that its count of attempts is true.
 *
 * Where every worker can do every task equally well, one queue for all of them is simpler and no slower.
 *
 * Limits: 10 groups; a group's function runs for 14 minutes at most, and 1,000 times at once. Where tasks submit tasks, Lambda may take router, runner and
 * function for a loop and stop it after about 16 rounds, unless each of them allows it. To remove the pool, delete the stack; queues, table and logs stay behind
 * unless `removalPolicy` says otherwise.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
 *
 * @example
 * import { TaskRouter, WorkerGroup, WorkStealingPool } from 'cdk-integration-patterns';
 *
 * const pool = new WorkStealingPool(this, 'Render', { router: TaskRouter.affinity('tenantId') });
 * pool.addGroup('Gpu', WorkerGroup.function(gpu, { maxConcurrency: 8, weight: 4 }));
 * pool.addGroup('Cpu', WorkerGroup.function(cpu, { maxConcurrency: 4 }));
 * pool.grantSubmit(app);
 */
export class WorkStealingPool extends Construct {
  /** Send tasks here. */
  public readonly submitQueue: Queue;
  /** What was submitted and is no task, with the reason as an attribute. */
  public readonly submitDeadLetterQueue: Queue;
  /** The leader's plan, the workers, what operators want, and which tasks are done. */
  public readonly table: Table;
  /** Chooses a group for each task. */
  public readonly router: LambdaFunction;
  /** Leads: looks at all groups, plans who steals what, and wakes who should work. */
  public readonly coordinator: LambdaFunction;
  /** The dimension of its metrics, and the `pool` of each assignment. */
  public readonly poolName: string;
  /** What to be told of, besides the groups' own. */
  public readonly alarms: WorkStealingPoolAlarms;

  private readonly props: WorkStealingPoolProps;
  private readonly routing: Routing;
  private readonly stealing?: StealingSettings;
  private readonly parts: PoolParts;
  private readonly added: PoolGroup[] = [];

  /**
   * @param scope the stack, or what else it belongs to
   * @param id unique in its scope, and part of the logical ids: another one makes CloudFormation replace all of it
   * @param props what differs from the defaults
   */
  constructor(scope: Construct, id: string, props: WorkStealingPoolProps = {}) {
    super(scope, id);
    this.props = props;
    validatePool(this, props);
    this.routing = (props.router ?? TaskRouter.powerOfTwoChoices())._bind();
    this.stealing = (props.stealing ?? Stealing.leader())._bind();
    this.poolName = Names.uniqueResourceName(this, { maxLength: 64, separator: '-' });

    this.table = this.createTable();
    this.parts = this.describe();
    this.submitDeadLetterQueue = deadLetterQueue(this, 'SubmitDeadLetters', props);
    this.submitQueue = this.createSubmitQueue();
    this.coordinator = this.createCoordinator();
    this.router = this.createRouter();
    this.alarms = this.createAlarms();
    this.node.addValidation({ validate: () => this.misuses() });
    Aspects.of(this).add({ visit: (node) => { if (node === this) this.warnAboutSharedQueue(); } });
  }

  /** The groups, as they were added. */
  public get groups(): PoolGroup[] {
    return [...this.added];
  }

  /**
   * Adds workers with a queue of their own.
   * @param id unique among the groups: `group` and `home` of an assignment, a dimension of metrics; 1 to 32 letters, digits and any of `_ -`
   * @param group a function, or containers and servers
   */
  public addGroup(id: string, group: WorkerGroup): PoolGroup {
    validateGroup(this, id, group, { count: this.added.length, steals: this.stealing !== undefined });
    const added = PoolGroup._create(this, id, this.parts, group);
    this.letSteal(added);
    this.added.push(added);
    grantSendMessage(added.queue, this.router);
    grantExactly(this.coordinator, added.queue.queueArn, ['sqs:GetQueueAttributes']);
    if (added.runner) {
      grantInvokeExactly(added.runner, this.router);
      grantInvokeExactly(added.runner, this.coordinator);
    }
    return added;
  }

  /**
   * Lets somebody submit tasks.
   * @param grantee the function, role or other principal that gets the permissions
   */
  public grantSubmit(grantee: IGrantable): Grant {
    return grantSendMessage(this.submitQueue, grantee);
  }

  /**
   * A metric of the pool by name; the sum over five minutes unless told otherwise.
   * @param metricName for example `InvalidTasks`
   * @param props what differs from the defaults: statistic, period, label
   */
  public metric(metricName: string, props?: MetricOptions): Metric {
    return poolMetric(this.poolName, undefined, metricName, props);
  }

  /**
   * Tasks that were routed to a group; the sum over five minutes unless told otherwise.
   * @param props what differs from the defaults: statistic, period, label
   */
  public metricSubmitted(props?: MetricOptions): Metric {
    return this.metric(METRIC.SUBMITTED, props);
  }

  /**
   * Messages that were no tasks; the sum over five minutes unless told otherwise.
   * @param props what differs from the defaults: statistic, period, label
   */
  public metricInvalid(props?: MetricOptions): Metric {
    return this.metric(METRIC.INVALID, props);
  }

  private createTable(): Table {
    const { encryptionKey, removalPolicy } = this.props;
    return secureTable(this, 'Table', {
      encryptionKey,
      removalPolicy,
      partitionKey: { name: ATTRIBUTE.PARTITION_KEY, type: AttributeType.STRING },
      sortKey: { name: ATTRIBUTE.SORT_KEY, type: AttributeType.STRING },
      timeToLiveAttribute: ATTRIBUTE.EXPIRES_AT,
    });
  }

  private createSubmitQueue(): Queue {
    const { encryptionKey, removalPolicy } = this.props;
    return secureQueue(this, 'Submit', {
      encryptionMasterKey: encryptionKey,
      removalPolicy,
      retentionPeriod: RETENTION,
      visibilityTimeout: Duration.seconds(VISIBILITY_FACTOR * ROUTE_TIMEOUT.toSeconds()),
      deadLetterQueue: { queue: this.submitDeadLetterQueue, maxReceiveCount: MOST_RECEIVES },
    });
  }

  private createRouter(): LambdaFunction {
    const router = handlerFunction(this, 'Route', RouteFunction, {
      ...this.parts,
      description: `Routes tasks of ${this.poolName}`,
      timeout: ROUTE_TIMEOUT,
      environment: this.environment(() => this.routerSettings()),
    });
    grantItems(this.table, router, [itemKey.leader().id, itemKey.group('*'), itemKey.control('*').id], 'dynamodb:BatchGetItem');
    grantSendMessage(this.submitDeadLetterQueue, router);
    grantInvokeExactly(this.coordinator, router);
    router.addEventSource(new SqsEventSource(this.submitQueue, {
      batchSize: ROUTE_BATCH, maxConcurrency: MOST_ROUTING, reportBatchItemFailures: true,
    }));
    return router;
  }

  private createCoordinator(): LambdaFunction {
    const coordinator = handlerFunction(this, 'Coordinate', CoordinateFunction, {
      ...this.parts,
      description: `Leads ${this.poolName}`,
      timeout: COORDINATE_TIMEOUT,
      environment: this.environment(() => this.coordinatorSettings()),
    });
    grantItems(this.table, coordinator, itemKey.leader().id, 'dynamodb:GetItem', 'dynamodb:PutItem');
    grantItems(this.table, coordinator, itemKey.control('*').id, 'dynamodb:BatchGetItem');
    grantItems(this.table, coordinator, itemKey.group('*'), 'dynamodb:Query');
    // Whoever comes late finds a leader, or the next tick does what it would have done.
    const onTime = { retryAttempts: 0, maxEventAge: TICK };
    coordinator.configureAsyncInvoke(onTime);
    new Rule(this, 'Tick', {
      description: `Sees that ${this.poolName} has a leader`,
      schedule: Schedule.rate(TICK),
      targets: [new targets.LambdaFunction(coordinator, onTime)],
    });
    return coordinator;
  }

  private createAlarms(): WorkStealingPoolAlarms {
    return new WorkStealingPoolAlarms(this, 'Alarms', {
      actions: this.parts.alarmActions,
      oldestAge: this.parts.oldestAge,
      submitQueue: this.submitQueue,
      submitDeadLetterQueue: this.submitDeadLetterQueue,
      router: this.router,
      coordinator: this.coordinator,
    });
  }

  private environment(settings: () => RouterSettings | CoordinatorSettings): { [name: string]: string } {
    return { [ENV.POOL_NAME]: this.poolName, [ENV.TABLE_NAME]: this.table.tableName, [ENV.SETTINGS]: settingsJson(this, settings) };
  }

  private describe(): PoolParts {
    const { lease, maxReceiveCount, retryDelay, taskRetention, alarms, logRetention, encryptionKey, removalPolicy } = this.props;
    return {
      poolName: this.poolName,
      table: this.table,
      tableName: this.table.tableName,
      lease: lease ?? DEFAULT_LEASE,
      maxReceiveCount: maxReceiveCount ?? DEFAULT_MAX_RECEIVE_COUNT,
      retryDelay: retryDelay ?? DEFAULT_RETRY_DELAY,
      taskRetention: taskRetention ?? DEFAULT_TASK_RETENTION,
      oldestAge: alarms?.oldestAge ?? DEFAULT_OLDEST_AGE,
      alarmActions: alarms?.actions,
      logRetention: logRetention ?? RetentionDays.ONE_MONTH,
      encryptionKey,
      removalPolicy,
    };
  }

  private routerSettings(): RouterSettings {
    return routerSettings(this.described(), this.routing, {
      coordinatorArn: this.coordinator.functionArn, deadLetterQueueUrl: this.submitDeadLetterQueue.queueUrl,
    });
  }

  private coordinatorSettings(): CoordinatorSettings {
    return coordinatorSettings(this.described(), this.stealing, this.parts.lease);
  }

  private described() {
    return this.added.map((group) => group._describe());
  }

  private letSteal(added: PoolGroup): void {
    if (!this.stealing) return;
    for (const other of this.added) {
      added._mayStealFrom(other);
      other._mayStealFrom(added);
    }
  }

  private misuses(): string[] {
    if (this.added.length === 0) return ['a work-stealing pool needs at least one group; call addGroup'];
    return [
      ...unknownVictims(this.added.map(({ groupName, _stealsFrom }) => ({ groupName, stealsFrom: _stealsFrom }))),
      ...tooLarge(this, 'router', this.routerSettings()),
      ...tooLarge(this, 'coordinator', this.coordinatorSettings()),
    ];
  }

  private warnAboutSharedQueue(): void {
    const why = whySharedQueueWouldDo(this.described().map(({ bound }) => bound), this.routing);
    if (why !== undefined) Annotations.of(this).addWarningV2('cdk-integration-patterns:workStealingPoolSharedQueue', why);
  }
}
