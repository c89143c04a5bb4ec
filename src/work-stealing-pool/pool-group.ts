import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { IAlarmAction, Metric, MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { PoolGroupAlarms } from './alarms';
import { COMMIT_ENV, ENV, itemKey, METRIC, WorkerSettings } from './contract';
import { poolMetric } from './metrics';
import { RunFunction } from './run-function';
import { DescribedGroup, runnerSettings, settingsJson, WorkDescription, workerSettings } from './settings';
import { BoundFunction, BoundGroup, WorkerGroup } from './worker-group';
import { ageMetric } from '../shared/alarms';
import { grantExactly, grantInvokeExactly, grantItems } from '../shared/grants';
import { handlerFunction } from '../shared/handler-function';
import { misuse } from '../shared/misuse';
import { deadLetterQueue, secureQueue } from '../shared/queues';

/**
 * What a group shares with the others of its pool.
 * @internal
 */
export interface PoolParts extends WorkDescription {
  readonly table: Table;
  readonly maxReceiveCount: number;
  readonly oldestAge: Duration;
  readonly alarmActions?: IAlarmAction[];
  readonly logRetention: RetentionDays;
  readonly encryptionKey?: IKey;
  readonly removalPolicy?: RemovalPolicy;
}

/** SQS's longest. @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const RETENTION = Duration.days(14);
/** Lambda's longest: what a runner has begun it waits for. @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html */
const RUNNER_TIMEOUT = Duration.minutes(15);
/** A wake that comes later is of no use: the leader or the next task wakes again. */
const WAKE_AGE = Duration.minutes(1);
/** As many calls as one runner of 256 MB has under way without falling behind. */
const MANY_PLACES = 50;
const MEMORY = { few: 256, many: 512 };

/** In its environment a function has the table of one pool. */
const TABLE_OF_COMMITTER = new WeakMap<LambdaFunction, Table>();

/** One group of a pool: its own queue, its own dead-letter queue, and its workers. Made by `addGroup`. */
export class PoolGroup extends Construct {
  /** @internal */
  public static _create(scope: Construct, id: string, parts: PoolParts, group: WorkerGroup): PoolGroup {
    return new PoolGroup(scope, id, parts, group._bind());
  }

  /** Its id: `group` and `home` of an assignment, a dimension of metrics, one of the `groups` that a task may name. */
  public readonly groupName: string;
  /** Tasks that were routed to it and are not done. Nobody but the pool's router sends to it. */
  public readonly queue: Queue;
  /** Tasks of its queue that failed too often, whoever did them. */
  public readonly deadLetterQueue: Queue;
  /** Takes tasks for its function. Not for workers outside the pool. */
  public readonly runner?: LambdaFunction;
  /** What to be told of. */
  public readonly alarms: PoolGroupAlarms;

  private readonly workers: IGrantable[] = [];
  private readonly victims: PoolGroup[] = [];

  private constructor(scope: Construct, id: string, private readonly parts: PoolParts, private readonly bound: BoundGroup) {
    super(scope, id);
    this.groupName = id;
    this.deadLetterQueue = deadLetterQueue(this, 'DeadLetters', parts);
    this.queue = this.createQueue();
    this.runner = bound.work && this.createRunner(bound.work);
    this.alarms = this.createAlarms();
  }

  /** The value of the environment variable `WORK_STEALING_POOL_WORKER` of a worker outside the pool, as JSON. Not of a group that is a function. */
  public get workerSettings(): string {
    this.requireExternal('workerSettings');
    return settingsJson(this, () => this.settingsOfWorkers());
  }

  /**
   * Lets a worker outside the pool take tasks of this group, and those that it may steal. Not for a group that is a function.
   * @param worker the containers' task role, the servers' instance role
   */
  public grantWork(worker: IGrantable): Grant {
    this.requireExternal('grantWork');
    return this.employ(worker).combine(this.grantCommit(worker));
  }

  /**
   * Lets a function commit tasks together with their effects, and tells the runtime library in it where: once for each function, whatever groups it works for.
   * @param handler the function that calls `commitTask`
   */
  public addCommitter(handler: LambdaFunction): void {
    const { table, taskRetention } = this.parts;
    const other = TABLE_OF_COMMITTER.get(handler) ?? table;
    if (other !== table) {
      throw misuse(this, `function '${handler.node.path}' commits to '${other.node.path}' already, and its environment names one table; use grantCommit and name the table in its code`);
    }
    this.grantCommit(handler);
    TABLE_OF_COMMITTER.set(handler, table);
    handler.addEnvironment(COMMIT_ENV.TABLE_NAME, table.tableName);
    handler.addEnvironment(COMMIT_ENV.RETENTION_SECONDS, String(taskRetention.toSeconds()));
  }

  /**
   * Lets somebody say that a task is done, in a transaction with its effects. Who was granted to work may do so already.
   * @param grantee the function, role or other principal that gets the permissions
   */
  public grantCommit(grantee: IGrantable): Grant {
    return grantItems(this.parts.table, grantee, itemKey.task('*').id, 'dynamodb:GetItem', 'dynamodb:UpdateItem');
  }

  /**
   * Lets somebody retire this group and take it back: read and write its control item, and nothing else of the table. It is in force within seconds.
   * @param grantee the function, role or other principal that gets the permissions
   */
  public grantControl(grantee: IGrantable): Grant {
    return grantItems(this.parts.table, grantee, itemKey.control(this.groupName).id, 'dynamodb:GetItem', 'dynamodb:UpdateItem');
  }

  /**
   * A metric of the group by name; the sum over five minutes unless told otherwise.
   * @param metricName for example `BacklogSeconds`
   * @param props what differs from the defaults: statistic, period, label
   */
  public metric(metricName: string, props?: MetricOptions): Metric {
    return poolMetric(this.parts.poolName, this.groupName, metricName, props);
  }

  /**
   * How long a task that came now would wait, in seconds; the maximum of five minutes unless told otherwise.
   * @param props what differs from the defaults: statistic, period, label
   */
  public metricBacklogSeconds(props?: MetricOptions): Metric {
    return this.metric(METRIC.BACKLOG_SECONDS, { statistic: Stats.MAXIMUM, ...props });
  }

  /**
   * Tasks under way; the maximum of five minutes unless told otherwise.
   * @param props what differs from the defaults: statistic, period, label
   */
  public metricRunning(props?: MetricOptions): Metric {
    return this.metric(METRIC.RUNNING, { statistic: Stats.MAXIMUM, ...props });
  }

  /**
   * Tasks that its workers have done, stolen ones among them; the sum over five minutes unless told otherwise.
   * @param props what differs from the defaults: statistic, period, label
   */
  public metricDone(props?: MetricOptions): Metric {
    return this.metric(METRIC.DONE, props);
  }

  /**
   * Tasks that its workers have begun out of other groups' queues; the sum over five minutes unless told otherwise.
   * @param props what differs from the defaults: statistic, period, label
   */
  public metricStolen(props?: MetricOptions): Metric {
    return this.metric(METRIC.STOLEN, props);
  }

  /**
   * Seconds that its tasks were to wait less for being stolen, by the leader's plans; the sum over five minutes unless told otherwise.
   * @param props what differs from the defaults: statistic, period, label
   */
  public metricStealGain(props?: MetricOptions): Metric {
    return this.metric(METRIC.STEAL_GAIN, props);
  }

  /**
   * Ends of tasks that its workers were refused, because somebody else had begun them since; the sum over five minutes unless told otherwise.
   * @param props what differs from the defaults: statistic, period, label
   */
  public metricRefusedCommits(props?: MetricOptions): Metric {
    return this.metric(METRIC.REFUSED_COMMITS, props);
  }

  /**
   * Attempts that failed; the sum over five minutes unless told otherwise.
   * @param props what differs from the defaults: statistic, period, label
   */
  public metricFailed(props?: MetricOptions): Metric {
    return this.metric(METRIC.FAILED, props);
  }

  /**
   * Messages whose task was done, or being done, from another one; the sum over five minutes unless told otherwise.
   * @param props what differs from the defaults: statistic, period, label
   */
  public metricDuplicates(props?: MetricOptions): Metric {
    return this.metric(METRIC.DUPLICATES, props);
  }

  /**
   * Seconds for which the oldest task has been in the group's queue; the maximum of five minutes unless told otherwise.
   * @param props what differs from the defaults: statistic, period, label
   */
  public metricOldestAge(props?: MetricOptions): Metric {
    return ageMetric(this.queue, props);
  }

  /**
   * 1 when tasks wait and nobody is alive to do them, 0 otherwise; the maximum of five minutes unless told otherwise.
   * @param props what differs from the defaults: statistic, period, label
   */
  public metricDeadGroup(props?: MetricOptions): Metric {
    return this.metric(METRIC.DEAD_GROUP, { statistic: Stats.MAXIMUM, ...props });
  }

  /**
   * The groups that it may steal from, when it does not do so from all others.
   * @internal
   */
  public get _stealsFrom(): readonly string[] | undefined {
    return this.bound.stealsFrom;
  }

  /** @internal */
  public _describe(): DescribedGroup {
    return { name: this.groupName, queueUrl: this.queue.queueUrl, runnerArn: this.runner?.functionArn, bound: this.bound };
  }

  /**
   * Another group was added, of the same pool: whoever works for this one may steal from it, unless it cannot do its tasks.
   * @internal
   */
  public _mayStealFrom(other: PoolGroup): void {
    if (this.bound.stealsFrom && !this.bound.stealsFrom.includes(other.groupName)) return;
    this.victims.push(other);
    for (const worker of this.workers) other.grantTake(worker);
  }

  /** No event source takes from it: only workers know which tasks they may take. */
  private createQueue(): Queue {
    const { encryptionKey, removalPolicy, lease, maxReceiveCount } = this.parts;
    return secureQueue(this, 'Queue', {
      encryptionMasterKey: encryptionKey,
      removalPolicy,
      retentionPeriod: RETENTION,
      visibilityTimeout: lease,
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount },
    });
  }

  private createRunner(work: BoundFunction): LambdaFunction {
    const { poolName, table, tableName } = this.parts;
    const runner = handlerFunction(this, 'Run', RunFunction, {
      ...this.parts,
      description: `Takes tasks of ${poolName} for ${this.groupName}`,
      timeout: RUNNER_TIMEOUT,
      memorySize: work.maxConcurrency > MANY_PLACES ? MEMORY.many : MEMORY.few,
      environment: {
        [ENV.POOL_NAME]: poolName,
        [ENV.TABLE_NAME]: tableName,
        [ENV.SETTINGS]: settingsJson(this, () => runnerSettings(this.settingsOfWorkers(), work)),
      },
    });
    runner.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: WAKE_AGE });
    grantInvokeExactly(work.handler, runner);
    this.employ(runner);
    // One runner at a time takes tasks, and counts what those before it have still under way.
    grantItems(table, runner, itemKey.group(this.groupName), 'dynamodb:Query', 'dynamodb:UpdateItem');
    grantItems(table, runner, itemKey.task('*').id, 'dynamodb:UpdateItem');
    return runner;
  }

  private createAlarms(): PoolGroupAlarms {
    const { alarmActions, oldestAge } = this.parts;
    return new PoolGroupAlarms(this, 'Alarms', {
      actions: alarmActions,
      oldestAge,
      queue: this.queue,
      deadLetterQueue: this.deadLetterQueue,
      deadGroupMetric: this.metricDeadGroup({ period: Duration.minutes(1) }),
      runner: this.runner,
    });
  }

  private settingsOfWorkers(): WorkerSettings {
    return workerSettings(this.parts, this._describe(), this.victims.map((victim) => victim._describe()));
  }

  private employ(worker: IGrantable): Grant {
    const { table } = this.parts;
    this.workers.push(worker);
    return [
      this.grantTake(worker),
      ...this.victims.map((victim) => victim.grantTake(worker)),
      grantItems(table, worker, itemKey.group(this.groupName), 'dynamodb:DeleteItem', 'dynamodb:PutItem'),
      grantItems(table, worker, [itemKey.leader().id, itemKey.control(this.groupName).id], 'dynamodb:GetItem'),
    ].reduce((all, grant) => all.combine(grant));
  }

  /** Lets somebody take tasks out of this group's queue, and keep them for as long as they are under way. */
  private grantTake(worker: IGrantable): Grant {
    const actions = ['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:ReceiveMessage'];
    return grantExactly(worker, this.queue.queueArn, actions, this.parts.encryptionKey, ['kms:Decrypt']);
  }

  private requireExternal(what: string): void {
    if (this.runner) throw misuse(this, `${what} is for WorkerGroup.external, received group '${this.groupName}', whose tasks the pool hands to its function`);
  }
}
