import { IEventBus } from 'aws-cdk-lib/aws-events';
import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnPipe } from 'aws-cdk-lib/aws-pipes';
import { ITopic } from 'aws-cdk-lib/aws-sns';
import { IQueue } from 'aws-cdk-lib/aws-sqs';
import { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { DestinationKind } from './contract';
import { EventFields } from './pipe/event-fields';
import { grantExactly, grantInvokeExactly, grantPublishTo, grantSendMessage } from '../shared/grants';
import { misuse, requireIntegerInRange } from '../shared/misuse';

/** Options of a function that receives events. */
export interface FunctionDestinationOptions {
  /**
   * How many events an invocation gets at most, from 1 to 10,000; its event is an array of them. Several succeed or fail together.
   * @default 1
   */
  readonly batchSize?: number;
}

/** A destination as pipe and handlers see it. */
export interface BoundDestination {
  readonly kind: DestinationKind;
  /** Names it as the target of a pipe. */
  readonly arn: string;
  /** Names it for the SDK. */
  readonly address: string;
  readonly batchSize: number;
  /** Whether its consumers count on the order in which an aggregate's rows were written. */
  readonly ordered: boolean;
  readonly bus?: IEventBus;
  targetParameters(fields: EventFields): CfnPipe.PipeTargetParametersProperty;
  grantPublish(grantee: IGrantable): Grant;
}

/** @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-batching-concurrency.html#pipes-batchable-target */
const LARGEST_BATCH_OF_ENTRIES = 10;
/** @see https://docs.aws.amazon.com/eventbridge/latest/pipes-reference/API_PipeSourceDynamoDBStreamParameters.html */
const LARGEST_BATCH = 10_000;

/** Where an outbox's events go. Each receives the same envelope, at least once. */
export class OutboxDestination {
  /**
   * A bus: the envelope is the `detail`, its `type` the detail type. No order.
   * @param bus gets the events
   */
  public static eventBus(bus: IEventBus): OutboxDestination {
    return new OutboxDestination({
      kind: 'EVENT_BUS',
      arn: bus.eventBusArn,
      address: bus.eventBusArn,
      batchSize: LARGEST_BATCH_OF_ENTRIES,
      ordered: false,
      bus,
      targetParameters: ({ source, type, time }) => ({ eventBridgeEventBusParameters: { source, detailType: type, time } }),
      grantPublish: (grantee) => grantExactly(grantee, bus.eventBusArn, ['events:PutEvents']),
    });
  }

  /**
   * A FIFO queue: the envelope is the message; the aggregate is its group, so that its events arrive in order.
   * @param queue gets the events
   */
  public static fifoQueue(queue: IQueue): OutboxDestination {
    if (!queue.fifo) {
      throw misuse(undefined, `the queue of OutboxDestination.fifoQueue must be a FIFO queue, received '${queue.node.path}', a standard one; create it with fifo: true`);
    }
    return new OutboxDestination({
      kind: 'FIFO_QUEUE',
      arn: queue.queueArn,
      address: queue.queueUrl,
      // If a part of a larger batch fails, later events of a group may be in the queue before the failed one comes again.
      batchSize: 1,
      ordered: true,
      targetParameters: ({ id, partitionKey }) => ({ sqsQueueParameters: { messageGroupId: partitionKey, messageDeduplicationId: id } }),
      grantPublish: (grantee) => grantSendMessage(queue, grantee),
    });
  }

  /**
   * A standard topic: the envelope is the message. No order; pipes do not support FIFO topics.
   * @param topic gets the events
   */
  public static topic(topic: ITopic): OutboxDestination {
    if (topic.fifo) {
      throw misuse(undefined, `the topic of OutboxDestination.topic must be a standard topic, received '${topic.node.path}', a FIFO one; for order use OutboxDestination.fifoQueue`);
    }
    return new OutboxDestination({
      kind: 'TOPIC',
      arn: topic.topicArn,
      address: topic.topicArn,
      batchSize: LARGEST_BATCH_OF_ENTRIES,
      ordered: false,
      targetParameters: () => ({}),
      grantPublish: (grantee) => grantPublishTo(topic, grantee),
    });
  }

  /**
   * A state machine: each event starts an execution, whose input is an array with the one envelope. No order.
   * @param stateMachine a Standard or an Express one
   */
  public static stateMachine(stateMachine: IStateMachine): OutboxDestination {
    return new OutboxDestination({
      kind: 'STATE_MACHINE',
      arn: stateMachine.stateMachineArn,
      address: stateMachine.stateMachineArn,
      batchSize: 1,
      ordered: false,
      // Standard workflows cannot be waited for. https://docs.aws.amazon.com/eventbridge/latest/pipes-reference/API_PipeTargetStateMachineParameters.html
      targetParameters: () => ({ stepFunctionStateMachineParameters: { invocationType: 'FIRE_AND_FORGET' } }),
      grantPublish: (grantee) => grantExactly(grantee, stateMachine.stateMachineArn, ['states:StartExecution']),
    });
  }

  /**
   * A function, invoked synchronously with an array of envelopes; if it throws, they come again. An aggregate's events come in order.
   * @param handler gets the events
   * @param options how many events it gets at once
   */
  public static function(handler: IFunction, options: FunctionDestinationOptions = {}): OutboxDestination {
    const batchSize = options.batchSize ?? 1;
    requireIntegerInRange(undefined, 'batchSize of OutboxDestination.function', batchSize, 1, LARGEST_BATCH);
    return new OutboxDestination({
      kind: 'FUNCTION',
      arn: handler.functionArn,
      address: handler.functionArn,
      batchSize,
      ordered: true,
      targetParameters: () => ({ lambdaFunctionParameters: { invocationType: 'REQUEST_RESPONSE' } }),
      grantPublish: (grantee) => grantInvokeExactly(handler, grantee),
    });
  }

  private constructor(private readonly destination: BoundDestination) {
  }

  /** @internal */
  public _bind(): BoundDestination {
    return this.destination;
  }
}
