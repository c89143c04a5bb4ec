import { InvokeCommand, type InvokeCommandOutput, type LambdaClient } from '@aws-sdk/client-lambda';
import { type Publisher, type PublishOutcome, refusedBy } from './publisher';
import type { OutboxEnvelope } from '../../../src/transactional-outbox/contract';

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
const FAULTS = new Set(['InvalidRequestContentException', 'RequestTooLargeException', 'SerializedRequestEntityTooLargeException']);

/** A function says by an error whatever went wrong, the event or the world: the event is at fault that fails so often, this long apart. */
const PAUSES_MS = [1_000, 2_000];

export class FunctionPublisher implements Publisher {
  constructor(
    private readonly lambda: LambdaClient,
    private readonly functionArn: string,
    private readonly sleep: (ms: number) => Promise<void>,
  ) {}

  async publish(envelope: OutboxEnvelope): Promise<PublishOutcome> {
    // A pipe invokes functions with an array, also of one event.
    const payload = JSON.stringify([envelope]);
    for (let attempt = 0; ; attempt++) {
      let failure: string | undefined;
      const outcome = await refusedBy(FAULTS, payload, async () => {
        failure = failureOf(await this.lambda.send(new InvokeCommand({ FunctionName: this.functionArn, InvocationType: 'RequestResponse', Payload: payload })));
      });
      if (failure === undefined) return outcome;
      const pause = PAUSES_MS[attempt];
      if (pause === undefined) return { refused: `the function failed ${attempt + 1} times in a row: ${failure}` };
      await this.sleep(pause);
    }
  }
}

/** What went wrong, by the name of its type: a function's own message may quote what it got. */
function failureOf({ FunctionError, Payload }: InvokeCommandOutput): string | undefined {
  const answer = answerOf(Payload);
  if (FunctionError) return String(answer?.errorType ?? FunctionError).slice(0, 100);
  // To a pipe a function may also answer which events failed.
  // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-batching-concurrency.html#pipes-partial-batch-failure
  const failed: unknown = answer?.batchItemFailures;
  return Array.isArray(failed) && failed.length > 0 ? 'it answers that the event failed' : undefined;
}

function answerOf(payload: Uint8Array | undefined): { errorType?: unknown; batchItemFailures?: unknown } | null | undefined {
  try {
    return JSON.parse(Buffer.from(payload ?? []).toString('utf8')) as { errorType?: unknown } | null;
  } catch {
    return undefined;
  }
}
