import { createHash } from 'crypto';
import { integerIn, invalidParameter, missingParameter, sqsError } from './errors';
import { digestsOf, type MessageContent, parseContent } from './message';
import type { Queue } from './queue';
import { MAX_DELAY_SECONDS, MAX_MESSAGE_BYTES } from './settings';
import type { Caller, World } from '../../service';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagededuplicationid-property.html */
const DEDUPLICATION_INTERVAL_MS = 5 * 60 * 1000;

interface Prepared {
  readonly content: MessageContent;
  readonly delayMs: number;
}

interface Remembered {
  readonly at: number;
  readonly messageId: string;
  readonly sequenceNumber: string;
}

/** SendMessage, alone and as an entry of a batch. */
export class Sender {
  private readonly random;
  private readonly remembered = new Map<Queue, Map<string, Remembered>>();
  private sequence = 0;

  constructor(private readonly world: World) {
    this.random = world.kernel.random.fork('sqs');
  }

  prepare(queue: Queue, entry: any, { chain }: Caller): Prepared {
    const content = parseContent(entry, chain);
    const { settings } = queue;
    if (content.size > settings.maxMessageBytes) {
      throw sqsError('InvalidParameterValue', `One or more parameters are invalid. Reason: Message must be shorter than ${settings.maxMessageBytes} bytes.`);
    }
    const delay = integerIn('DelaySeconds', entry.DelaySeconds, 0, MAX_DELAY_SECONDS);
    if (settings.fifo) {
      if (content.groupId === undefined) throw missingParameter('MessageGroupId');
      if (content.deduplicationId === undefined && !settings.contentBasedDeduplication) {
        throw sqsError('InvalidParameterValue', 'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly');
      }
      // Messages of a FIFO queue cannot have delays of their own.
      // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
      if (delay !== undefined && delay > 0) {
        throw invalidParameter(delay, 'DelaySeconds', 'The request include parameter that is not valid for this queue type.');
      }
    } else if (content.deduplicationId !== undefined) {
      throw sqsError('InvalidParameterValue', `The request includes the parameter MessageDeduplicationId, which is not valid for a standard queue: ${settings.name}.`);
    }
    return { content, delayMs: delay === undefined ? settings.delayMs : delay * 1000 };
  }

  send(queue: Queue, { content, delayMs }: Prepared, caller: Caller) {
    const { body: MD5OfMessageBody, attributes: MD5OfMessageAttributes } = digestsOf(content);
    const digests = { MD5OfMessageBody, MD5OfMessageAttributes };
    if (!queue.settings.fifo) {
      const MessageId = this.random.uuid();
      queue.send(MessageId, content, senderId(caller), delayMs);
      return { ...digests, MessageId };
    }
    const { messageId, sequenceNumber, isNew } = this.deduplicate(queue, content);
    if (isNew) queue.send(messageId, content, senderId(caller), delayMs, sequenceNumber);
    return { ...digests, MessageId: messageId, SequenceNumber: sequenceNumber };
  }

  batchSize(entries: any): number {
    let size = 0;
    for (const entry of entries ?? []) {
      try {
        size += parseContent(entry).size;
      } catch {
        // A malformed entry fails on its own, later.
      }
    }
    return size;
  }

  checkBatchSize(size: number) {
    if (size > MAX_MESSAGE_BYTES) {
      throw sqsError('BatchRequestTooLong', `Batch requests cannot be longer than ${MAX_MESSAGE_BYTES} bytes. You have sent ${size} bytes.`);
    }
  }

  /** A message that was sent within five minutes, whether or not it has been deleted since, is accepted and not delivered again. */
  private deduplicate(queue: Queue, content: MessageContent) {
    const { now } = this.world.kernel;
    let memory = this.remembered.get(queue);
    if (!memory) this.remembered.set(queue, memory = new Map());
    for (const [key, { at }] of memory) {
      if (at + DEDUPLICATION_INTERVAL_MS > now) break;
      memory.delete(key);
    }
    const id = content.deduplicationId ?? createHash('sha256').update(content.body).digest('hex');
    const key = queue.settings.deduplicationScope === 'messageGroup' ? JSON.stringify([content.groupId, id]) : id;
    const known = memory.get(key);
    if (known) return { ...known, isNew: false };
    const fresh = { at: now, messageId: this.random.uuid(), sequenceNumber: String(++this.sequence).padStart(20, '0') };
    memory.set(key, fresh);
    return { ...fresh, isNew: true };
  }
}

function senderId({ principal }: Caller): string {
  if (principal.kind === 'role') return principal.arn;
  return principal.kind === 'service' ? principal.service : 'operator';
}
