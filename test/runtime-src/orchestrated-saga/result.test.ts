import { CLAIMS, doRequest, NOW, Tables, undoRequest } from './table';
import { resolveResult, sagaParticipant } from 'cdk-integration-patterns/runtime/orchestrated-saga';

const tables = new Tables();
const participant = sagaParticipant({ client: tables.client, tableName: CLAIMS, now: () => NOW });
let sagas = 0;

/** What a step answers that has this result, at first and again. */
async function answerTo(result: unknown): Promise<unknown> {
  const request = doRequest({ idempotencyKey: `s-${++sagas}#Charge#DO` });
  const answer = await participant.action(() => ({ writes: [], result }))(request);
  expect(await participant.action(() => { throw new Error('asked again'); })(request)).toEqual(answer);
  return answer;
}

/** A text that takes so many characters as JSON. */
const text = (characters: number) => 'x'.repeat(characters - 2);

it('a result of 5,000 characters is answered, a longer one stays with the participant and is referred to', async () => {
  expect(await answerTo(text(5_000))).toBe(text(5_000));
  const reference = await answerTo(text(5_001));
  expect(reference).toEqual({ ref: { tableName: CLAIMS, key: `s-${sagas}#Charge#DO` } });
  expect(await resolveResult(reference, tables.client)).toBe(text(5_001));
});

it('the compensation gets a result that stays', async () => {
  await answerTo(text(9_000));
  const received: unknown[] = [];
  await participant.compensation(({ result }) => {
    received.push(result);
    return { writes: [] };
  })(undoRequest({ idempotencyKey: `s-${sagas}#Charge#UNDO`, result: { ref: { tableName: CLAIMS, key: `s-${sagas}#Charge#DO` } } }));
  expect(received).toEqual([text(9_000)]);
});

it.each([null, 5, 'text', [], {}, { ref: 'A1' }, { ref: null }, { ref: { tableName: 'x' } }, { ref: { tableName: 'x', key: 'y' }, more: 1 }])(
  '%j is no reference, and is its own result', async (value) => {
    const client = { send: async () => { throw new Error('asked for nothing'); } };
    expect(await resolveResult(value, client)).toBe(value);
  },
);

it('says that a result is gone', async () => {
  await expect(resolveResult({ ref: { tableName: CLAIMS, key: 's-0#Charge#DO' } }, tables.client)).rejects.toThrow(
    "there is no result 's-0#Charge#DO' in table 'claims' (any more); its participant's retention may be too short",
  );
});

it('a result is what JSON can hold, up to the size that an item has room for', async () => {
  expect(await resolveResult(await answerTo('ä'.repeat(174_999)), tables.client)).toHaveLength(174_999);
  const claims = tables.items(CLAIMS).length;
  const refused = async (result: unknown) => participant.action(() => ({ writes: [], result }))(doRequest({ idempotencyKey: 'refused#Charge#DO' }));
  await expect(refused('ä'.repeat(175_000))).rejects.toThrow(
    "a step's result must have at most 350000 bytes as JSON, received 350002; keep it in S3 and return where it is",
  );
  await expect(refused(1n)).rejects.toThrow("a step's result must be a value that JSON can hold: Do not know how to serialize a BigInt");
  await expect(refused(() => 1)).rejects.toThrow("a step's result must be a value that JSON can hold, received function");
  expect(tables.items(CLAIMS)).toHaveLength(claims);
});
