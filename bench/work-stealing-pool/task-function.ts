import { Duration } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { ReceivedTask } from './design';

const TIMEOUT = Duration.minutes(2);
/** What AWS advises. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
const VISIBILITY_FACTOR = 6;
const USUAL_RECEIVES = 5;
export const TASK_MEMORY_MB = 128;
/** With a group's name behind it where each group has its own. */
export const TASK_FUNCTION = 'Work';

/** Does tasks; the bench plays it. */
export function taskFunction(scope: Construct, group: string = ''): lambda.Function {
  return new lambda.Function(scope, `${TASK_FUNCTION}${group}`, {
    runtime: lambda.Runtime.NODEJS_22_X,
    architecture: lambda.Architecture.ARM_64,
    handler: 'index.handler',
    code: lambda.Code.fromInline('exports.handler = async () => {};'),
    timeout: TIMEOUT,
    memorySize: TASK_MEMORY_MB,
  });
}

export function isTaskFunction(functionName: string): boolean {
  return functionName.startsWith(TASK_FUNCTION);
}

/** A queue, and an event source that gives a function one task for each of so many places. */
export function queueWithPlaces(scope: Construct, places: number, group: string = ''): void {
  const queue = new Queue(scope, `${group}Queue`, {
    visibilityTimeout: Duration.seconds(VISIBILITY_FACTOR * TIMEOUT.toSeconds()),
    retentionPeriod: Duration.days(14),
    deadLetterQueue: { queue: new Queue(scope, `${group}DeadLetters`, { retentionPeriod: Duration.days(14) }), maxReceiveCount: USUAL_RECEIVES },
  });
  taskFunction(scope, group).addEventSource(new SqsEventSource(queue, { batchSize: 1, maxConcurrency: places }));
}

/** What such a function is given. */
export function firstRecord({ Records: [{ body }] }: { readonly Records: readonly { readonly body: string }[] }): ReceivedTask {
  const { id, payload: { seconds } } = JSON.parse(body);
  return { id, seconds };
}
