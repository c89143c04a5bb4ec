/** Largest message, and largest sum of a batch: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
export const MAX_MESSAGE_BYTES = 1_048_576;
export const MAX_VISIBILITY_SECONDS = 43_200;
export const MAX_DELAY_SECONDS = 900;

export interface RedrivePolicy {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

export interface RedriveAllowPolicy {
  readonly redrivePermission: 'allowAll' | 'denyAll' | 'byQueue';
  readonly sourceQueueArns: readonly string[];
}

/** A queue's attributes, with AWS's defaults. */
export interface QueueSettings {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  /** What people call it: in traces and reports. */
  readonly label: string;
  readonly fifo: boolean;
  readonly contentBasedDeduplication: boolean;
  readonly deduplicationScope: 'queue' | 'messageGroup';
  visibilityTimeoutMs: number;
  delayMs: number;
  retentionMs: number;
  receiveWaitMs: number;
  maxMessageBytes: number;
  redrive?: RedrivePolicy;
  redriveAllow?: RedriveAllowPolicy;
  /** Key id, alias or ARN as the template gives it. */
  readonly kmsKey?: string;
}

/** CloudFormation gives policies as objects, the API as JSON text. */
export function parsePolicyObject(value: unknown): any {
  return typeof value === 'string' ? JSON.parse(value) : value;
}

export function parseRedrivePolicy(value: unknown, queue: string): RedrivePolicy | undefined {
  if (value === undefined || value === '') return undefined;
  const policy = parsePolicyObject(value);
  const maxReceiveCount = Number(policy.maxReceiveCount);
  if (typeof policy.deadLetterTargetArn !== 'string') {
    throw new Error(`queue ${queue}: the redrive policy must have a deadLetterTargetArn, got ${JSON.stringify(policy)}`);
  }
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue.html
  if (!Number.isInteger(maxReceiveCount) || maxReceiveCount < 1 || maxReceiveCount > 1000) {
    throw new Error(`queue ${queue}: maxReceiveCount must be an integer from 1 to 1000, got ${JSON.stringify(policy.maxReceiveCount)}`);
  }
  return { deadLetterTargetArn: policy.deadLetterTargetArn, maxReceiveCount };
}

export function parseRedriveAllowPolicy(value: unknown, queue: string): RedriveAllowPolicy | undefined {
  if (value === undefined || value === '') return undefined;
  const policy = parsePolicyObject(value);
  if (!['allowAll', 'denyAll', 'byQueue'].includes(policy.redrivePermission)) {
    throw new Error(`queue ${queue}: redrivePermission must be allowAll, denyAll or byQueue, got ${JSON.stringify(policy.redrivePermission)}`);
  }
  return { redrivePermission: policy.redrivePermission, sourceQueueArns: policy.sourceQueueArns ?? [] };
}
