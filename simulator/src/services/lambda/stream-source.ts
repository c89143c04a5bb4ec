import { failedItems } from './batch-response';
import type { Concurrency } from './concurrency';
import type { InvocationTarget } from './invoke';
import { continueChain } from './recursion';
import { discardRecord, type FailedInvocation, sendDiscardRecord } from './stream-destination';
import type { Random } from '../../kernel/random';
import type { Caller, World } from '../../service';
import type { StreamEvent } from '../dynamodb';
import type { Attempt, Discarded, ShardBatch, StreamProcessor } from '../dynamodb/streams/consumer-contract';
import type { EventPattern } from '../events/pattern';

export interface StreamSourceSettings {
  readonly target: InvocationTarget;
  readonly reportBatchItemFailures: boolean;
  /** A record passes when any matches; without patterns all pass. */
  readonly patterns: readonly EventPattern[];
  /** ARN of a queue or topic. */
  readonly onFailure?: string;
}

/** Invokes a function with the records of a stream. https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html */
export class StreamSource implements StreamProcessor {
  readonly caller: Caller;

  constructor(
    private readonly world: World,
    private readonly concurrency: Concurrency,
    private readonly random: Random,
    private readonly settings: StreamSourceSettings,
  ) {
    const { role, readableName } = settings.target.function.configuration;
    this.caller = { principal: { kind: 'role', arn: role }, name: readableName };
  }

  /** https://docs.aws.amazon.com/lambda/latest/dg/with-ddb-filtering.html */
  wants(event: StreamEvent): boolean {
    const { patterns } = this.settings;
    return patterns.length === 0 || patterns.some((pattern) => pattern.matches(event));
  }

  async attempt({ events }: ShardBatch): Promise<Attempt> {
    const { kernel, latency } = this.world;
    const { target, reportBatchItemFailures } = this.settings;
    await kernel.sleep(latency.call('lambda'));
    let release: () => void;
    try {
      release = this.concurrency.acquire(target.function);
    } catch {
      // "If a mapping is unable to invoke the function due to throttling, it retries until the records expire": no retry is used up.
      this.record('lambda.throttled', { records: events.length });
      return { result: 'failure', uncounted: true };
    }
    const requestId = this.random.uuid();
    const end = await target.function.run({
      requestId,
      event: JSON.stringify({ Records: events }),
      invokedArn: target.arn,
      version: target.version,
      // DynamoDB hands no chain on: each batch begins one.
      chain: continueChain(this.world, target),
    });
    release();
    this.iteratorAge(events);
    const detail: FailedInvocation = { requestId, version: target.version, functionError: end.status !== 'success' };
    if (end.status !== 'success') return { result: 'failure', detail };
    const from = reportBatchItemFailures ? firstFailure(end.payload, events) : undefined;
    return from === undefined ? { result: 'success' } : { result: 'failure', from, detail };
  }

  async discard(discarded: Discarded) {
    const { target, onFailure } = this.settings;
    const record = discardRecord(target, discarded, this.world.kernel.now, () => this.random.uuid());
    const problem = onFailure === undefined
      ? 'the event source mapping has no destination for failures'
      : await sendDiscardRecord(this.world, this.caller, onFailure, record);
    if (problem === undefined) return;
    if (onFailure !== undefined) target.function.metrics.record('DestinationDeliveryFailures', 1);
    for (const event of discarded.batch.events) this.lose(event, discarded.batch.shardId, `${discarded.condition}, and ${problem}`);
  }

  lost(event: StreamEvent, shardId: string) {
    this.lose(event, shardId, 'the stream has trimmed it');
  }

  record(event: string, detail: Record<string, unknown>) {
    this.world.trace.record({ at: this.world.kernel.now, subject: this.caller.name, event: event.replace(/^stream\./, 'lambda.'), detail });
  }

  private lose(event: StreamEvent, shardId: string, because: string) {
    this.record('lambda.recordsLost', { shardId, sequenceNumber: event.dynamodb.SequenceNumber, because });
  }

  /** How old the last record of the batch was. https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html */
  private iteratorAge(events: readonly StreamEvent[]) {
    const age = this.world.kernel.now - events[events.length - 1].dynamodb.ApproximateCreationDateTime * 1000;
    this.settings.target.function.metrics.record('IteratorAge', age, 'Milliseconds');
  }
}

/**
 * With several failures Lambda goes on from the lowest sequence number; an answer that it does not understand fails them all.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
 */
function firstFailure(payload: string, events: readonly StreamEvent[]): number | undefined {
  const numbers = events.map(({ dynamodb }) => dynamodb.SequenceNumber);
  const failed = failedItems(payload, new Set(numbers));
  if (failed === undefined) return 0;
  const first = numbers.findIndex((number) => failed.has(number));
  return first < 0 ? undefined : first;
}
