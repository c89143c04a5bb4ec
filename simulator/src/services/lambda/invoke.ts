import type { AsyncInvocations } from './async-invocations';
import type { Concurrency } from './concurrency';
import type { LambdaFunction } from './function';
import { continueChain } from './recursion';
import type { Random } from '../../kernel/random';
import { type Chain, ServiceError, type World } from '../../service';

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html; asynchronous: 1 MB since January 2026. */
export const LARGEST_REQUEST = 6_291_456;
export const LARGEST_ASYNC_REQUEST = 1_048_576;

/** A function with the qualifier that a caller has used. */
export interface InvocationTarget {
  readonly function: LambdaFunction;
  /** `$LATEST`, a version's number. */
  readonly version: string;
  readonly qualifier?: string;
  readonly arn: string;
}

export interface InvokeOptions {
  readonly world: World;
  /** The caller's. */
  readonly chain?: Chain;
  readonly concurrency: Concurrency;
  readonly asynchronous: AsyncInvocations;
  readonly random: Random;
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
export async function invoke(target: InvocationTarget, input: any, { world, chain, concurrency, asynchronous, random }: InvokeOptions): Promise<any> {
  if (input.LogType === 'Tail') throw new Error('Invoke with LogType Tail is not simulated; read the function\'s log group instead');
  const event = payloadOf(input.Payload);
  const requestId = random.uuid();
  switch (input.InvocationType ?? 'RequestResponse') {
    case 'DryRun':
      return { StatusCode: 204 };
    case 'Event':
      checkSize(event, LARGEST_ASYNC_REQUEST);
      asynchronous.accept(target, event, requestId, chain);
      return { StatusCode: 202 };
    case 'RequestResponse': {
      checkSize(event, LARGEST_REQUEST);
      const next = continueChain(world, target, chain);
      const release = concurrency.acquire(target.function);
      try {
        const end = await target.function.run({
          requestId, event, invokedArn: target.arn, version: target.version, clientContext: clientContextOf(input.ClientContext), chain: next,
        });
        return {
          StatusCode: 200,
          ExecutedVersion: target.version,
          ...(end.status === 'success' ? {} : { FunctionError: 'Unhandled' }),
          Payload: end.payload,
        };
      } finally {
        release();
      }
    }
    default:
      throw new ServiceError('InvalidParameterValueException', `Invocation type '${input.InvocationType}' is not one of Event, RequestResponse, DryRun`);
  }
}

function payloadOf(payload: unknown): string {
  const text = payload === undefined || payload === null ? '' : typeof payload === 'string' ? payload : Buffer.from(payload as Uint8Array).toString('utf8');
  if (text === '') return '{}';
  try {
    JSON.parse(text);
  } catch (error: any) {
    throw new ServiceError('InvalidRequestContentException', `Could not parse request body into json: ${error.message}`);
  }
  return text;
}

function checkSize(event: string, limit: number) {
  if (Buffer.byteLength(event) <= limit) return;
  throw new ServiceError('RequestTooLargeException', `Request must be smaller than ${limit} bytes for the InvokeFunction operation`);
}

function clientContextOf(encoded: unknown): unknown {
  return typeof encoded === 'string' ? JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')) : undefined;
}
