import { createHash } from 'crypto';
import type { Deliveries } from './deliveries';
import { invalidParameter } from './errors';
import { type Notification, parsePublication, type PublishedContent } from './message';
import type { Topic } from './topics';
import type { Caller, World } from '../../service';

/** https://docs.aws.amazon.com/sns/latest/dg/fifo-message-dedup.html */
const DEDUPLICATION_INTERVAL_MS = 5 * 60 * 1000;

interface Remembered {
  readonly at: number;
  readonly id: string;
  readonly sequenceNumber: string;
}

/** Publish, alone and as an entry of a batch. */
export class Publisher {
  private readonly random;
  private readonly remembered = new Map<Topic, Map<string, Remembered>>();
  private sequence = 0;

  constructor(private readonly world: World, private readonly deliveries: Deliveries) {
    this.random = world.kernel.random.fork('sns');
  }

  prepare({ settings }: Topic, entry: any, { chain }: Caller): PublishedContent {
    const content = parsePublication(entry, chain);
    if (content.size > settings.maxMessageBytes) throw invalidParameter('Message too long');
    if (settings.fifo) {
      if (content.groupId === undefined) throw invalidParameter('The MessageGroupId parameter is required for FIFO topics');
      if (content.deduplicationId === undefined && !settings.contentBasedDeduplication) {
        throw invalidParameter('The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly');
      }
    } else if (content.deduplicationId !== undefined) {
      throw invalidParameter('MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type');
    }
    return content;
  }

  publish(topic: Topic, content: PublishedContent) {
    const publishedAt = this.world.kernel.now;
    if (!topic.settings.fifo) {
      const notification: Notification = { ...content, id: this.random.uuid(), publishedAt };
      this.deliveries.start(notification, topic);
      return { MessageId: notification.id };
    }
    const deduplicationId = content.deduplicationId ?? createHash('sha256').update(content.texts.default).digest('hex');
    const { id, sequenceNumber, isNew } = this.deduplicate(topic, content.groupId!, deduplicationId);
    if (isNew) this.deliveries.start({ ...content, deduplicationId, id, sequenceNumber, publishedAt }, topic);
    return { MessageId: id, SequenceNumber: sequenceNumber };
  }

  /** A message that was published within five minutes is accepted and not delivered again. */
  private deduplicate(topic: Topic, groupId: string, deduplicationId: string) {
    const { now } = this.world.kernel;
    let memory = this.remembered.get(topic);
    if (!memory) this.remembered.set(topic, memory = new Map());
    for (const [key, { at }] of memory) {
      if (at + DEDUPLICATION_INTERVAL_MS > now) break;
      memory.delete(key);
    }
    const key = topic.settings.throughputScope === 'MessageGroup' ? JSON.stringify([groupId, deduplicationId]) : deduplicationId;
    const known = memory.get(key);
    if (known) return { ...known, isNew: false };
    const fresh = { at: now, id: this.random.uuid(), sequenceNumber: `1${String(++this.sequence * 1_000).padStart(19, '0')}` };
    memory.set(key, fresh);
    return { ...fresh, isNew: true };
  }
}
