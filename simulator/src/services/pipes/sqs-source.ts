import type { PipeEvent } from './input-template';
import type { Pipe } from './pipe';
import type { World } from '../../service';
import type { EventPattern } from '../events/pattern';
import { queueUrl } from '../events/target';
import { type SqsRecord, sqsRecord } from '../lambda/sqs-event';
import type { SqsService } from '../lambda/sqs-poller';

export interface SqsSourceSettings {
  readonly queueArn: string;
  readonly batchSize: number;
  readonly batchingWindowMs: number;
  readonly patterns: readonly EventPattern[];
}

const MESSAGES_PER_CALL = 10;
/** Pipes read a queue with several pollers; AWS tells the account's quota only. */
const MOST_BATCHES = 10;
const FIRST_BACKOFF_MS = 200;
const LONGEST_BACKOFF_MS = 30_000;
const CALL_ATTEMPTS = 8;
/** With a batching window messages stay hidden for a pipe's 7 minutes, 30 seconds and the window. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-error-troubleshooting.html */
const HIDDEN_WITH_WINDOW_MS = 450_000;

/**
 * Lets a pipe consume a queue. AWS keeps long polls open; here a poll starts when a message becomes receivable, so that an idle
 * queue costs nothing. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-sqs.html
 */
export class SqsSource {
  private readonly url: string;
  private running = false;
  private active = 0;
  /** Batches that still gather messages within their window: what comes is theirs. */
  private gathering = 0;
  private missed = false;
  private visibilityMs?: number;

  constructor(private readonly world: World, private readonly pipe: Pipe, private readonly settings: SqsSourceSettings) {
    this.url = queueUrl(settings.queueArn);
  }

  create(running: boolean) {
    this.running = running;
    this.world.service<SqsService>('sqs').onMessageVisible(this.settings.queueArn, () => this.wake());
  }

  start() {
    this.running = true;
    this.wake();
  }

  stop() {
    this.running = false;
  }

  /** The queue goes on calling; nobody listens any more. */
  remove() {}

  private wake() {
    if (!this.running) return;
    if (this.active >= MOST_BATCHES || this.gathering > 0) {
      this.missed = true;
      return;
    }
    this.active++;
    void this.poll();
  }

  private async poll() {
    while (this.running) {
      this.missed = false;
      const visibilityMs = await this.visibility();
      const messages = visibilityMs === undefined ? [] : await this.gather();
      if (messages.length > 0) await this.process(messages, this.world.kernel.now + visibilityMs!);
      else if (!this.missed) break;
    }
    this.active--;
  }

  private async gather(): Promise<any[]> {
    const { batchSize, batchingWindowMs } = this.settings;
    const messages = await this.receive(batchSize);
    const end = this.world.kernel.now + batchingWindowMs;
    this.gathering++;
    while (messages.length > 0 && messages.length < batchSize && this.world.kernel.now < end) {
      await this.world.kernel.sleep(Math.min(1_000, end - this.world.kernel.now));
      messages.push(...await this.receive(batchSize - messages.length));
    }
    this.gathering--;
    return messages;
  }

  private async receive(most: number): Promise<any[]> {
    const answer = await this.call('ReceiveMessage', {
      QueueUrl: this.url,
      MaxNumberOfMessages: Math.min(most, MESSAGES_PER_CALL),
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
      ...(this.settings.batchingWindowMs > 0 && { VisibilityTimeout: this.visibilityMs! / 1000 }),
    });
    return answer?.Messages ?? [];
  }

  /** How long received messages stay hidden; undefined when the role may not ask. */
  private async visibility(): Promise<number | undefined> {
    if (this.visibilityMs !== undefined) return this.visibilityMs;
    const answer = await this.call('GetQueueAttributes', { QueueUrl: this.url, AttributeNames: ['VisibilityTimeout'] });
    if (!answer) return undefined;
    const { batchingWindowMs } = this.settings;
    this.visibilityMs = batchingWindowMs > 0 ? HIDDEN_WITH_WINDOW_MS + batchingWindowMs : Number(answer.Attributes.VisibilityTimeout) * 1000;
    return this.visibilityMs;
  }

  /** Messages that no filter matches are deleted; those that failed come back when their visibility timeout has passed. */
  private async process(messages: readonly any[], visibleAgainAt: number) {
    const { kernel } = this.world;
    const { patterns, queueArn } = this.settings;
    const records = messages.map((message) => sqsRecord(message, queueArn));
    const events = records.map(pipeEvent);
    const wanted = records.filter((_record, index) => patterns.length === 0 || patterns.some((pattern) => pattern.matches(events[index].view)));
    await this.delete(records.filter((record) => !wanted.includes(record)));
    for (let left = wanted, attempt = 0; left.length > 0; attempt++) {
      const outcome = await this.pipe.execute(left.map(pipeEvent), (event) => (event as SqsRecord)?.messageId);
      const failed = outcome.ok ? [] : outcome.failed ? outcome.failed.map((index) => left[index]) : left;
      await this.delete(left.filter((record) => !failed.includes(record)));
      if (outcome.ok || !outcome.uncounted) return;
      // Failures of AWS services do not wait for the queue, and do not count towards its maxReceiveCount.
      left = failed;
      await kernel.sleep(Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(attempt, 10)));
      if (kernel.now >= visibleAgainAt) return;
    }
  }

  private async delete(records: readonly SqsRecord[]) {
    for (let start = 0; start < records.length; start += MESSAGES_PER_CALL) {
      const some = records.slice(start, start + MESSAGES_PER_CALL);
      const Entries = some.map(({ receiptHandle }, index) => ({ Id: String(index), ReceiptHandle: receiptHandle }));
      await this.call('DeleteMessageBatch', { QueueUrl: this.url, Entries });
    }
  }

  private async call(operation: string, input: any): Promise<any> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.world.call({ service: 'sqs', operation, input, caller: this.pipe.caller });
      } catch (error: any) {
        if (error?.$fault === undefined) throw error;
        if (!error.retryable || attempt === CALL_ATTEMPTS) {
          this.pipe.record('pipes.pollFailed', { operation, error: `${error.name}: ${error.message}` });
          return undefined;
        }
        await this.world.kernel.sleep(Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (attempt - 1)));
      }
    }
  }
}

/**
 * A body that is JSON is read as such by patterns and paths.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-input-transformation.html#input-transform-implicit
 */
function pipeEvent(record: SqsRecord): PipeEvent {
  try {
    return { raw: record, view: { ...record, body: JSON.parse(record.body) } };
  } catch {
    return { raw: record, view: record };
  }
}
