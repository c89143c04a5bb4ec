import { type AttributeValue, DescribeTableCommand, type DynamoDBClient, QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { TypedItem } from './plain-json';
import { ROW } from '../../src/transactional-outbox/contract';

export interface Page {
  readonly items: readonly TypedItem[];
  /** Key of the last item; undefined when it is the table's last page. */
  readonly next: TypedItem | undefined;
}

/** The page behind an item, or the first one. */
export type ReadPage = (after: TypedItem | undefined) => Promise<Page>;

type Key = Record<string, AttributeValue>;

/** An aggregate's rows in their order, from a sort key on. Consistent: what was committed before is there. */
export function aggregatePages(client: DynamoDBClient, tableName: string, aggregate: string, since?: string): ReadPage {
  return async (after) => {
    const { Items = [], LastEvaluatedKey } = await client.send(new QueryCommand({
      TableName: tableName,
      KeyConditionExpression: since === undefined ? '#pk = :pk' : '#pk = :pk AND #sk >= :since',
      ExpressionAttributeNames: { '#pk': ROW.PARTITION_KEY, ...(since !== undefined && { '#sk': ROW.SORT_KEY }) },
      ExpressionAttributeValues: { ':pk': { S: aggregate }, ...(since !== undefined && { ':since': { S: since } }) },
      ConsistentRead: true,
      ...(after && { ExclusiveStartKey: after as Key }),
    }));
    return { items: Items as TypedItem[], next: LastEvaluatedKey as TypedItem | undefined };
  };
}

/**
 * A whole table, partition by partition and each in its order. Choosing is left to the reader, because a filter costs as much as what it
 * leaves out, and a text comparison would miss times that are written another way.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Scan.html
 */
export function tablePages(client: DynamoDBClient, tableName: string): ReadPage {
  return async (after) => {
    const { Items = [], LastEvaluatedKey } = await client.send(new ScanCommand({
      TableName: tableName,
      ...(after && { ExclusiveStartKey: after as Key }),
    }));
    return { items: Items as TypedItem[], next: LastEvaluatedKey as TypedItem | undefined };
  };
}

/** Names of the key's attributes, in an order that does not change. */
export async function keyNames(client: DynamoDBClient, tableName: string): Promise<string[]> {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: tableName }));
  return (Table?.KeySchema ?? []).flatMap(({ AttributeName }) => AttributeName ?? []).sort();
}
