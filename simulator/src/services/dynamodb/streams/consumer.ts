/** A consumer of a stream that AWS runs for its user: the common part of Lambda's event source mappings and of pipes. */
import type { ConsumerSettings, StreamProcessor } from './consumer-contract';
import type { ApiRecord } from './record';
import { ShardConsumer } from './shard-consumer';
import type { Stream, StreamReader } from './stream';
import type { World } from '../../../service';

/**
 * Creating a consumer takes a while; one that starts with the latest record misses what was written until then ("may miss events
 * during creation"). https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html
 */
const SHORTEST_CREATION_MS = 10_000;
const LONGEST_CREATION_MS = 60_000;

/** Reads when the stream tells that there is something: an idle stream costs nothing, although AWS polls it all the time. */
export class StreamConsumer implements StreamReader {
  private readonly shards: ReadonlyMap<string, ShardConsumer>;
  private described?: Promise<void>;
  private created = false;
  private running = false;

  constructor(
    private readonly world: World,
    private readonly stream: Stream,
    private readonly settings: ConsumerSettings,
    private readonly processor: StreamProcessor,
  ) {
    const options = { world, stream, settings, processor, describe: () => this.describe() };
    this.shards = new Map(stream.shards.map((shard) => [shard.id, new ShardConsumer(options, shard, shard.first)]));
  }

  /** Begins to exist; `running`: and to read. */
  create(running: boolean) {
    const { kernel } = this.world;
    this.running = running;
    this.stream.attach(this);
    if (this.settings.startingPosition === 'TRIM_HORIZON') return this.begin();
    const random = kernel.random.fork(`stream-consumer/${this.processor.caller.name}/${this.stream.definition.arn}`);
    kernel.schedule(random.integer(SHORTEST_CREATION_MS, LONGEST_CREATION_MS), () => {
      for (const shard of this.shards.values()) shard.skipToEnd();
      this.begin();
    });
  }

  start() {
    this.running = true;
    if (this.created) for (const shard of this.shards.values()) shard.start();
  }

  stop() {
    this.running = false;
    this.described = undefined;
    for (const shard of this.shards.values()) shard.stop();
  }

  remove() {
    this.stream.detach(this);
  }

  readable(shardId: string) {
    this.shards.get(shardId)!.read();
  }

  trimmed(shardId: string, record: ApiRecord) {
    if (this.created) this.shards.get(shardId)!.trimmed(record);
  }

  private begin() {
    this.created = true;
    if (this.running) this.start();
  }

  private describe(): Promise<void> {
    return this.described ??= this.describeStream().catch((error) => {
      this.described = undefined;
      throw error;
    });
  }

  /** https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html (required permissions) */
  private async describeStream() {
    const { caller } = this.processor;
    // ListStreams has no resource; AWS's own examples of execution roles name the stream, though, and are not refused.
    for (const resource of ['*', this.stream.definition.arn]) {
      if (this.world.iam.attempt(caller.principal, { action: 'dynamodb:ListStreams', resource })) break;
    }
    await this.world.call({ service: 'dynamodb', operation: 'DescribeStream', input: { StreamArn: this.stream.definition.arn }, caller });
  }
}
