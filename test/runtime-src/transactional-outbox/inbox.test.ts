import { applyOnce, inboxClaim } from 'cdk-integration-patterns/runtime/transactional-outbox';

const EVENT = { source: 'orders', id: 'e-1' };
const NOW = new Date('2026-05-06T07:08:09.900Z');
const OPTIONS = { tableName: 'inbox', retentionSeconds: 60, now: NOW };
const WRITE = { Put: { TableName: 'shipments', Item: { order: '17' } } };

afterEach(() => {
  delete process.env.INBOX_TABLE_NAME;
  delete process.env.INBOX_RETENTION_SECONDS;
});

/** A client whose transactions are cancelled for these reasons. */
function client(...reasons: string[]) {
  const sent: any[] = [];
  return {
    sent,
    send: async ({ input }: { input: any }) => {
      sent.push(input);
      if (reasons.length > 0) throw Object.assign(new Error('cancelled'), { name: 'TransactionCanceledException', CancellationReasons: reasons.map((Code) => ({ Code })) });
    },
  };
}

it('claims an event by source and id, until its retention has passed', () => {
  expect(inboxClaim(EVENT, OPTIONS)).toEqual({
    Put: { TableName: 'inbox', Item: { id: 'orders#e-1', expiration: Date.UTC(2026, 4, 6, 7, 8, 9) / 1000 + 60 }, ConditionExpression: 'attribute_not_exists(id)' },
  });
});

it('takes table and retention from the environment that addConsumer sets; claims stay for 14 days otherwise', () => {
  expect(() => inboxClaim(EVENT)).toThrow('environment variable INBOX_TABLE_NAME must be set, received undefined; Inbox.addConsumer sets it');
  process.env.INBOX_TABLE_NAME = 'from-environment';
  const expiresAfter = () => inboxClaim(EVENT, { now: NOW }).Put.Item.expiration - Math.floor(NOW.getTime() / 1000);
  expect(inboxClaim(EVENT).Put.TableName).toBe('from-environment');
  expect(expiresAfter()).toBe(14 * 86_400);
  process.env.INBOX_RETENTION_SECONDS = '3600';
  expect(expiresAfter()).toBe(3_600);
});

describe('applying an event once', () => {
  it('writes the claim and what the event asks for in one transaction', async () => {
    const documentClient = client();
    expect(await applyOnce(documentClient, EVENT, [WRITE], OPTIONS)).toBe('APPLIED');
    expect(documentClient.sent).toEqual([{ TransactItems: [inboxClaim(EVENT, OPTIONS), WRITE] }]);
  });

  it('says that an event is a duplicate when its claim is there, whatever else failed', async () => {
    expect(await applyOnce(client('ConditionalCheckFailed', 'None'), EVENT, [WRITE], OPTIONS)).toBe('DUPLICATE');
    expect(await applyOnce(client('ConditionalCheckFailed', 'ConditionalCheckFailed'), EVENT, [WRITE], OPTIONS)).toBe('DUPLICATE');
  });

  it.each(['ConditionalCheckFailed', 'TransactionConflict', 'ThrottlingError'])('throws when only a write failed: %s', async (reason) => {
    await expect(applyOnce(client('None', reason), EVENT, [WRITE], OPTIONS)).rejects.toThrow('cancelled');
  });

  it('throws when two deliveries claim at the same time: one of them must come again', async () => {
    await expect(applyOnce(client('TransactionConflict', 'None'), EVENT, [WRITE], OPTIONS)).rejects.toThrow('cancelled');
  });

  it('throws what is no cancellation', async () => {
    const down = { send: async () => { throw Object.assign(new Error('down'), { name: 'InternalServerError' }); } };
    await expect(applyOnce(down, EVENT, [], OPTIONS)).rejects.toThrow('down');
  });

  it('refuses more writes than a transaction holds beside the claim', async () => {
    await expect(applyOnce(client(), EVENT, Array(99).fill(WRITE), OPTIONS)).resolves.toBe('APPLIED');
    await expect(applyOnce(client(), EVENT, Array(100).fill(WRITE), OPTIONS)).rejects.toThrow('an event may ask for at most 99 writes beside its claim, received 100');
  });
});
