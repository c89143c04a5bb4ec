import { Duration, Stack } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { booksTable, CHANGE_TYPES, DESTINATIONS, MINUTE, row, rowsOf, SENDING, sendingByRelay, Shop } from './scene';
import { type FaultPlan, NO_FAULTS } from '../../simulator/src';
import { OutboxSource, PayloadFormat, PoisonPolicy, type TransactionalOutboxProps } from '../../src';
import type { DestinationKind } from '../../src/transactional-outbox/contract';
import { itemsOf, messagesOf, Outage, removeAction } from '../simulate';

const LARGE = JSON.stringify('x'.repeat(300_000));
const START = '2026-01-01T00:00:00Z';

/** What services ask of a customer's key, and the simulator does not, because it has no ciphertext: role, actions. */
const USED_BY_AWS: readonly (readonly [RegExp, readonly string[]])[] = [
  // https://docs.aws.amazon.com/kms/latest/developerguide/services-dynamodb.html (authorizing use: whoever uses a table needs all of them)
  [/^Outbox\/(RelayRole|Replay\/ReplayRole)$/, ['kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo']],
  // https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html (an execution's role needs both)
  [/^Outbox\/(Replay|Watch)\/StateMachine\/Role$/, ['kms:Decrypt', 'kms:GenerateDataKey']],
];

type Variant = (stack: Stack) => Partial<TransactionalOutboxProps>;

const VARIANTS: readonly (readonly [string, Variant])[] = [
  ['text', () => ({})],
  ['JSON', () => ({ payloadFormat: PayloadFormat.JSON })],
  ['parking', () => ({ onPoison: PoisonPolicy.PARK_KEY })],
  ['a customer\'s key', (stack) => ({ encryptionKey: new Key(stack, 'Key') })],
  ['parking and a customer\'s key', (stack) => ({ onPoison: PoisonPolicy.PARK_KEY, encryptionKey: new Key(stack, 'Key') })],
];

describe.each(VARIANTS)('every permission of an outbox of rows (%s)', (_, variant) => {
  it.each(DESTINATIONS)('is used for %s, and none is missing', async (destination) => {
    const { shop, giveUp } = shopping(destination, variant);
    await shop.commit(...rowsOf('a', 3), row('large', 1, { payload: LARGE }));
    await shop.rest();
    await giveUp(() => shop.commit(row('late', 1)));
    if (shop.outputs.Parked) {
      await parkAndUnpark(shop);
      await parkByReplay(shop);
    }
    expect((await shop.replay({ from: START })).status).toBe('SUCCEEDED');
    expect((await shop.replay({ aggregate: 'Order#a' })).status).toBe('SUCCEEDED');
    await shop.rest();
    expect(shop.report.denials).toEqual([]);
    expect(unusedOf(shop, 'Outbox/')).toEqual([]);
  });
});

describe.each([
  ['', () => ({})], [' with keys of a customer', (stack: Stack) => ({ tableKey: new Key(stack, 'TableKey'), encryptionKey: new Key(stack, 'Key') })],
] as const)('every permission of an outbox of changes%s', (_, keysOf) => {
  it.each(DESTINATIONS)('is used for %s, and none is missing', async (destination) => {
    const { shop, giveUp } = shopping(destination, (stack) => {
      const { tableKey, encryptionKey }: { tableKey?: Key; encryptionKey?: Key } = keysOf(stack);
      return { source: OutboxSource.changes(booksTable(stack, tableKey), { ...CHANGE_TYPES, snapshot: 'BookSnapshot' }), encryptionKey };
    });
    const put = (isbn: string, text: string) => shop.table('PutItem', { Item: { isbn: { S: isbn }, edition: { N: '1' }, text: { S: text } } });
    await put('978-1', 'small');
    await put('978-2', LARGE);
    await shop.rest();
    await giveUp(() => put('978-3', 'late'));
    expect((await shop.replay({})).status).toBe('SUCCEEDED');
    await shop.rest();
    expect(shop.report.denials).toEqual([]);
    expect(unusedOf(shop, 'Outbox/')).toEqual([]);
  });
});

it('an inbox grants what its claims need, and what Powertools\' idempotency needs on the same table', async () => {
  const { shop } = shopping('EVENT_BUS', () => ({}));
  await shop.commit(row('a', 1), row('large', 1, { payload: LARGE }));
  await shop.rest();
  const inbox = shop.simulation.find('Inbox/Table', ['AWS::DynamoDB::Table']).provisioned.attributes!.Arn;
  const unused = shop.report.unusedGrants.filter(({ resource }) => resource === inbox).map(({ name, action }) => `${name} ${action}`);
  // https://docs.aws.amazon.com/powertools/typescript/latest/features/idempotency/#required-resources
  expect(unused.sort()).toEqual(['DeleteItem', 'GetItem', 'UpdateItem'].map((action) => `Consumer/ServiceRole dynamodb:${action}`));
});

describe('without its grant', () => {
  it('a pipe that may not put events says so, gives the events up, and a replay cannot either', async () => {
    const shop = new Shop({ props: { retryAttempts: 2 }, edit: (assembly) => removeAction(assembly, 'Outbox', 'events:PutEvents') });
    await shop.commit(row('a', 1));
    await shop.rest();
    expect(shop.report.denials[0]).toMatchObject({ name: 'Outbox/PipeRole', action: 'events:PutEvents', resource: expect.stringContaining('event-bus/') });
    expect(shop.logLines().filter((line) => line.includes('AccessDenied')).length).toBeGreaterThan(0);
    expect([shop.ids, shop.deadLetters()]).toEqual([[], 1]);
    expect(await shop.replay({ from: START })).toMatchObject({ status: 'FAILED', cause: expect.stringContaining('not authorized to perform: events:PutEvents') });
  });

  it('a relay that may not put events parks nothing: the event is not to blame', async () => {
    const shop = new Shop({
      props: { onPoison: PoisonPolicy.PARK_KEY, maximumAge: Duration.minutes(5) }, edit: (assembly) => removeAction(assembly, 'OutboxRelay', 'events:PutEvents'),
    });
    await shop.commit(row('a', 1));
    await shop.rest();
    expect(shop.report.denials[0]).toMatchObject({ name: expect.stringMatching(/^Outbox\/Relay/), action: 'events:PutEvents' });
    expect([parkedIn(shop), shop.deadLetters()]).toEqual([[], 1]);
    expect((await shop.replay({ from: START })).output).toMatchObject({ published: 1 });
  });

  it('a pipe that may not send dead letters loses them, which is in the trace', async () => {
    const shop = new Shop({ props: { retryAttempts: 1 }, edit: (assembly) => removeAction(assembly, 'OutboxPipeRole', 'sqs:SendMessage') });
    await shop.commit(row('a', 1, { type: null }), row('a', 2));
    await shop.rest();
    expect(shop.report.denials).toEqual([expect.objectContaining({ name: 'Outbox/PipeRole', action: 'sqs:SendMessage', resource: expect.stringContaining('DeadLetters') })]);
    expect(shop.report.lost).toEqual([expect.objectContaining({ event: 'pipes.lost', detail: expect.objectContaining({ because: expect.stringContaining('AccessDenied') }) })]);
    expect(await messagesOf(shop.simulation, 'Outbox/DeadLetters')).toEqual([]);
    expect(shop.ids).toEqual(['a-2']);
  });

  it.each(['dynamodb:DescribeStream', 'dynamodb:GetShardIterator', 'dynamodb:GetRecords'])('a pipe that may not call %s reads nothing; a replay still works', async (action) => {
    const shop = new Shop({ edit: (assembly) => removeAction(assembly, 'OutboxPipeRole', action) });
    await shop.commit(row('a', 1));
    await shop.pass(10 * MINUTE);
    expect(shop.ids).toEqual([]);
    expect(shop.report.denials[0]).toMatchObject({ name: 'Outbox/PipeRole', action, resource: expect.stringContaining('/stream/') });
    expect((await shop.replay({ from: START })).output).toMatchObject({ published: 1 });
    await shop.pass(MINUTE);
    expect(shop.ids).toEqual(['a-1']);
  });

  it('a writer fails, and neither the order nor the event is there', async () => {
    const shop = new Shop({ edit: (assembly) => removeAction(assembly, 'Writer', 'dynamodb:PutItem') });
    expect(await shop.commit(row('a', 1))).toMatchObject({ status: 'FAILED', error: 'AccessDeniedException', cause: expect.stringContaining('dynamodb:PutItem') });
    await shop.rest();
    expect([shop.rows(), shop.ids]).toEqual([[], []]);
  });
});

/** An outbox that gives events up after ten minutes, used by the runtime library. */
function shopping(destination: DestinationKind, variant: Variant) {
  const outages = [SENDING[destination], sendingByRelay(destination)].map((sending) => new Outage(sending));
  const faults: FaultPlan = { ...NO_FAULTS, onCall: (call) => outages.map((outage) => outage.onCall(call)).find((fault) => fault !== undefined) };
  const shop = new Shop({
    destination, library: true, simulation: { faults }, props: (stack) => ({ maximumAge: Duration.minutes(10), ...variant(stack) }),
  });
  const giveUp = async (write: () => Promise<unknown>) => {
    for (const outage of outages) outage.down = true;
    await write();
    await shop.pass(15 * MINUTE);
    for (const outage of outages) outage.down = false;
    await shop.rest();
    expect(shop.deadLetters()).toBe(1);
  };
  return { shop, giveUp };
}

async function parkAndUnpark(shop: Shop) {
  const key = await putPoison(shop, '0');
  await shop.rest();
  await shop.commit(row('p', 1));
  await shop.rest();
  expect(parkedIn(shop)).toEqual([expect.objectContaining({ waiting: '1' })]);
  await shop.table('DeleteItem', { Key: key });
  expect((await shop.replay({ aggregate: 'Order#p', unpark: true })).output).toMatchObject({ published: 1, refused: 0 });
  expect(parkedIn(shop)).toEqual([]);
}

/** Of two poison events, the later one first. */
async function parkByReplay(shop: Shop) {
  await shop.stopPipe();
  for (const since of ['1', '0']) {
    await putPoison(shop, since);
    await shop.replay({ aggregate: 'Order#p' });
    expect(parkedIn(shop)).toEqual([expect.objectContaining({ since })]);
  }
  await shop.startPipe();
}

/** A row without a type is refused on any way but a pipe's own. */
async function putPoison(shop: Shop, sk: string) {
  const key = { pk: { S: 'Order#p' }, sk: { S: sk } };
  await shop.table('PutItem', { Item: { ...key, eventId: { S: `poison-${sk}` }, payload: { S: '1' } } });
  return key;
}

function parkedIn(shop: Shop): object[] {
  return itemsOf(shop.simulation, shop.outputs.Parked);
}

function unusedOf(shop: Shop, construct: string): string[] {
  return shop.report.unusedGrants
    .filter(({ name, action }) => name.startsWith(construct) && !USED_BY_AWS.some(([roles, actions]) => roles.test(name) && actions.includes(action)))
    .map(({ name, action, resource }) => `${name} ${action} ${resource}`);
}
