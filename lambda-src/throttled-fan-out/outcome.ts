/** How a delivery ended. */
export type DeliveryOutcome =
  | { readonly kind: 'DELIVERED' }
  /** The target, or the service before it, takes no more now. */
  | { readonly kind: 'THROTTLED'; readonly retryAfterMs?: number }
  /** `error` is a name: what services and functions say besides may quote the message. */
  | { readonly kind: 'FAILED'; readonly error: string }
  /** The service before the target will never take this message: too large, for one. It says nothing of the target. */
  | { readonly kind: 'REFUSED'; readonly error: string };

export const DELIVERED: DeliveryOutcome = { kind: 'DELIVERED' };

/** A target that asks for more is asked again then. */
const LONGEST_RETRY_AFTER_MS = 15 * 60_000;
const LONGEST_NAME = 100;

/**
 * What the SDK takes for throttling, and what it does not know of Lambda and Step Functions.
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
 */
const THROTTLING = new Set([
  'BandwidthLimitExceeded', 'EC2ThrottledException', 'LimitExceededException', 'PriorRequestNotComplete', 'ProvisionedThroughputExceededException',
  'RequestLimitExceeded', 'RequestThrottled', 'RequestThrottledException', 'SlowDown', 'ThrottledException', 'Throttling', 'ThrottlingException',
  'TooManyRequestsException', 'TransactionInProgressException',
  'ENILimitReachedException', 'ExecutionLimitExceeded', 'KmsThrottled', 'OverLimit',
]);

/** The message is at fault, whoever sends it and when. */
const FAULTS_OF_THE_MESSAGE = new Set([
  // https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
  'InvalidRequestContentException', 'RequestTooLargeException', 'SerializedRequestEntityTooLargeException',
  // https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
  'InvalidExecutionInput', 'ValidationException',
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
  'InvalidMessageContents', 'InvalidParameterValue', 'InvalidParameterValueException',
  // https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html
  'InvalidArgument', 'MalformedDetail',
]);

/** Why a call to a service did not arrive. */
export function outcomeOfError(error: unknown): DeliveryOutcome {
  const { name = 'Error', retryAfterSeconds, $metadata } = (error ?? {}) as { name?: string; retryAfterSeconds?: unknown; $metadata?: { httpStatusCode?: number } };
  if (THROTTLING.has(name) || $metadata?.httpStatusCode === 429) return throttled(retryAfterSeconds);
  return outcomeOfErrorName(name);
}

export function outcomeOfErrorName(name: string): DeliveryOutcome {
  if (THROTTLING.has(name)) return { kind: 'THROTTLED' };
  return { kind: FAULTS_OF_THE_MESSAGE.has(name) ? 'REFUSED' : 'FAILED', error: name.slice(0, LONGEST_NAME) };
}

export function failed(error: unknown): DeliveryOutcome {
  return { kind: 'FAILED', error: String(error).slice(0, LONGEST_NAME) };
}

export function throttled(retryAfterSeconds?: unknown): DeliveryOutcome {
  const ms = retryAfterMs(retryAfterSeconds);
  return { kind: 'THROTTLED', ...(ms !== undefined && { retryAfterMs: ms }) };
}

/** What a function or a service says may be anything. */
function retryAfterMs(seconds: unknown): number | undefined {
  if (typeof seconds !== 'number' && typeof seconds !== 'string') return undefined;
  const ms = Number(seconds) * 1000;
  return ms > 0 ? Math.min(ms, LONGEST_RETRY_AFTER_MS) : undefined;
}
