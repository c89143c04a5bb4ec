import { Annotations, Duration, Stack } from 'aws-cdk-lib';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus, IEventBus, IRuleTarget, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { IFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { EventBridgeDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { CollectFunction } from './collect-function';
import { ATTRIBUTE, DETAIL_TYPE, ENV, EVENT_SOURCE, LAMBDA_DESTINATION } from './contract';
import { GatherFunction } from './gather-function';
import { DEFAULT_RETENTION, ScatterGatherProps } from './props';
import { Responder } from './responder';
import { ScatterFunction } from './scatter-function';
import { grantTableActions } from '../shared/grants';
import { handlerFunction, HandlerClass } from '../shared/handler-function';
import { misuse } from '../shared/misuse';
import { deadLetterQueue, letServiceSend, secureQueue } from '../shared/queues';
import { secureTable } from '../shared/tables';

/** Long enough for 300 requests with retries; the workflow's own retry stands behind it. */
const SCATTER_TIMEOUT = Duration.seconds(30);
const COLLECT_TIMEOUT = Duration.seconds(5);
const GATHER_TIMEOUT = Duration.seconds(30);
/** Six times the function's timeout. @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
const REPLY_VISIBILITY = Duration.seconds(6 * COLLECT_TIMEOUT.toSeconds());
/** As SQS keeps messages of which nothing is said: a weekend in which nothing can be collected, and by then the gatherings are over. */
const REPLY_RETENTION = Duration.days(4);

/** Everything of a gathering in STANDARD mode but its state machine. Ids are children of the scatter-gather itself. */
export class StandardResources {
  public readonly bus: IEventBus;
  public readonly table: Table;
  public readonly replyQueue: Queue;
  public readonly deadLetterQueue: Queue;
  public readonly undeliveredQueue: Queue;
  public readonly scatterFunction: LambdaFunction;
  public readonly collectFunction: LambdaFunction;
  public readonly gatherFunction: LambdaFunction;

  public constructor(private readonly scope: Construct, private readonly gatheringName: string, private readonly props: ScatterGatherProps) {
    this.bus = props.bus ?? this.createBus();
    this.table = this.createTable();
    this.deadLetterQueue = deadLetterQueue(scope, 'DeadLetters', props);
    this.undeliveredQueue = deadLetterQueue(scope, 'Undelivered', props);
    this.replyQueue = this.createReplyQueue();
    this.scatterFunction = this.createScatter();
    this.collectFunction = this.createCollector();
    this.gatherFunction = this.createGather();
    this.bringReplies();
  }

  /** A rule that carries requests of this route to a responder. */
  public carryRequests(route: string, responder: Responder): Rule {
    const { handler, target, retryAttempts } = responder._bind();
    return new Rule(this.scope, `${route}Requests`, {
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
      throw misuse(this.scope, `the function of responder '${id}' has an asynchronous invoke configuration already; give it an alias for this gathering`);
    }
    if (!handler.role) {
      Annotations.of(this.scope).addWarningV2(
        'cdk-integration-patterns:scatterGatherImportedFunction',
        `the role of responder '${id}' is not known here; let it put events on the gathering's bus (events:PutEvents), or its replies never arrive`,
      );
    }
    const destination = new EventBridgeDestination(this.bus);
    handler.configureAsyncInvoke({ onSuccess: destination, onFailure: destination, retryAttempts, maxEventAge });
    return new targets.LambdaFunction(handler, {
      event: RuleTargetInput.fromEventPath('$.detail'),
      deadLetterQueue: this.undeliveredQueue,
      maxEventAge,
    });
  }

  private createBus(): EventBus {
    return new EventBus(this.scope, 'Bus', { description: `Requests and replies of ${this.gatheringName}`, kmsKey: this.props.encryptionKey });
  }

  private createTable(): Table {
    const { encryptionKey, removalPolicy } = this.props;
    return secureTable(this.scope, 'Gatherings', {
      encryptionKey,
      removalPolicy,
      partitionKey: { name: ATTRIBUTE.PARTITION_KEY, type: AttributeType.STRING },
      sortKey: { name: ATTRIBUTE.SORT_KEY, type: AttributeType.STRING },
      timeToLiveAttribute: ATTRIBUTE.EXPIRES_AT,
    });
  }

  private createReplyQueue(): Queue {
    return secureQueue(this.scope, 'Replies', {
      encryptionMasterKey: this.props.encryptionKey,
      visibilityTimeout: REPLY_VISIBILITY,
      retentionPeriod: REPLY_RETENTION,
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: 5 },
      removalPolicy: this.props.removalPolicy,
    });
  }

  private createScatter(): LambdaFunction {
    const scatter = this.createHandler('Scatter', ScatterFunction, SCATTER_TIMEOUT, {
      [ENV.TABLE_NAME]: this.table.tableName,
      [ENV.EVENT_BUS_NAME]: this.bus.eventBusName,
    });
    grantTableActions(this.table, scatter, 'dynamodb:GetItem', 'dynamodb:UpdateItem', ...this.ifConditional('dynamodb:PutItem'));
    this.bus.grantPutEventsTo(scatter);
    return scatter;
  }

  private createCollector(): LambdaFunction {
    const collector = this.createHandler('Collect', CollectFunction, COLLECT_TIMEOUT, {
      [ENV.TABLE_NAME]: this.table.tableName,
      [ENV.EVENT_BUS_NAME]: this.bus.eventBusName,
      [ENV.REPLY_QUEUE_URL]: this.replyQueue.queueUrl,
    });
    grantTableActions(this.table, collector, 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', ...this.ifConditional('dynamodb:Query'));
    this.bus.grantPutEventsTo(collector);
    collector.addEventSource(new SqsEventSource(this.replyQueue, { batchSize: 10, reportBatchItemFailures: true }));
    return collector;
  }

  private createGather(): LambdaFunction {
    const gather = this.createHandler('Gather', GatherFunction, GATHER_TIMEOUT, { [ENV.TABLE_NAME]: this.table.tableName });
    grantTableActions(this.table, gather, 'dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem');
    return gather;
  }

  private createHandler(id: string, handlerClass: HandlerClass, timeout: Duration, environment: { [name: string]: string }): LambdaFunction {
    return handlerFunction(this.scope, id, handlerClass, {
      description: `${id} of ${this.gatheringName}`,
      timeout,
      environment: {
        [ENV.GATHERING]: this.gatheringName,
        [ENV.RETENTION_SECONDS]: String((this.props.retention ?? DEFAULT_RETENTION).toSeconds()),
        ...environment,
      },
      logRetention: this.props.logRetention ?? RetentionDays.ONE_MONTH,
      encryptionKey: this.props.encryptionKey,
      removalPolicy: this.props.removalPolicy,
    });
  }

  /** Replies by Lambda destinations and by reply events, into one queue. */
  private bringReplies(): void {
    const functionReplies = new Rule(this.scope, 'FunctionReplies', {
      eventBus: this.bus,
      description: `What function responders of ${this.gatheringName} returned or threw`,
      eventPattern: {
        source: [LAMBDA_DESTINATION.SOURCE],
        detailType: [LAMBDA_DESTINATION.SUCCESS, LAMBDA_DESTINATION.FAILURE],
        detail: { requestPayload: { gathering: [this.gatheringName] } },
      },
    });
    const replyEvents = new Rule(this.scope, 'ReplyEvents', {
      eventBus: this.bus,
      description: `Replies to ${this.gatheringName} from responders that reply by themselves`,
      eventPattern: { detailType: [DETAIL_TYPE.REPLY], detail: { gathering: [this.gatheringName] } },
    });
    for (const rule of [functionReplies, replyEvents]) rule.addTarget(this.replyTarget(rule));
  }

  /** The reply queue, for one rule. */
  private replyTarget({ ruleArn }: Rule): IRuleTarget {
    const keyConditions = { StringEquals: { 'aws:SourceAccount': Stack.of(this.scope).account } };
    for (const queue of [this.replyQueue, this.undeliveredQueue]) {
      letServiceSend(queue, { service: 'events.amazonaws.com', sourceArn: ruleArn, keyConditions });
    }
    return {
      bind: () => ({ arn: this.replyQueue.queueArn, targetResource: this.replyQueue, deadLetterConfig: { arn: this.undeliveredQueue.queueArn } }),
    };
  }

  /** An action that only completion conditions need. */
  private ifConditional(action: string): string[] {
    return this.props.completion?._bind().kind === 'CONDITION' ? [action] : [];
  }
}
