import { failedItems } from './batch-response';
import type { Concurrency } from './concurrency';
import { queueUrl } from './destinations';
import { type InvocationTarget, LARGEST_REQUEST } from './invoke';
import { continueChain, longestChain } from './recursion';
import { type Batch, withinPayloadLimit } from './sqs-batch';
import { type SqsRecord, sqsRecord } from './sqs-event';
import type { SqsFilter } from './sqs-filter';
import type { Random } from '../../kernel/random';
import type { Caller, Chain, Service, World } from '../../service';

/** As much of SQS as pollers need beside its API. */
export interface SqsService extends Service {
  /** Calls back whenever a message becomes receivable. */
  onMessageVisible(queueArn: string, callback: () => void): void;
  /** Whether a message is receivable now. */
  hasVisible(queueArn: string): boolean;
  /** The chain of requests in which a message was sent. */
  chainOf(queueArn: string, receiptHandle: string): Chain | undefined;
}

export interface SqsEventSource {
  readonly target: InvocationTarget;
  readonly queueArn: string;
  readonly batchSize: number;
  readonly batchingWindowMs: number;
  readonly reportBatchItemFailures: boolean;
  readonly filter: SqsFilter;
  readonly maximumConcurrency?: number;
  /** The queue's. */
  readonly visibilityTimeoutMs: number;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html */
const FIRST_BATCHES = 5;
const MS_PER_FURTHER_BATCH = 60_000 / 300;
const MOST_BATCHES = 1_000;
/** One ReceiveMessage or DeleteMessageBatch takes ten messages. */
const MESSAGES_PER_CALL = 10;
/** Lambda backs off when its own calls or the function are throttled; AWS publishes no figures. */
const FIRST_BACKOFF_MS = 200;
const LONGEST_BACKOFF_MS = 30_000;
const CALL_ATTEMPTS = 8;

/**
 * Reads a queue for a function. AWS keeps long polls open; here a poll starts when SQS tells that a message is receivable, so that
 * an idle queue costs nothing. (The empty long polls of an idle queue are therefore not in the bill.)
 */
export class SqsPoller {
  private readonly caller: Caller;
  private readonly url: string;
  /** Batches that are being read or processed. */
  private active = 0;
  private activeSince = 0;
  /** Batches that still gather messages within their window. */
  private readonly gathering: (() => void)[] = [];
  private permitted = false;
  /** It will look again when one more batch is allowed. */
  private scaling = false;

  constructor(
    private readonly world: World,
    private readonly concurrency: Concurrency,
    private readonly random: Random,
    private readonly source: SqsEventSource,
  ) {
    const { role, readableName } = source.target.function.configuration;
    this.caller = { principal: { kind: 'role', arn: role }, name: readableName };
    this.url = queueUrl(source.queueArn);
  }

  start() {
    this.sqs.onMessageVisible(this.source.queueArn, () => this.messageVisible());
  }

  private get sqs(): SqsService {
    return this.world.service<SqsService>('sqs');
  }

  private messageVisible() {
    const gathering = this.gathering.shift();
    if (gathering) gathering();
    else this.startBatch();
  }

  /** One more batch beside the others, at once or as soon as Lambda has scaled so far. */
  private startBatch() {
    if (this.active >= (this.source.maximumConcurrency ?? MOST_BATCHES)) return;
    if (this.active >= this.scaledBatches()) return this.scale();
    if (this.active++ === 0) this.activeSince = this.world.kernel.now;
    void this.poll();
  }

  private scale() {
    if (this.scaling) return;
    this.scaling = true;
    const { kernel } = this.world;
    const next = MS_PER_FURTHER_BATCH - (kernel.now - this.activeSince) % MS_PER_FURTHER_BATCH;
    kernel.schedule(Math.max(1, next), () => {
      this.scaling = false;
      if (this.hasVisible()) this.startBatch();
    });
  }

  private hasVisible(): boolean {
    return this.sqs.hasVisible(this.source.queueArn);
  }

  /** A FIFO queue is limited by its message groups, by SQS itself. */
  private scaledBatches(): number {
    if (this.source.queueArn.endsWith('.fifo')) return MOST_BATCHES;
    return Math.min(MOST_BATCHES, FIRST_BATCHES + Math.floor((this.world.kernel.now - this.activeSince) / MS_PER_FURTHER_BATCH));
  }

  /** Reads and processes batches until the queue has nothing more. */
  private async poll() {
    for (;;) {
      const first = await this.receive(this.source.batchSize);
      if (!first) break;
      const visibleAgainAt = this.world.kernel.now + this.source.visibilityTimeoutMs;
      if (first.length > 0) await this.process(await this.gather(first), visibleAgainAt);
      else if (!this.hasVisible()) break;
    }
    this.active--;
  }

  /**
   * What comes within the batching window, too, up to a batch or the size of an invocation. (On AWS the window of a quiet queue "might"
   * last up to 20 seconds, even if a shorter one is set: not simulated.)
   * https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
   */
  private async gather(messages: any[]): Promise<any[]> {
    const { batchSize, batchingWindowMs } = this.source;
    if (batchingWindowMs === 0) return messages;
    const windowEnd = this.world.kernel.now + batchingWindowMs;
    let bytes = sizeOf(messages);
    while (messages.length < batchSize && bytes < LARGEST_REQUEST && this.world.kernel.now < windowEnd) {
      const more = await this.receive(batchSize - messages.length);
      if (!more) break;
      messages.push(...more);
      bytes += sizeOf(more);
      if (more.length === 0 && !this.hasVisible()) await this.visibleOr(windowEnd);
    }
    return messages;
  }

  /** Waits until a message is receivable, or the window ends. */
  private visibleOr(windowEnd: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.world.kernel.schedule(Math.max(0, windowEnd - this.world.kernel.now), () => {
        this.gathering.splice(this.gathering.indexOf(wake), 1);
        resolve();
      });
      const wake = () => {
        timer.cancel();
        resolve();
      };
      this.gathering.push(wake);
    });
  }

  /** Up to ten messages; undefined when SQS refuses to tell. While there are more than these, more batches are read at once. */
  private async receive(max: number): Promise<any[] | undefined> {
    if (!this.mayRead()) return undefined;
    const answer = await this.call('ReceiveMessage', {
      QueueUrl: this.url,
      MaxNumberOfMessages: Math.min(max, MESSAGES_PER_CALL),
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    });
    const messages = answer?.Messages ?? [];
    if (messages.length > 0 && this.hasVisible()) this.startBatch();
    return answer && messages;
  }

  /** Lambda asks for these when the mapping is created. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-permissions */
  private mayRead(): boolean {
    if (this.permitted) return true;
    try {
      for (const action of ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes']) {
        this.world.iam.authorize(this.caller.principal, { action, resource: this.source.queueArn });
      }
      this.permitted = true;
    } catch (error: any) {
      if (error?.$fault === undefined) throw error;
      this.record('lambda.pollFailed', { error: error.message });
    }
    return this.permitted;
  }

  private async process(messages: readonly any[], visibleAgainAt: number) {
    const records = messages.map((message) => sqsRecord(message, this.source.queueArn));
    const wanted: SqsRecord[] = [];
    const unwanted: SqsRecord[] = [];
    for (const record of records) (this.source.filter.passes(record) ? wanted : unwanted).push(record);
    // Lambda deletes messages that no filter matches. https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
    await this.delete(unwanted);
    for (const batch of withinPayloadLimit(wanted)) await this.invoke(batch, visibleAgainAt);
  }

  /**
   * Invokes the function with a batch and deletes what it has processed. Everything else comes back when its visibility timeout
   * passes. While the function is throttled Lambda keeps trying, up to that moment: then the receive has counted towards the
   * queue's maxReceiveCount although the function has never seen the messages.
   * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
   */
  private async invoke({ records, event }: Batch, visibleAgainAt: number) {
    const { kernel, latency } = this.world;
    const { target, reportBatchItemFailures } = this.source;
    await kernel.sleep(latency.call('lambda'));
    const chain = this.chain(records);
    if (!chain) return;
    let release: (() => void) | undefined;
    for (let attempt = 1; !release; attempt++) {
      try {
        release = this.concurrency.acquire(target.function);
      } catch {
        this.record('lambda.throttled', { messages: records.length });
        await kernel.sleep(Math.min(backoff(attempt), Math.max(0, visibleAgainAt - kernel.now)));
        if (kernel.now >= visibleAgainAt) return;
      }
    }
    const end = await target.function.run({
      requestId: this.random.uuid(), event, invokedArn: target.arn, version: target.version, chain,
    });
    release();
    if (end.status !== 'success') return;
    const failed = reportBatchItemFailures ? failedItems(end.payload, new Set(records.map(({ messageId }) => messageId))) : new Set<string>();
    if (failed) await this.delete(records.filter(({ messageId }) => !failed.has(messageId)));
  }

  /** Undefined when Lambda stops a loop: then the messages come again, up to the dead-letter queue, and are stopped each time. */
  private chain(records: readonly SqsRecord[]): Chain | undefined {
    const { target, queueArn } = this.source;
    try {
      return continueChain(this.world, target, longestChain(records.map(({ receiptHandle }) => this.sqs.chainOf(queueArn, receiptHandle))));
    } catch (error: any) {
      if (error?.$fault === undefined) throw error;
      return undefined;
    }
  }

  private async delete(records: readonly SqsRecord[]) {
    for (let start = 0; start < records.length; start += MESSAGES_PER_CALL) {
      let left = records.slice(start, start + MESSAGES_PER_CALL);
      for (let attempt = 1; left.length > 0 && attempt <= CALL_ATTEMPTS; attempt++) {
        const Entries = left.map(({ receiptHandle }, index) => ({ Id: String(index), ReceiptHandle: receiptHandle }));
        const answer = await this.call('DeleteMessageBatch', { QueueUrl: this.url, Entries });
        const failed = new Set<string>((answer?.Failed ?? []).filter((entry: any) => !entry.SenderFault).map((entry: any) => entry.Id));
        left = left.filter((_record, index) => failed.has(String(index)));
        if (left.length > 0) await this.world.kernel.sleep(backoff(attempt));
      }
    }
  }

  /** Lambda's own call, retried while the service says to; undefined when it is refused. */
  private async call(operation: string, input: any): Promise<any> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.world.call({ service: 'sqs', operation, input, caller: this.caller });
      } catch (error: any) {
        if (error?.$fault === undefined) throw error;
        if (!error.retryable || attempt === CALL_ATTEMPTS) {
          this.record('lambda.pollFailed', { operation, error: error.message });
          return undefined;
        }
        await this.world.kernel.sleep(backoff(attempt));
      }
    }
  }

  private record(event: string, detail: Record<string, unknown>) {
    this.world.trace.record({ at: this.world.kernel.now, subject: this.caller.name, event, detail });
  }
}

function backoff(attempt: number): number {
  return Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (attempt - 1));
}

function sizeOf(messages: readonly any[]): number {
  return messages.reduce((bytes, { Body }) => bytes + Buffer.byteLength(Body), 0);
}
