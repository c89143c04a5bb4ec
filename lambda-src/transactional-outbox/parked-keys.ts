import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { PARKED } from '../../src/transactional-outbox/contract';

export interface ParkedAggregate {
  /** `sk` of the first event that waits. */
  readonly since: string;
  /** Events that came after it. */
  readonly waiting: number;
  readonly parkedAt: string;
}

/** What somebody saw who is about to open an aggregate. One that is opened and parked again may well have as many waiting. */
export type SeenParked = Pick<ParkedAggregate, 'waiting' | 'parkedAt'>;

export interface Refusal {
  readonly aggregate: string;
  readonly since: string;
  readonly eventId: string;
  readonly reason: string;
}

/** Aggregates whose events wait behind one that the destination refused. Every write is conditional. */
export class ParkedKeys {
  constructor(private readonly documents: DynamoDBDocumentClient, private readonly tableName: string, private readonly now: () => number) {}

  async find(aggregate: string): Promise<ParkedAggregate | undefined> {
    const { Item } = await this.documents.send(new GetCommand({ TableName: this.tableName, Key: key(aggregate), ConsistentRead: true }));
    return Item && {
      since: Item[PARKED.SINCE] as string,
      waiting: Item[PARKED.WAITING] as number,
      parkedAt: Item[PARKED.PARKED_AT] as string,
    };
  }

  /**
   * Whether an event has to wait. It is counted if so: whoever opens the aggregate at this moment learns by the count that another one
   * came, and if it was opened already, the event may go. One that sorts before all that wait, because its writer's clock is behind, becomes
   * the first of them: what waits is read from there. When the aggregate was opened or parked meanwhile, all of this is asked again.
   */
  async mustWait(aggregate: string, sortKey: string): Promise<boolean> {
    for (;;) {
      const parked = await this.find(aggregate);
      if (!parked) return false;
      const first = sortsBefore(sortKey, parked.since);
      const waits = await this.unlessConditionFails(new UpdateCommand({
        TableName: this.tableName,
        Key: key(aggregate),
        UpdateExpression: `${first ? 'SET #since = :sortKey ' : ''}ADD #waiting :one`,
        ConditionExpression: first ? '#since > :sortKey' : '#since <= :sortKey',
        ExpressionAttributeNames: { '#waiting': PARKED.WAITING, '#since': PARKED.SINCE },
        ExpressionAttributeValues: { ':one': 1, ':sortKey': sortKey },
      }));
      if (waits) return true;
    }
  }

  /** @throws when another event parked the aggregate meanwhile: this one has to come again, and to wait behind that one */
  async park({ aggregate, since, eventId, reason }: Refusal): Promise<void> {
    const parked = await this.unlessConditionFails(new PutCommand({
      TableName: this.tableName,
      Item: {
        ...key(aggregate),
        [PARKED.SINCE]: since,
        [PARKED.EVENT_ID]: eventId,
        [PARKED.REASON]: reason,
        [PARKED.PARKED_AT]: new Date(this.now()).toISOString(),
        [PARKED.WAITING]: 0,
      },
      // The client itself repeats a call whose answer was lost.
      ConditionExpression: 'attribute_not_exists(#key) OR (#since = :since AND #eventId = :eventId AND #waiting = :none)',
      ExpressionAttributeNames: { '#key': PARKED.PARTITION_KEY, '#since': PARKED.SINCE, '#eventId': PARKED.EVENT_ID, '#waiting': PARKED.WAITING },
      ExpressionAttributeValues: { ':since': since, ':eventId': eventId, ':none': 0 },
    }));
    if (!parked) throw new Error(`aggregate '${aggregate}' was parked by another event meanwhile`);
  }

  /** Opens an aggregate, unless events came since it was seen. */
  async open(aggregate: string, { waiting, parkedAt }: SeenParked): Promise<boolean> {
    return this.unlessConditionFails(new DeleteCommand({
      TableName: this.tableName,
      Key: key(aggregate),
      // One that is not there is open: the client itself repeats a call whose answer was lost. It may have been parked again by then.
      ConditionExpression: 'attribute_not_exists(#key) OR (#parkedAt = :parkedAt AND #waiting = :waiting)',
      ExpressionAttributeNames: { '#key': PARKED.PARTITION_KEY, '#parkedAt': PARKED.PARKED_AT, '#waiting': PARKED.WAITING },
      ExpressionAttributeValues: { ':parkedAt': parkedAt, ':waiting': waiting },
    }));
  }

  private async unlessConditionFails(command: UpdateCommand | PutCommand | DeleteCommand): Promise<boolean> {
    try {
      await this.documents.send(command as PutCommand);
      return true;
    } catch (error) {
      if ((error as Error).name === 'ConditionalCheckFailedException') return false;
      throw error;
    }
  }
}

function key(aggregate: string): Record<string, string> {
  return { [PARKED.PARTITION_KEY]: aggregate };
}

/** As DynamoDB compares texts: by their bytes. */
export function sortsBefore(one: string, other: string): boolean {
  return Buffer.compare(Buffer.from(one), Buffer.from(other)) < 0;
}
