import { Names } from 'aws-cdk-lib';
import { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus, IEventBus } from 'aws-cdk-lib/aws-events';
import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ThrottledFanOutAlarms } from './alarms';
import { ATTRIBUTE } from './contract';
import { FanOutTarget } from './fan-out-target';
import { DEFAULT_PRIORITIES, ThrottledFanOutProps, ThrottledTargetOptions } from './props';
import { ThrottledTarget } from './throttled-target';
import { validateFanOut, validateTarget } from './validate-props';
import { visibleMetric } from '../shared/alarms';
import { grantPublishTo } from '../shared/grants';
import { deadLetterQueue } from '../shared/queues';
import { secureTable } from '../shared/tables';

/**
 * One publish reaches many targets, each at the rate it can take, urgent messages first, the rate adapting to the target's health.
 *
 * Publish to `topic` with the message attribute `priority`, and with a message group id for each tenant, so that a noisy one does not hold up the others.
 * A target gets at most `rate × t + burst` messages in any t seconds, over all priorities and invocations. A message that waits is never counted as
 * failed: only failed deliveries lead to a dead-letter queue. Deliveries are at least once, and each carries an id that stays the same.
 *
 * Limits: a target takes about 26 resources of the stack with three priorities, of 500, and one item of the table for each 2,000 messages a second.
 * To remove it, delete the stack; queues, table and logs stay behind unless `removalPolicy` says otherwise.
 *
 * @example
 * import { FanOutTarget, Rate, ThrottledFanOut } from 'cdk-integration-patterns';
 *
 * const notify = new ThrottledFanOut(this, 'Notify', { priorities: ['critical', 'normal', 'bulk'] });
 * notify.addTarget('Email', FanOutTarget.function(sendEmail), {
 *   rate: Rate.perSecond(50, { burst: 100 }),
 *   filter: { channel: ['email'] },
 * });
 * notify.grantPublish(app);
 */
export class ThrottledFanOut extends Construct {
  /** Publish here. */
  public readonly topic: ITopic;
  /** The limits' state, failed attempts, and what operators want. */
  public readonly table: Table;
  /** Messages that the topic could not bring to a target's queue. */
  public readonly undeliveredQueue: Queue;
  /** The dimension of its metrics, and the `fanOut` of each delivery. */
  public readonly fanOutName: string;
  /** What to be told of, besides the targets' own. */
  public readonly alarms: ThrottledFanOutAlarms;

  private readonly props: ThrottledFanOutProps;
  private readonly priorities: readonly string[];
  private readonly added: ThrottledTarget[] = [];
  private bus?: IEventBus;

  /**
   * @param scope the stack, or what else it belongs to
   * @param id unique in its scope, and part of the logical ids: another one makes CloudFormation replace all of it
   * @param props its priorities, and what differs from the defaults
   */
  constructor(scope: Construct, id: string, props: ThrottledFanOutProps = {}) {
    super(scope, id);
    this.props = props;
    this.priorities = props.priorities ?? DEFAULT_PRIORITIES;
    validateFanOut(this, this.priorities, props);
    this.fanOutName = Names.uniqueResourceName(this, { maxLength: 64, separator: '-' });

    this.topic = props.topic ?? new Topic(this, 'Topic', { enforceSSL: true, masterKey: props.encryptionKey });
    this.table = this.createTable();
    this.undeliveredQueue = deadLetterQueue(this, 'Undelivered', props);
    this.alarms = new ThrottledFanOutAlarms(this, 'Alarms', { actions: props.alarms?.actions, undeliveredQueue: this.undeliveredQueue });
    this.node.addValidation({ validate: () => this.added.length > 0 ? [] : ['a throttled fan-out needs at least one target; call addTarget'] });
  }

  /** The targets, as they were added. */
  public get targets(): ThrottledTarget[] {
    return [...this.added];
  }

  /**
   * Adds somebody who gets messages, at a rate.
   * @param id unique among the targets: the `target` of each delivery and a dimension of metrics; 1 to 32 letters, digits and any of `_ -`
   * @param target a function, an endpoint, a queue or a state machine
   * @param options its rate, and what differs from the defaults
   */
  public addTarget(id: string, target: FanOutTarget, options: ThrottledTargetOptions): ThrottledTarget {
    const effective = { ...options, alarms: { ...this.props.alarms, ...options.alarms } };
    validateTarget(this, id, this.priorities, target, effective);
    const added = ThrottledTarget._create(this, id, {
      fanOutName: this.fanOutName,
      priorities: this.priorities,
      topic: this.topic,
      table: this.table,
      undeliveredQueue: this.undeliveredQueue,
      logRetention: this.props.logRetention ?? RetentionDays.ONE_MONTH,
      encryptionKey: this.props.encryptionKey,
      removalPolicy: this.props.removalPolicy,
      bus: () => this.bus ??= this.createBus(),
    }, target, effective);
    this.added.push(added);
    return added;
  }

  /**
   * Lets somebody publish messages. An AWS service is let by the topic's own policy.
   * @param grantee the function, role or other principal that gets the permissions
   */
  public grantPublish(grantee: IGrantable): Grant {
    return grantPublishTo(this.topic, grantee);
  }

  /**
   * Messages that the topic could not bring to a target's queue; the maximum of five minutes unless told otherwise.
   * @param props what differs from the defaults: statistic, period, label
   */
  public metricUndelivered(props?: MetricOptions): Metric {
    return visibleMetric(this.undeliveredQueue, props);
  }

  private createTable(): Table {
    const { encryptionKey, removalPolicy } = this.props;
    return secureTable(this, 'Table', {
      encryptionKey,
      removalPolicy,
      partitionKey: { name: ATTRIBUTE.PARTITION_KEY, type: AttributeType.STRING },
      timeToLiveAttribute: ATTRIBUTE.EXPIRES_AT,
    });
  }

  /** Only API destinations need one. */
  private createBus(): EventBus {
    return new EventBus(this, 'Bus', { description: `Deliveries of ${this.fanOutName} to API destinations`, kmsKey: this.props.encryptionKey });
  }
}
