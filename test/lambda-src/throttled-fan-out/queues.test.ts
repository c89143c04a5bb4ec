import { awsError, FakeClient, NOON, QUEUE_URL, record, text } from './fakes';
import { QueueDeferral, secondsAway } from '../../../lambda-src/throttled-fan-out/deferral';
import { type GivenUp, QueueGiveUp } from '../../../lambda-src/throttled-fan-out/give-up';
import { Undelivered } from '../../../lambda-src/throttled-fan-out/undelivered';
import type { GivenUpReason } from '../../../src/throttled-fan-out/contract';

const warned: [string, Record<string, unknown>][] = [];
const warn = (...what: [string, Record<string, unknown>]) => void warned.push(what);
beforeEach(() => warned.splice(0));

const SETTINGS = { deadLetterQueueUrl: 'dead', expiredQueueUrl: 'expired' };
const taken = ({ Entries }: Record<string, any>) => ({ Successful: Entries.map(({ Id }: { Id: string }) => ({ Id })) });

function givenUp(id: string, reason: GivenUpReason = 'FAILED', options: Parameters<typeof record>[1] = {}): GivenUp {
  const of = record(id, options);
  return { record: of, attributes: of.messageAttributes, messageId: id, priority: 'normal', reason };
}

const ids = (of: Iterable<GivenUp>) => [...of].map(({ messageId }) => messageId);

describe('messages that come back', () => {
  const deferral = (client: FakeClient, age: number = 0) =>
    new QueueDeferral({ sqs: client.as(), queueUrl: QUEUE_URL, now: () => NOON + age, random: () => 0.5, warn });
  const comingBack = (count: number, inMs = 10_000) => Array.from({ length: count }, (_, index) => ({ record: record(`m-${index}`), inMs }));

  it('are changed in batches of ten', async () => {
    const client = new FakeClient();
    await deferral(client).comeBack(comingBack(25));
    expect(client.inputs.map(({ Entries }) => Entries.length)).toEqual([10, 10, 5]);
    expect(client.inputs[0]).toMatchObject({ QueueUrl: QUEUE_URL });
    expect(client.inputs[2]!.Entries[4]).toEqual({ Id: '4', ReceiptHandle: 'receipt-of-m-24', VisibilityTimeout: 11 });
  });

  it('come later when the change fails, as a whole or for one; that is said and no error', async () => {
    await deferral(new FakeClient(() => awsError('RequestThrottled'))).comeBack(comingBack(2));
    await deferral(new FakeClient(() => ({ Failed: [{ Id: '1', Code: 'ReceiptHandleIsInvalid' }] }))).comeBack(comingBack(2));
    expect(warned.map(([, details]) => details)).toEqual([{ count: 2, error: 'RequestThrottled' }, { count: 1, error: 'ReceiptHandleIsInvalid' }]);
  });

  it('are away for a second at least, and spread', () => {
    expect(secondsAway(0, 0, 0)).toBe(1);
    expect(secondsAway(100_000, 0, 0)).toBe(100);
    expect(secondsAway(100_000, 0, 1)).toBe(120);
    expect(secondsAway(5_000, Number.NaN, 0)).toBe(5);
    expect(secondsAway(5_000, -3_000, 0)).toBe(5);
  });

  it('are never away for longer than SQS allows', () => {
    expect(secondsAway(5_000, 400 * 86_400_000, 1)).toBeLessThanOrEqual(43_200 - 900);
  });

  it('are received less often in 13 days than SQS counts before it gives up, however often they are sent back', () => {
    let receives = 0;
    for (let age = 0; age < 13 * 86_400_000; age += secondsAway(0, age, 0) * 1000) receives++;
    expect(receives).toBeLessThan(1_000);
    expect(receives).toBeGreaterThan(500);
  });
});

describe('messages that are given up', () => {
  const giveUp = (client: FakeClient) => new QueueGiveUp({ sqs: client.as(), settings: SETTINGS, warn });

  it('are kept where they belong, with the reason, as they were published', async () => {
    const client = new FakeClient(taken);
    const failed = givenUp('a', 'FAILED', { body: 'hello', attributes: { channel: text('email') }, group: 'tenant-7' });
    const messages = [failed, givenUp('b', 'EXPIRED'), givenUp('c', 'INVALID')];
    expect(ids(await giveUp(client).keep(messages)).sort()).toEqual(['a', 'b', 'c']);
    expect(client.inputs.map(({ QueueUrl, Entries }) => [QueueUrl, Entries.length])).toEqual([['expired', 1], ['dead', 2]]);
    expect(client.inputs[1]!.Entries[0]).toEqual({
      Id: '0',
      MessageBody: 'hello',
      MessageGroupId: 'tenant-7',
      MessageAttributes: Object.fromEntries(Object.entries({ channel: 'email', reason: 'FAILED', priority: 'normal', messageId: 'a' })
        .map(([name, StringValue]) => [name, { DataType: 'String', StringValue }])),
    });
  });

  it('are sent in batches of ten, and of no more bytes than SQS takes', async () => {
    const client = new FakeClient(taken);
    const many = Array.from({ length: 23 }, (_, index) => givenUp(`m-${index}`));
    expect((await giveUp(client).keep(many)).size).toBe(23);
    expect(client.inputs.map(({ Entries }) => Entries.length)).toEqual([10, 10, 3]);
    client.inputs.splice(0);
    const large = Array.from({ length: 5 }, (_, index) => givenUp(`m-${index}`, 'FAILED', { body: 'é'.repeat(200_000) }));
    await giveUp(client).keep(large);
    expect(client.inputs.map(({ Entries }) => Entries.length)).toEqual([2, 2, 1]);
  });

  it('are kept without the reason when there is no room for it', async () => {
    const client = new FakeClient(taken);
    const attributes = { channel: text('email') };
    const body = 'x'.repeat(1_048_576 - 'channelStringemail'.length);
    await giveUp(client).keep([givenUp('a', 'FAILED', { body, attributes }), givenUp('b', 'FAILED', { body: body.slice(200), attributes })]);
    const sent = client.inputs.flatMap(({ Entries }) => Entries.map((entry: any) => Object.keys(entry.MessageAttributes)));
    expect(sent).toEqual([['channel'], ['channel', 'reason', 'priority', 'messageId']]);
  });

  it('are not kept when the call fails, or their entry does', async () => {
    expect((await giveUp(new FakeClient(() => awsError('AccessDenied'))).keep([givenUp('a')])).size).toBe(0);
    const half = new FakeClient(() => ({ Successful: [{ Id: '1' }], Failed: [{ Id: '0', Code: 'InternalError' }] }));
    expect(ids(await giveUp(half).keep([givenUp('a'), givenUp('b')]))).toEqual(['b']);
    expect(warned.map(([, details]) => details)).toEqual([{ count: 1, error: 'AccessDenied' }, { count: 1, error: 'InternalError' }]);
  });

  it('leave their queue only when they are kept', async () => {
    const half = new FakeClient(() => ({ Successful: [{ Id: '1' }], Failed: [{ Id: '0', Code: 'InternalError' }] }));
    const back: string[] = [];
    const undelivered = new Undelivered([givenUp('a'), givenUp('b')], () => 0);
    const settled = await undelivered.settle(giveUp(half), {
      comeBack: async (messages) => void back.push(...messages.map(({ record: { messageId } }) => messageId)),
    });
    expect(settled).toEqual({ comingBack: ['a'], expired: 0, deadLettered: 1 });
    expect(back).toEqual(['a']);
  });
});
