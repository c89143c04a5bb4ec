import { BatchGetCommand, type DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { type RegisteredWorker, workerOf } from './registered-worker';
import { type ControlItem, itemKey, type LeaderItem } from '../../src/work-stealing-pool/contract';

interface Key {
  readonly id: string;
  readonly entry: string;
}

interface Led {
  readonly leader: LeaderItem | undefined;
}

/** A batch that is answered in part is asked for again, with a wait in between that doubles. */
const BATCH_ATTEMPTS = 6;
const FIRST_WAIT_MS = 50;

export interface RegistryProps {
  readonly documents: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Who works in the pool, who leads it, and what its operator wants. Errors of the service go to the caller. */
export class Registry {
  constructor(private readonly props: RegistryProps) {}

  async leader(): Promise<LeaderItem | undefined> {
    const { documents, tableName } = this.props;
    const { Item } = await documents.send(new GetCommand({ TableName: tableName, Key: itemKey.leader(), ConsistentRead: true }));
    return Item as LeaderItem | undefined;
  }

  /** Those of these groups that an operator has retired. */
  async retired(groups: readonly string[]): Promise<ReadonlySet<string>> {
    return retiredOf(groups, await this.items(groups.map((group) => itemKey.control(group))));
  }

  async leaderAndRetired(groups: readonly string[]): Promise<Led & { readonly retired: ReadonlySet<string> }> {
    const found = await this.items([itemKey.leader(), ...groups.map((group) => itemKey.control(group))]);
    return { leader: leaderOf(found), retired: retiredOf(groups, found) };
  }

  async leaderAndRunners(groups: readonly string[]): Promise<Led & { readonly runners: ReadonlyMap<string, RegisteredWorker> }> {
    const found = await this.items([itemKey.leader(), ...groups.map((group) => itemKey.runner(group))]);
    const runners = groups.flatMap((group) => {
      const runner = workerOf(found.get(nameOf(itemKey.runner(group))));
      return runner ? [[group, runner] as const] : [];
    });
    return { leader: leaderOf(found), runners: new Map(runners) };
  }

  /** Its runner and its workers, also those that have left or died. */
  async workers(group: string): Promise<readonly RegisteredWorker[]> {
    const { documents, tableName } = this.props;
    const workers: RegisteredWorker[] = [];
    let from: Record<string, unknown> | undefined;
    do {
      const { Items = [], LastEvaluatedKey } = await documents.send(new QueryCommand({
        TableName: tableName,
        KeyConditionExpression: '#id = :group',
        ExpressionAttributeNames: { '#id': 'id' },
        ExpressionAttributeValues: { ':group': itemKey.group(group) },
        ExclusiveStartKey: from,
      }));
      workers.push(...Items.flatMap((item) => workerOf(item) ?? []));
      from = LastEvaluatedKey;
    } while (from);
    return workers;
  }

  /** Writes the first item of the pool's first leader, or the one after `seen`. Answers whether it is written: nobody else has since. */
  async succeed(seen: LeaderItem | undefined, item: LeaderItem): Promise<boolean> {
    return this.write(item, seen
      ? { ConditionExpression: 'fence = :fence AND revision = :revision', ExpressionAttributeValues: { ':fence': seen.fence, ':revision': seen.revision } }
      : { ConditionExpression: 'attribute_not_exists(id)' });
  }

  /** Writes a leader's next item. Answers whether it is written: it is still the leader. */
  async renew(item: LeaderItem): Promise<boolean> {
    // The same revision again is a leader that goes.
    return this.write(item, {
      ConditionExpression: 'fence = :fence AND revision <= :revision',
      ExpressionAttributeValues: { ':fence': item.fence, ':revision': item.revision },
    });
  }

  private async write(item: LeaderItem, condition: object): Promise<boolean> {
    const { documents, tableName } = this.props;
    try {
      await documents.send(new PutCommand({ TableName: tableName, Item: { ...itemKey.leader(), ...item }, ...condition }));
      return true;
    } catch (error) {
      // By name: the error may come from another copy of the SDK.
      if ((error as Error).name !== 'ConditionalCheckFailedException') throw error;
      // When a write's answer is lost, the SDK writes again, and is refused by its own first attempt.
      const now = await this.leader();
      return now?.leader === item.leader && now.revision === item.revision;
    }
  }

  private async items(keys: readonly Key[]): Promise<ReadonlyMap<string, Record<string, unknown>>> {
    const { documents, tableName, sleep } = this.props;
    const found = new Map<string, Record<string, unknown>>();
    let left: readonly Record<string, unknown>[] = keys.map((key) => ({ ...key }));
    for (let attempt = 1; left.length > 0; attempt++) {
      const { Responses = {}, UnprocessedKeys = {} } = await documents.send(new BatchGetCommand({
        RequestItems: { [tableName]: { Keys: [...left], ConsistentRead: true } },
      }));
      for (const item of Responses[tableName] ?? []) found.set(nameOf(item as unknown as Key), item);
      left = UnprocessedKeys[tableName]?.Keys ?? [];
      if (left.length > 0 && attempt === BATCH_ATTEMPTS) throw new Error(`${left.length} item(s) of table '${tableName}' could not be read in ${attempt} attempts`);
      if (left.length > 0) await sleep(FIRST_WAIT_MS * 2 ** (attempt - 1));
    }
    return found;
  }
}

function nameOf({ id, entry }: Key): string {
  return `${id}/${entry}`;
}

function leaderOf(found: ReadonlyMap<string, Record<string, unknown>>): LeaderItem | undefined {
  return found.get(nameOf(itemKey.leader())) as LeaderItem | undefined;
}

function retiredOf(groups: readonly string[], found: ReadonlyMap<string, ControlItem>): ReadonlySet<string> {
  return new Set(groups.filter((group) => found.get(nameOf(itemKey.control(group)))?.retired === true));
}
