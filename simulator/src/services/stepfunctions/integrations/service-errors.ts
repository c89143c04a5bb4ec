import type { TaskFailure } from '../asl/environment';

/**
 * How one kind of integration names a service's errors. Optimized integrations use the AWS SDK for Java 1, `aws-sdk:` integrations
 * the AWS SDK for Java 2: an error that the SDK knows is `<prefix>.<Error>Exception`, any other (validation, denied access, throttling
 * of most services) is the service's base exception.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html#use-awssdk-error
 */
export interface ErrorNaming {
  readonly prefix: string;
  readonly base: string;
  /** The service's name in error texts. */
  readonly service: string;
  readonly sdk: 1 | 2;
  readonly known: ReadonlySet<string>;
  /** Other names that the simulator's services and fault plans give to an error that the SDK knows. */
  readonly aliases?: Readonly<Record<string, string>>;
}

const DYNAMODB_ERRORS = new Set([
  'ConditionalCheckFailed', 'ProvisionedThroughputExceeded', 'ResourceNotFound', 'ResourceInUse', 'ItemCollectionSizeLimitExceeded',
  'TransactionCanceled', 'TransactionConflict', 'TransactionInProgress', 'IdempotentParameterMismatch', 'RequestLimitExceeded',
  'InternalServerError', 'LimitExceeded', 'DuplicateItem',
]);
const LAMBDA_ERRORS = new Set([
  'TooManyRequests', 'Service', 'ResourceNotFound', 'ResourceConflict', 'ResourceNotReady', 'InvalidRequestContent', 'RequestTooLarge',
  'UnsupportedMediaType', 'InvalidParameterValue', 'InvalidRuntime',
]);
const SQS_ERRORS = new Set([
  'QueueDoesNotExist', 'InvalidMessageContents', 'UnsupportedOperation', 'InvalidAttributeName', 'InvalidAttributeValue', 'OverLimit',
  'ReceiptHandleIsInvalid', 'MessageNotInflight', 'BatchEntryIdsNotDistinct', 'EmptyBatchRequest', 'TooManyEntriesInBatchRequest',
  'BatchRequestTooLong', 'InvalidBatchEntryId', 'PurgeQueueInProgress', 'QueueNameExists', 'RequestThrottled',
]);
const EVENTS_ERRORS = new Set(['Internal', 'ResourceNotFound', 'ResourceAlreadyExists', 'ConcurrentModification', 'InvalidState', 'LimitExceeded']);
const STATES_ERRORS = new Set([
  'ExecutionAlreadyExists', 'ExecutionDoesNotExist', 'ExecutionLimitExceeded', 'ExecutionNotRedrivable', 'InvalidArn', 'InvalidDefinition',
  'InvalidExecutionInput', 'InvalidName', 'InvalidOutput', 'InvalidToken', 'StateMachineDoesNotExist', 'StateMachineTypeNotSupported',
  'TaskDoesNotExist', 'TaskTimedOut', 'Validation',
]);
const SNS_ERRORS = new Set([
  'AuthorizationError', 'NotFound', 'InvalidParameter', 'InvalidParameterValue', 'InternalError', 'EndpointDisabled',
]);
const NONE: ReadonlySet<string> = new Set();

/** `Lambda.ServiceException` is what retries for a failing Lambda service are written for. */
const LAMBDA_ALIASES = { InternalServerError: 'Service' };
const EVENTS_ALIASES = { InternalServerError: 'Internal' };

export const OPTIMIZED_ERRORS = {
  dynamodb: { prefix: 'DynamoDB', base: 'AmazonDynamoDBException', service: 'AmazonDynamoDBv2', sdk: 1, known: DYNAMODB_ERRORS },
  lambda: { prefix: 'Lambda', base: 'AWSLambdaException', service: 'AWSLambda', sdk: 1, known: LAMBDA_ERRORS, aliases: LAMBDA_ALIASES },
  sqs: { prefix: 'SQS', base: 'AmazonSQSException', service: 'AmazonSQS', sdk: 1, known: SQS_ERRORS },
  sns: { prefix: 'SNS', base: 'AmazonSNSException', service: 'AmazonSNS', sdk: 1, known: SNS_ERRORS },
  events: {
    prefix: 'EventBridge', base: 'AmazonEventBridgeException', service: 'AmazonEventBridge', sdk: 1, known: EVENTS_ERRORS, aliases: EVENTS_ALIASES,
  },
  states: { prefix: 'StepFunctions', base: 'AWSStepFunctionsException', service: 'AWSStepFunctions', sdk: 1, known: STATES_ERRORS },
} as const satisfies Record<string, ErrorNaming>;

const SDK_KNOWN: Readonly<Record<string, ReadonlySet<string>>> = {
  DynamoDb: DYNAMODB_ERRORS,
  Lambda: LAMBDA_ERRORS,
  Sqs: SQS_ERRORS,
  EventBridge: EVENTS_ERRORS,
  Sfn: STATES_ERRORS,
  Sns: SNS_ERRORS,
  CloudWatch: new Set(['InvalidParameterValue', 'MissingRequiredParameter', 'InvalidParameterCombination', 'ResourceNotFound', 'LimitExceeded']),
  CloudWatchLogs: new Set(['ResourceNotFound', 'ResourceAlreadyExists', 'InvalidParameter', 'LimitExceeded', 'ServiceUnavailable']),
  Pipes: new Set(['Conflict', 'Internal', 'NotFound', 'ServiceQuotaExceeded', 'Throttling', 'Validation']),
  Scheduler: new Set(['Validation', 'ResourceNotFound', 'Conflict', 'Throttling', 'ServiceQuotaExceeded', 'InternalServer']),
};

/** How `aws-sdk:` integrations name the errors of a service that the SDK for Java 2 calls `service`. */
export function sdkErrors(service: string): ErrorNaming {
  const aliases = service === 'Lambda' ? LAMBDA_ALIASES : service === 'EventBridge' ? EVENTS_ALIASES : undefined;
  return { prefix: service, base: `${service}Exception`, service, sdk: 2, known: SDK_KNOWN[service] ?? NONE, aliases };
}

/** How a task fails, with the name and the cause that Retry and Catch see. */
export class TaskFailed extends Error implements TaskFailure {
  constructor(readonly error: string, readonly cause?: string) {
    super(cause === undefined ? error : `${error}: ${cause}`);
    this.name = 'TaskFailed';
  }
}

/** The failure of a task whose service answered with an error. Anything that is no service's error is thrown on as it is. */
export function serviceFailure(error: any, naming: ErrorNaming, requestId: () => string): TaskFailed {
  if (typeof error?.$fault !== 'string') throw error;
  const code = String(error.name);
  // Service errors of the query protocol carry a namespace: `AWS.SimpleQueueService.NonExistentQueue`.
  const last = code.slice(code.lastIndexOf('.') + 1);
  const bare = (NAMESPACED[last] ?? last).replace(/Exception$/, '');
  const known = naming.aliases?.[bare] ?? bare;
  const name = naming.known.has(known) ? `${known}Exception` : naming.base;
  const status = statusCode(error, bare, naming);
  const cause = naming.sdk === 1
    ? `${error.message} (Service: ${naming.service}; Status Code: ${status}; Error Code: ${code}; Request ID: ${requestId()}; Proxy: null)`
    : `${error.message} (Service: ${naming.service}, Status Code: ${status}, Request ID: ${requestId()}) (SDK Attempt Count: 1)`;
  return new TaskFailed(`${naming.prefix}.${name}`, cause);
}


const LAMBDA_STATUS: Readonly<Record<string, number>> = { TooManyRequests: 429, AccessDenied: 403, ResourceNotFound: 404, RequestTooLarge: 413 };
const NAMESPACED: Readonly<Record<string, string>> = { NonExistentQueue: 'QueueDoesNotExist' };

function statusCode(error: any, code: string, naming: ErrorNaming): number {
  if (typeof error.$metadata?.httpStatusCode === 'number') return error.$metadata.httpStatusCode;
  if (error.$fault === 'server') return 500;
  // The services with a JSON protocol answer every mistake of the caller with 400.
  if (naming.prefix !== 'Lambda') return 400;
  return LAMBDA_STATUS[code] ?? 400;
}
