import type { Pipe } from './pipe';
import type { Caller, World } from '../../service';
import type { StreamEvent } from '../dynamodb';
import { type Attempt, batchInfo, type Discarded, type ShardBatch, type StreamProcessor } from '../dynamodb/streams/consumer-contract';
import type { EventPattern } from '../events/pattern';
import { sendDiscardRecord } from '../lambda/stream-destination';

/** Lets a pipe consume a DynamoDB stream. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-dynamodb.html */
export class PipeStreamProcessor implements StreamProcessor {
  readonly caller: Caller;

  constructor(
    private readonly world: World,
    private readonly pipe: Pipe,
    private readonly patterns: readonly EventPattern[],
    private readonly deadLetterArn: string | undefined,
  ) {
    this.caller = pipe.caller;
  }

  /** Patterns see DynamoDB's typed values. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-event-filtering.html */
  wants(event: StreamEvent): boolean {
    return this.patterns.length === 0 || this.patterns.some((pattern) => pattern.matches(event));
  }

  async attempt({ events }: ShardBatch): Promise<Attempt> {
    const outcome = await this.pipe.execute(events.map((event) => ({ raw: event, view: event })), (event) => (event as StreamEvent)?.eventID);
    if (outcome.ok) return { result: 'success' };
    return { result: 'failure', from: outcome.failed?.[0] ?? 0, uncounted: outcome.uncounted };
  }

  /** Tells where the records were, not what they were. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-error-troubleshooting.html */
  async discard({ batch, condition }: Discarded) {
    const message = JSON.stringify({
      context: { partnerResourceArn: this.pipe.definition.arn, condition },
      version: '1.0',
      timestamp: new Date(this.world.kernel.now).toISOString(),
      DDBStreamBatchInfo: batchInfo(batch),
    });
    const problem = this.deadLetterArn === undefined
      ? 'the pipe has no dead-letter queue'
      : await sendDiscardRecord(this.world, this.caller, this.deadLetterArn, message);
    if (problem === undefined) return this.record('pipes.dead-lettered', { condition, records: batch.events.length });
    for (const event of batch.events) this.lose(event, batch.shardId, `${condition}, and ${problem}`);
  }

  lost(event: StreamEvent, shardId: string) {
    this.lose(event, shardId, 'the stream has trimmed it');
  }

  record(event: string, detail: Record<string, unknown>) {
    this.pipe.record(event.replace(/^stream\./, 'pipes.'), detail);
  }

  private lose(event: StreamEvent, shardId: string, because: string) {
    this.record('pipes.lost', { shardId, sequenceNumber: event.dynamodb.SequenceNumber, because });
  }
}
