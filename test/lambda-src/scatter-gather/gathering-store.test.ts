import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GatheringStore } from '../../../lambda-src/scatter-gather/gathering-store';
import type { Completion } from '../../../src/scatter-gather/contract';

const NOW = 1_800_000_000_500;
const RETENTION = 3600;
const EXPIRES_AT = 1_800_000_000 + RETENTION;
const asking: Completion = { kind: 'CONDITION', expression: '$count($replies[payload.rate < $request.limit]) > 0' };
const input = {
  correlationId: 'c-1', executionArn: 'arn', request: { limit: 4 }, candidates: [], startedAt: NOW, timeoutSeconds: 10, completion: asking, taskToken: 'token',
};
const answer = { responder: 'A', eventId: 'e-1', receivedAt: NOW, payload: '1' };

describe('a gathering in the table', () => {
  it('expires when the retention is over, with its request and its replies', async () => {
    const table = new FakeTable();
    const store = table.store();
    await store.open(input, ['A']);
    await store.keepAnswer('c-1', answer);
    await store.closeAtDeadline(input, ['A']);
    expect(table.commands.map(({ Item, ExpressionAttributeValues }) => Item?.expiresAt ?? ExpressionAttributeValues[':expiresAt'])).toEqual(Array(4).fill(EXPIRES_AT));
  });

  it('keeps the first request, for a repeated scatter step must not change what the condition asks about', async () => {
    const table = new FakeTable();
    await table.store().open(input, ['A']);
    expect(table.commands[0]).toMatchObject({ Item: { item: 'REQUEST', request: '{"limit":4}' }, ConditionExpression: 'attribute_not_exists(#key)' });
  });

  it('keeps no request that nothing asks about', async () => {
    const table = new FakeTable();
    await table.store().open({ ...input, completion: { kind: 'CONDITION', expression: '$requested' } }, ['A']);
    await table.store().open({ ...input, completion: { kind: 'ALL' } }, ['A']);
    expect(table.commands.filter(({ Item }) => Item)).toEqual([]);
  });

  it('is opened although its request is there already, and not when the table fails otherwise', async () => {
    const refused = Object.assign(new Error('refused'), { name: 'ConditionalCheckFailedException' });
    expect(await new FakeTable([refused]).store().open(input, ['A'])).toMatchObject({ status: 'OPEN' });
    await expect(new FakeTable([new Error('no table')]).store().open(input, ['A'])).rejects.toThrow('no table');
  });

  it('is taken over by a retry of its own execution only', async () => {
    const table = new FakeTable();
    await table.store().open({ ...input, completion: { kind: 'ALL' } }, ['A']);
    expect(table.commands[0]).toMatchObject({
      ConditionExpression: 'attribute_not_exists(#correlationId) OR (#status = :open AND #executionArn = :executionArn)',
      ExpressionAttributeValues: { ':executionArn': 'arn', ':taskToken': 'token' },
    });
  });

  it('is closed at its deadline also when nobody has opened it, so that a scatter step on its way finds it closed', async () => {
    const table = new FakeTable();
    await table.store().closeAtDeadline(input, ['A']);
    expect(table.commands[0]).toMatchObject({
      ConditionExpression: 'attribute_not_exists(#correlationId) OR (#status = :open AND #executionArn = :executionArn)',
      ExpressionAttributeValues: { ':status': 'CLOSED', ':closedBy': 'DEADLINE', ':executionArn': 'arn' },
    });
  });

  it('is closed by a collector only as that collector has seen it', async () => {
    const table = new FakeTable();
    const gathering = await table.store().find('c-1') ?? await table.store().record('c-1', []);
    await table.store().closeAt({ ...gathering, revision: 3 });
    expect(table.commands.at(-1)).toMatchObject({
      ConditionExpression: '#status = :open AND #revision = :revision', ExpressionAttributeValues: { ':revision': 3, ':open': 'OPEN' },
    });
  });

  it('takes a reply in only while it is open', async () => {
    const table = new FakeTable();
    await table.store().record('c-1', [answer, { ...answer, responder: 'B', payload: undefined, error: 'No' }]);
    expect(table.commands[0]).toMatchObject({
      ConditionExpression: '#status = :open', ExpressionAttributeValues: { ':replied': new Set(['A']), ':failed': new Set(['B']), ':revision': 1 },
    });
  });

  it('is read whole, however many pages it has, and consistently', async () => {
    const pages = ['A', 'B', 'C'].map((responder, index) => ({ Items: [{ item: `REPLY#${responder}`, responder }], LastEvaluatedKey: index < 2 ? { page: index } : undefined }));
    const table = new FakeTable(pages);
    const { answers } = await table.store().findWithAnswers('c-1');
    expect(answers.map(({ responder }) => responder)).toEqual(['A', 'B', 'C']);
    expect(table.commands.map(({ ExclusiveStartKey, ConsistentRead }) => [ExclusiveStartKey, ConsistentRead]))
      .toEqual([[undefined, true], [{ page: 0 }, true], [{ page: 1 }, true]]);
  });

  it('says so when it expired while somebody changed it', async () => {
    const refused = Object.assign(new Error('refused'), { name: 'ConditionalCheckFailedException' });
    await expect(new FakeTable([refused, {}]).store().record('c-1', [answer])).rejects.toThrow("the gathering of correlation id 'c-1' has expired");
  });
});

/** Answers what is listed for each call in turn, then an open gathering. */
class FakeTable {
  readonly commands: Record<string, any>[] = [];

  constructor(private readonly answers: (Error | Record<string, unknown>)[] = []) {}

  store(): GatheringStore {
    return new GatheringStore(this as unknown as DynamoDBDocumentClient, 'table', RETENTION, () => NOW);
  }

  async send({ input: command }: { input: Record<string, unknown> }) {
    this.commands.push(command);
    const next = this.answers.shift() ?? { Attributes: { correlationId: 'c-1', status: 'OPEN', executionArn: 'arn', expected: ['A'] } };
    if (Object.prototype.toString.call(next) === '[object Error]') throw next;
    return next as Record<string, unknown>;
  }
}
