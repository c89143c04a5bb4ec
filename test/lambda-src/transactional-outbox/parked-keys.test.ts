import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { awsError, NOON, PARKED_AT } from './fakes';
import { ParkedKeys } from '../../../lambda-src/transactional-outbox/parked-keys';

const REFUSED = awsError('ConditionalCheckFailedException');
const ITEM = { Item: { aggregate: 'Order#1', since: '07', eventId: 'e7', waiting: 2, parkedAt: PARKED_AT } };
const refusal = { aggregate: 'Order#1', since: '07', eventId: 'e7', reason: 'MalformedDetail' };

describe('an event', () => {
  it('goes while its aggregate is not parked, which is read consistently', async () => {
    const table = new FakeTable([{}]);
    expect(await table.keys().mustWait('Order#1', '08')).toBe(false);
    expect(table.commands).toEqual([{ TableName: 'parked', Key: { aggregate: 'Order#1' }, ConsistentRead: true }]);
  });

  it('waits behind a parked one, and is counted', async () => {
    const table = new FakeTable([ITEM, {}]);
    expect(await table.keys().mustWait('Order#1', '08')).toBe(true);
    expect(table.commands[1]).toMatchObject({ Key: { aggregate: 'Order#1' }, UpdateExpression: 'ADD #waiting :one', ConditionExpression: '#since <= :sortKey' });
  });

  it('becomes the first that waits when it sorts before all that do', async () => {
    const table = new FakeTable([ITEM, {}]);
    expect(await table.keys().mustWait('Order#1', '06')).toBe(true);
    expect(table.commands[1]).toMatchObject({
      UpdateExpression: 'SET #since = :sortKey ADD #waiting :one', ConditionExpression: '#since > :sortKey', ExpressionAttributeValues: { ':sortKey': '06', ':one': 1 },
    });
  });

  it('looks again when another one has become the first meanwhile', async () => {
    const table = new FakeTable([ITEM, REFUSED, { Item: { ...ITEM.Item, since: '05' } }, {}]);
    expect(await table.keys().mustWait('Order#1', '06')).toBe(true);
    expect(table.commands[3]).toMatchObject({ UpdateExpression: 'ADD #waiting :one' });
    expect(await new FakeTable([ITEM, REFUSED, {}]).keys().mustWait('Order#1', '06')).toBe(false);
  });

  it('goes when the aggregate was opened before it was counted', async () => {
    expect(await new FakeTable([ITEM, REFUSED, {}]).keys().mustWait('Order#1', '08')).toBe(false);
  });

  it('becomes the first that waits when the aggregate was opened, and parked by a later one, before it was counted', async () => {
    const table = new FakeTable([ITEM, REFUSED, { Item: { ...ITEM.Item, since: '09' } }, {}]);
    expect(await table.keys().mustWait('Order#1', '08')).toBe(true);
    expect(table.commands[3]).toMatchObject({ UpdateExpression: 'SET #since = :sortKey ADD #waiting :one', ExpressionAttributeValues: { ':sortKey': '08' } });
  });

  it('does neither when the table fails', async () => {
    await expect(new FakeTable([awsError('ThrottlingException')]).keys().mustWait('Order#1', '08')).rejects.toThrow();
    await expect(new FakeTable([ITEM, awsError('ThrottlingException')]).keys().mustWait('Order#1', '08')).rejects.toThrow();
  });
});

describe('an aggregate', () => {
  it('is parked with what an operator wants to know, and once', async () => {
    const table = new FakeTable([{}]);
    await table.keys().park(refusal);
    expect(table.commands[0]).toMatchObject({
      Item: { aggregate: 'Order#1', since: '07', eventId: 'e7', reason: 'MalformedDetail', parkedAt: new Date(NOON).toISOString(), waiting: 0 },
      ConditionExpression: 'attribute_not_exists(#key) OR (#since = :since AND #eventId = :eventId AND #waiting = :none)',
      ExpressionAttributeValues: { ':since': '07', ':eventId': 'e7', ':none': 0 },
    });
  });

  it('that another event parked meanwhile is not parked anew, for the first that waits would be forgotten', async () => {
    await expect(new FakeTable([REFUSED]).keys().park(refusal)).rejects.toThrow("aggregate 'Order#1' was parked by another event meanwhile");
  });

  it('is opened only while as many wait as were seen, and while it was not parked anew', async () => {
    const table = new FakeTable([{}, REFUSED]);
    const seen = { waiting: 2, parkedAt: PARKED_AT };
    expect(await table.keys().open('Order#1', seen)).toBe(true);
    expect(await table.keys().open('Order#1', seen)).toBe(false);
    expect(table.commands[0]).toMatchObject({
      Key: { aggregate: 'Order#1' },
      ConditionExpression: 'attribute_not_exists(#key) OR (#parkedAt = :parkedAt AND #waiting = :waiting)',
      ExpressionAttributeValues: { ':parkedAt': PARKED_AT, ':waiting': 2 },
    });
  });

  it('is found with its place', async () => {
    expect(await new FakeTable([ITEM]).keys().find('Order#1')).toEqual({ since: '07', waiting: 2, parkedAt: PARKED_AT });
    expect(await new FakeTable([{}]).keys().find('Order#1')).toBeUndefined();
  });
});

class FakeTable {
  readonly commands: Record<string, any>[] = [];

  constructor(private readonly answers: (Error | Record<string, unknown>)[]) {}

  keys(): ParkedKeys {
    return new ParkedKeys(this as unknown as DynamoDBDocumentClient, 'parked', () => NOON);
  }

  async send({ input }: { input: Record<string, any> }) {
    this.commands.push(input);
    const answer = this.answers.shift()!;
    if (answer instanceof Error) throw answer;
    return answer;
  }
}
