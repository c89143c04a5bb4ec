import { awsError, FakeClient, leaderItem, NOON, TABLE } from './fakes';
import { Registry } from '../../../lambda-src/work-stealing-pool/registry';

const pauses: number[] = [];
const registry = (client: FakeClient) => new Registry({ documents: client.as(), tableName: TABLE, sleep: async (ms) => void pauses.push(ms) });
const key = (id: string, entry: string) => ({ id, entry });
const worker = (entry: string, more: object = {}) =>
  ({ ...key('group#Gpu', entry), worker: entry, fence: 1, until: NOON, accepting: true, capacity: 4, running: 1, idle: false, dry: {}, expiresAt: 9, ...more });
beforeEach(() => pauses.splice(0));

describe('what the table answers in part', () => {
  const partly = (answers: number) => new FakeClient(({ RequestItems: { [TABLE]: { Keys, ConsistentRead } } }, call) => ({
    Responses: { [TABLE]: call > answers ? [] : [{ ...Keys[0], retired: true }] },
    UnprocessedKeys: Keys.length > 1 || call > answers ? { [TABLE]: { Keys: call > answers ? Keys : Keys.slice(1), ConsistentRead } } : {},
  }));

  it('is asked for until it is whole', async () => {
    const client = partly(9);
    expect([...await registry(client).retired(['A', 'B', 'C'])]).toEqual(['A', 'B', 'C']);
    expect(client.inputs.map(({ RequestItems }) => RequestItems[TABLE].Keys.length)).toEqual([3, 2, 1]);
    expect(pauses).toEqual([50, 100]);
  });

  it('is not believed for ever to become so', async () => {
    await expect(registry(partly(1)).retired(['A', 'B'])).rejects.toThrow("1 item(s) of table 'pool' could not be read in 6 attempts");
  });
});

describe('an operator', () => {
  it('retires a group by exactly true', async () => {
    const items = [true, 'true', false, undefined].map((retired, index) => ({ ...key(`control#${index}`, 'control'), retired }));
    const { retired, leader } = await registry(new FakeClient(() => ({ Responses: { [TABLE]: items } }))).leaderAndRetired(['0', '1', '2', '3', '4']);
    expect([...retired]).toEqual(['0']);
    expect(leader).toBeUndefined();
  });
});

describe('the workers of a group', () => {
  it('are read to the last page', async () => {
    const client = new FakeClient((_, call) => (call === 1
      ? { Items: [worker('runner', { meanSeconds: 3 })], LastEvaluatedKey: key('group#Gpu', 'runner') }
      : { Items: [worker('worker#a', { dry: { Cpu: 5 }, idle: true, accepting: false })] }));
    expect(await registry(client).workers('Gpu')).toMatchObject([
      { isRunner: true, worker: 'runner', running: 1, accepting: true, meanSeconds: 3 },
      { isRunner: false, worker: 'worker#a', dry: { Cpu: 5 }, idle: true, accepting: false },
    ]);
    expect(client.inputs.map(({ ExclusiveStartKey }) => ExclusiveStartKey)).toEqual([undefined, key('group#Gpu', 'runner')]);
    expect(client.inputs[0]).toMatchObject({ ExpressionAttributeValues: { ':group': 'group#Gpu' } });
  });

  it('that somebody has written wrongly are none, or are taken by what is right', async () => {
    const items = [
      worker('worker#a', { until: 'tomorrow' }), worker('worker#b', { capacity: undefined }), worker('worker#c', { running: -1 }),
      worker('worker#d', { dry: null, meanSeconds: 'long', meanSquareSeconds: 0, idle: 'yes' }),
    ];
    const workers = await registry(new FakeClient(() => ({ Items: items }))).workers('Gpu');
    expect(workers).toMatchObject([{ worker: 'worker#d', idle: false }]);
    expect(workers[0]!.dry).toEqual({});
    expect(workers[0]).not.toHaveProperty('meanSeconds');
    expect(workers[0]).not.toHaveProperty('meanSquareSeconds');
  });

  it('are found awake by the runner item alone', async () => {
    const client = new FakeClient(() => ({ Responses: { [TABLE]: [worker('runner'), { ...key('leader', 'leader'), ...leaderItem() }] } }));
    const { leader, runners } = await registry(client).leaderAndRunners(['Gpu', 'Cpu']);
    expect([...runners]).toMatchObject([['Gpu', { isRunner: true, until: NOON }]]);
    expect(leader).toMatchObject(leaderItem());
    expect(client.inputs[0]!.RequestItems[TABLE]).toEqual({
      Keys: [key('leader', 'leader'), key('group#Gpu', 'runner'), key('group#Cpu', 'runner')], ConsistentRead: true,
    });
  });
});

describe('the lead', () => {
  const refused = (then: object | undefined) => new FakeClient((input) => ('Item' in input ? awsError('ConditionalCheckFailedException') : { Item: then }));

  it('is taken by the first, or after the one that was seen and nobody else', async () => {
    const client = new FakeClient();
    expect(await registry(client).succeed(undefined, leaderItem({ fence: 1 }))).toBe(true);
    expect(await registry(client).succeed(leaderItem({ fence: 3, revision: 7 }), leaderItem({ fence: 4, revision: 8 }))).toBe(true);
    expect(client.inputs).toMatchObject([
      { Item: { ...key('leader', 'leader'), fence: 1 }, ConditionExpression: 'attribute_not_exists(id)' },
      { Item: { fence: 4 }, ConditionExpression: 'fence = :fence AND revision = :revision', ExpressionAttributeValues: { ':fence': 3, ':revision': 7 } },
    ]);
  });

  it('is renewed by its owner only, and never backwards', async () => {
    const client = new FakeClient();
    await registry(client).renew(leaderItem({ fence: 3, revision: 8 }));
    expect(client.inputs).toMatchObject([
      { ConditionExpression: 'fence = :fence AND revision <= :revision', ExpressionAttributeValues: { ':fence': 3, ':revision': 8 } },
    ]);
  });

  it('is lost when another one has it', async () => {
    for (const other of [undefined, leaderItem({ fence: 4, leader: 'other' }), leaderItem({ revision: 9 }), leaderItem({ leader: 'other' })]) {
      expect(await registry(refused(other)).renew(leaderItem())).toBe(false);
    }
  });

  it("is not lost by an answer that was: what refuses the second try is the first one's item", async () => {
    expect(await registry(refused(leaderItem())).succeed(undefined, leaderItem())).toBe(true);
  });

  it('is not known when the write fails', async () => {
    await expect(registry(new FakeClient(() => awsError('ThrottlingException'))).renew(leaderItem())).rejects.toMatchObject({ name: 'ThrottlingException' });
  });
});
