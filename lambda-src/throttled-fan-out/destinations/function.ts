import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { ThrottledAnswer } from '../../../src/throttled-fan-out/contract';
import type { Deliverer } from '../delivering';
import type { Message } from '../message';
import { DELIVERED, type DeliveryOutcome, failed, throttled } from '../outcome';

/** Invokes a function and waits for its answer. */
export class FunctionDestination implements Deliverer {
  constructor(private readonly lambda: LambdaClient, private readonly functionArn: string) {}

  async deliver({ delivery }: Message, signal: AbortSignal): Promise<DeliveryOutcome> {
    const { FunctionError, Payload } = await this.lambda.send(new InvokeCommand({
      FunctionName: this.functionArn,
      InvocationType: 'RequestResponse',
      Payload: JSON.stringify(delivery),
    }), { abortSignal: signal });
    const answer = answerOf(Payload);
    if (FunctionError) return failed(answer?.errorType ?? FunctionError);
    return answer?.throttled === true ? throttled(answer.retryAfterSeconds) : DELIVERED;
  }
}

type Answer = { readonly [Key in keyof ThrottledAnswer]?: unknown } & { readonly errorType?: unknown };

function answerOf(payload: Uint8Array | undefined): Answer | null | undefined {
  try {
    return JSON.parse(Buffer.from(payload ?? []).toString('utf8')) as Answer | null;
  } catch {
    return undefined;
  }
}
