import { queueUrl } from './destinations';
import type { InvocationTarget } from './invoke';
import type { Caller, World } from '../../service';
import { batchInfo, type Discarded } from '../dynamodb/streams/consumer-contract';

/** What an invocation that failed has told. */
export interface FailedInvocation {
  readonly requestId: string;
  readonly version: string;
  readonly functionError: boolean;
}

/**
 * Tells where the records are in the stream, not what they are: they must be read there before the stream forgets them.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
 */
export function discardRecord(target: InvocationTarget, discarded: Discarded, now: number, newId: () => string): string {
  const invocation = discarded.detail as FailedInvocation | undefined;
  return JSON.stringify({
    requestContext: {
      requestId: invocation?.requestId ?? newId(),
      functionArn: target.arn,
      condition: discarded.condition,
      approximateInvokeCount: discarded.attempts,
    },
    ...(invocation && {
      responseContext: { statusCode: 200, executedVersion: invocation.version, functionError: invocation.functionError ? 'Unhandled' : null },
    }),
    version: '1.0',
    timestamp: new Date(now).toISOString(),
    DDBStreamBatchInfo: batchInfo(discarded.batch),
  });
}

const DELIVERY_ATTEMPTS = 10;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 300_000;

/** Sends to a queue or topic with the caller's role. Answers why it could not be done; undefined when it was. */
export async function sendDiscardRecord(world: World, caller: Caller, destination: string, record: string): Promise<string | undefined> {
  const call = destination.split(':')[2] === 'sns'
    ? { service: 'sns', operation: 'Publish', input: { TopicArn: destination, Message: record } }
    : { service: 'sqs', operation: 'SendMessage', input: { QueueUrl: queueUrl(destination), MessageBody: record } };
  for (let attempt = 1; ; attempt++) {
    try {
      await world.call({ ...call, caller });
      return undefined;
    } catch (error: any) {
      if (error?.$fault === undefined) throw error;
      if (!error.retryable || attempt === DELIVERY_ATTEMPTS) return `its destination refused: ${error.name}: ${error.message}`;
      await world.kernel.sleep(Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (attempt - 1)));
    }
  }
}
