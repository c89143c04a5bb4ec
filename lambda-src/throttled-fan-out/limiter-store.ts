import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { ItemTime } from './limiter/acquisition';
import type { TimeStamp } from './limiter/item-clock';
import type { LimiterState } from './limiter/state';
import { itemKey } from '../../src/throttled-fan-out/contract';

/** A revision of the limiter's item. */
export interface LimiterItem extends TimeStamp {
  readonly state: LimiterState;
  /** The worker that wrote it. */
  readonly writer: string;
  /** When a worker wrote last that was sure of the time. */
  readonly sureAt: ItemTime;
  /** Names the write, so that it is known again when its answer was lost. */
  readonly write: string;
}

/** Where the revisions are kept. Errors of the service go to the caller. */
export interface LimiterStore {
  read(shard: number): Promise<LimiterItem | undefined>;
  /** Whether it is written: the condition is that the revision before it is still there, or nothing before the first. */
  write(shard: number, item: LimiterItem): Promise<boolean>;
}

/** The limiter's items in the fan-out's table. */
export class TableLimiterStore implements LimiterStore {
  constructor(private readonly documents: DynamoDBDocumentClient, private readonly tableName: string, private readonly target: string) {}

  async read(shard: number): Promise<LimiterItem | undefined> {
    const { Item } = await this.documents.send(new GetCommand({ TableName: this.tableName, Key: { id: this.key(shard) }, ConsistentRead: true }));
    return Item as LimiterItem | undefined;
  }

  async write(shard: number, item: LimiterItem): Promise<boolean> {
    const first = item.revision === 1;
    try {
      await this.documents.send(new PutCommand({
        TableName: this.tableName,
        Item: { id: this.key(shard), ...item },
        ConditionExpression: first ? 'attribute_not_exists(id)' : 'revision = :before',
        ...(!first && { ExpressionAttributeValues: { ':before': item.revision - 1 } }),
      }));
      return true;
    } catch (error) {
      // By name: the error may come from another copy of the SDK.
      if ((error as Error).name !== 'ConditionalCheckFailedException') throw error;
      return false;
    }
  }

  private key(shard: number): string {
    return itemKey.limiter(this.target, shard);
  }
}
