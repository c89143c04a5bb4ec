import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { type Design, LIMIT, TOPIC, USUAL_RECEIVES } from './design';
import { TARGET_TIMEOUT, targetFunction } from './target-function';
import { handlerCode } from '../handler-code';

const TIMEOUT = Duration.seconds(2 * TARGET_TIMEOUT.toSeconds());
const CONCURRENCY = 10;

/** A token bucket in a table; what finds no token goes back to its queue for a while. */
export const visibilityLimiter: Design = {
  name: 'visibility-timeout limiter',
  limiterWrite: 'dynamodb.UpdateItem',
  build(stack) {
    const table = new Table(stack, 'Buckets', {
      partitionKey: { name: 'id', type: AttributeType.STRING }, billingMode: BillingMode.PAY_PER_REQUEST, removalPolicy: RemovalPolicy.DESTROY,
    });
    const queue = new Queue(stack, 'Queue', {
      visibilityTimeout: Duration.seconds(6 * TIMEOUT.toSeconds()),
      retentionPeriod: Duration.days(14),
      deadLetterQueue: { queue: new Queue(stack, 'DeadLetters', { retentionPeriod: Duration.days(14) }), maxReceiveCount: USUAL_RECEIVES },
    });
    new Topic(stack, TOPIC).addSubscription(new SqsSubscription(queue, { rawMessageDelivery: true }));
    const target = targetFunction(stack);
    const limiter = new lambda.Function(stack, 'Limiter', {
      runtime: lambda.Runtime.NODEJS_22_X,
      architecture: lambda.Architecture.ARM_64,
      handler: 'index.handler',
      code: handlerCode('throttled-fan-out', 'take-tokens'),
      memorySize: 256,
      timeout: TIMEOUT,
      environment: {
        TABLE: table.tableName, QUEUE_URL: queue.queueUrl, TARGET: target.functionName, RATE: String(LIMIT.perSecond), BURST: String(LIMIT.burst),
      },
    });
    table.grant(limiter, 'dynamodb:GetItem', 'dynamodb:UpdateItem');
    queue.grant(limiter, 'sqs:ChangeMessageVisibility');
    target.grantInvoke(limiter);
    limiter.addEventSource(new SqsEventSource(queue, { maxConcurrency: CONCURRENCY, reportBatchItemFailures: true }));
  },
};
