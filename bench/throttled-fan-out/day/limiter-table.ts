import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Hops } from './hops';
import type { VirtualTime } from './virtual-time';
import type { LimiterItem, LimiterStore } from '../../../lambda-src/throttled-fan-out/limiter-store';
import type { Meter } from '../../../simulator/src/kernel/meter';

/** The limiter's items, each below 1 KB, so that a write is one unit, also a refused one, and a consistent read is one. */
export class LimiterTable implements LimiterStore {
  readonly documents = { send: () => this.readControl() } as unknown as DynamoDBDocumentClient;
  private readonly items = new Map<number, LimiterItem>();

  constructor(private readonly time: VirtualTime, private readonly hops: Hops, private readonly meter: Meter) {}

  async read(shard: number): Promise<LimiterItem | undefined> {
    this.meter.add('dynamodb.readUnits');
    const oneWay = this.hops.dynamodb() / 2;
    await this.time.sleep(oneWay);
    const item = this.items.get(shard);
    await this.time.sleep(oneWay);
    return item;
  }

  async write(shard: number, item: LimiterItem): Promise<boolean> {
    this.meter.add('dynamodb.writeUnits');
    const oneWay = this.hops.dynamodb() / 2;
    await this.time.sleep(oneWay);
    const written = (this.items.get(shard)?.revision ?? 0) === item.revision - 1;
    if (written) this.items.set(shard, item);
    await this.time.sleep(oneWay);
    return written;
  }

  /** No operator has written anything. An eventually consistent read is half a unit. */
  private async readControl(): Promise<object> {
    this.meter.add('dynamodb.readUnits', 0.5);
    await this.time.sleep(this.hops.dynamodb());
    return {};
  }
}
