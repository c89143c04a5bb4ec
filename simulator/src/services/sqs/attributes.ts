import { sqsError } from './errors';
import type { Queue } from './queue';
import type { QueueDirectory } from './queues';
import { MAX_DELAY_SECONDS, MAX_MESSAGE_BYTES, MAX_VISIBILITY_SECONDS, parsePolicyObject, parseRedriveAllowPolicy, parseRedrivePolicy } from './settings';
import type { World } from '../../service';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html; the counts are exact unless the fault plan lets them lag. */
export function queueAttributes(queue: Queue, names: readonly string[]): Record<string, string> {
  const { settings } = queue;
  const { visible, inFlight, delayed } = queue.toldCounts();
  const all: Record<string, string | undefined> = {
    QueueArn: settings.arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    VisibilityTimeout: String(settings.visibilityTimeoutMs / 1000),
    DelaySeconds: String(settings.delayMs / 1000),
    MessageRetentionPeriod: String(settings.retentionMs / 1000),
    ReceiveMessageWaitTimeSeconds: String(settings.receiveWaitMs / 1000),
    MaximumMessageSize: String(settings.maxMessageBytes),
    RedrivePolicy: settings.redrive && JSON.stringify(settings.redrive),
    RedriveAllowPolicy: settings.redriveAllow && JSON.stringify(settings.redriveAllow),
    FifoQueue: settings.fifo ? 'true' : undefined,
    ContentBasedDeduplication: settings.fifo ? String(settings.contentBasedDeduplication) : undefined,
    DeduplicationScope: settings.fifo ? settings.deduplicationScope : undefined,
    KmsMasterKeyId: settings.kmsKey,
    SqsManagedSseEnabled: String(settings.kmsKey === undefined),
  };
  const unknown = [...names].find((name) => name !== 'All' && !(name in all) && !UNREPORTED.includes(name));
  if (unknown !== undefined) throw sqsError('InvalidAttributeName', `Unknown Attribute ${unknown}.`);
  const wanted = names.includes('All') ? Object.keys(all) : [...names];
  return Object.fromEntries(wanted.filter((name) => all[name] !== undefined).map((name) => [name, all[name]!]));
}

/** Attributes that AWS knows and that say nothing here. */
const UNREPORTED = ['CreatedTimestamp', 'LastModifiedTimestamp', 'Policy', 'KmsDataKeyReusePeriodSeconds', 'FifoThroughputLimit'];

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */
export function setQueueAttributes(world: World, directory: QueueDirectory, queue: Queue, attributes: Readonly<Record<string, string>>) {
  const { settings } = queue;
  for (const [name, value] of Object.entries(attributes)) {
    switch (name) {
      case 'VisibilityTimeout': settings.visibilityTimeoutMs = attribute(name, value, 0, MAX_VISIBILITY_SECONDS) * 1000; break;
      case 'DelaySeconds': settings.delayMs = attribute(name, value, 0, MAX_DELAY_SECONDS) * 1000; break;
      case 'MessageRetentionPeriod': settings.retentionMs = attribute(name, value, 60, 1_209_600) * 1000; break;
      case 'ReceiveMessageWaitTimeSeconds': settings.receiveWaitMs = attribute(name, value, 0, 20) * 1000; break;
      case 'MaximumMessageSize': settings.maxMessageBytes = attribute(name, value, 1024, MAX_MESSAGE_BYTES); break;
      case 'RedrivePolicy': {
        const redrive = parseRedrivePolicy(value, settings.name);
        directory.checkRedrive({ ...settings, redrive });
        settings.redrive = redrive;
        break;
      }
      case 'RedriveAllowPolicy': settings.redriveAllow = parseRedriveAllowPolicy(value, settings.name); break;
      case 'Policy': world.iam.addResourcePolicy(settings.arn, parsePolicyObject(value)); break;
      default: throw sqsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
    }
  }
}

function attribute(name: string, value: unknown, min: number, max: number): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < min || number > max) {
    throw sqsError('InvalidAttributeValue', `Invalid value for the parameter ${name}. Reason: must be an integer from ${min} to ${max}, got ${JSON.stringify(value)}.`);
  }
  return number;
}
