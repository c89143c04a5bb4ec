import { Duration } from 'aws-cdk-lib';
import type { FunctionProps } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { type Design, LIMIT, TOPIC, USUAL_RECEIVES, USUAL_TARGET_MS } from './design';
import { TARGET_TIMEOUT, targetFunction } from './target-function';

/** Little's law: as many at once as make the rate when each takes the usual time. */
const CONCURRENCY = LIMIT.perSecond * USUAL_TARGET_MS / 1000;

/**
 * What teams have first: a queue, and a function that is not allowed to run more often than so. With reserved concurrency pollers receive what they
 * cannot hand over, and each such receive counts.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
 */
function boundConcurrency(name: string, maxConcurrency?: number, functionProps?: Partial<FunctionProps>): Design {
  return {
    name,
    direct: true,
    build(stack) {
      const queue = new Queue(stack, 'Queue', {
        visibilityTimeout: Duration.seconds(6 * TARGET_TIMEOUT.toSeconds()),
        retentionPeriod: Duration.days(14),
        deadLetterQueue: { queue: new Queue(stack, 'DeadLetters', { retentionPeriod: Duration.days(14) }), maxReceiveCount: USUAL_RECEIVES },
      });
      new Topic(stack, TOPIC).addSubscription(new SqsSubscription(queue, { rawMessageDelivery: true }));
      targetFunction(stack, functionProps).addEventSource(new SqsEventSource(queue, { maxConcurrency, reportBatchItemFailures: true }));
    },
  };
}

export const reservedConcurrency = boundConcurrency('reserved concurrency', undefined, { reservedConcurrentExecutions: CONCURRENCY });
export const maximumConcurrency = boundConcurrency('maximumConcurrency', CONCURRENCY);
