import type { Answer, Gathering, GatheringStore } from '../../../lambda-src/scatter-gather/gathering-store';
import { gather } from '../../../lambda-src/scatter-gather/result';
import { type GatherInput, RESULT_LIMIT_BYTES } from '../../../src/scatter-gather/contract';

const STEP_FUNCTIONS_LIMIT_BYTES = 262_144;
const OPENED_AT = Date.parse('2026-01-01T00:00:00Z');

describe('a result', () => {
  it('has replies in the order of arrival, with the time from the opening to it', async () => {
    const { replies } = await resultOf([reply('A', 1, 700), reply('B', 2, 300), reply('C', 3, -5)]);
    expect(replies.map(({ responder, receivedAt, latencyMs }) => [responder, receivedAt, latencyMs])).toEqual([
      ['C', '2025-12-31T23:59:59.995Z', 0], ['B', '2026-01-01T00:00:00.300Z', 300], ['A', '2026-01-01T00:00:00.700Z', 700],
    ]);
  });

  it('counts nobody twice: who failed is not missing', async () => {
    const { replies, failures, missing } = await resultOf([reply('A', 1), failure('B', 'why')], ['A', 'B', 'C']);
    expect([replies.map(({ responder }) => responder), failures.map(({ responder }) => responder), missing]).toEqual([['A'], ['B'], ['C']]);
  });

  it('leaves out what was stored but not recorded before the close', async () => {
    const { replies, missing } = await resultOf([reply('A', 1), reply('B', 2)], ['A', 'B'], { replied: new Set(['A']) });
    expect([replies.map(({ responder }) => responder), missing]).toEqual([['A'], ['B']]);
  });

  it('is refused to an execution that did not open the gathering', async () => {
    await expect(resultOf([], ['A'], { executionArn: 'another' })).rejects.toMatchObject({
      name: 'DuplicateCorrelationId', message: expect.stringContaining("correlation id 'c-1' is taken by execution another"),
    });
  });

  it('is made of what is there after the close, with a reply that was recorded while it closed', async () => {
    const open: Gathering = {
      correlationId: 'c-1', status: 'OPEN', executionArn: 'arn', expected: ['A'], replied: new Set(), failed: new Set(), revision: 0, openedAt: OPENED_AT,
      completion: { kind: 'ALL' },
    };
    const closed: Gathering = { ...open, status: 'CLOSED', closedBy: 'DEADLINE', replied: new Set(['A']) };
    const reads = [{ gathering: open, answers: [], request: undefined }, { gathering: closed, answers: [reply('A', 1)], request: undefined }];
    const store = { findWithAnswers: async () => reads.shift(), closeAtDeadline: async () => closed };
    expect(await gather(input(['A']), store as unknown as GatheringStore, 'table')).toMatchObject({ status: 'COMPLETE', result: [1], missing: [] });
  });

  it('says that the gathering has expired when the table has forgotten it', async () => {
    const nothing = { gathering: undefined, answers: [], request: undefined };
    const store = { findWithAnswers: async () => nothing, closeAtDeadline: async () => undefined };
    await expect(gather(input(['A']), store as unknown as GatheringStore, 'table')).rejects.toMatchObject({
      name: 'InvalidRequest', message: "the gathering of correlation id 'c-1' has expired",
    });
  });
});

describe('a result always fits a workflow', () => {
  it('as it is, when it is small', async () => {
    expect(await resultOf([reply('A', 'x'.repeat(100_000))])).not.toHaveProperty('resultsRef');
  });

  it('without the payloads of replies, which stay in the table', async () => {
    const result = await resultOf([reply('A', 'x'.repeat(150_000))]);
    expect(result).toMatchObject({ replies: [{ responder: 'A' }], result: ['x'.repeat(150_000)], resultsRef: { tableName: 'table', correlationId: 'c-1' } });
    expect(result.replies[0]).not.toHaveProperty('payload');
  });

  it('without what the aggregation makes of them, when that is too large as well', async () => {
    expect(await resultOf([reply('A', 'x'.repeat(250_000))])).toMatchObject({ result: null, resultsRef: { tableName: 'table' } });
  });

  it('measured in bytes and not in characters', async () => {
    expect(await resultOf([reply('A', '😀'.repeat(50_000))])).toHaveProperty('resultsRef');
  });

  it('without causes, when hundreds failed with long ones', async () => {
    const many = Array.from({ length: 300 }, (_, index) => failure(`R${index}`, '長'.repeat(500)));
    const result = await resultOf(many);
    expect(result.failures).toHaveLength(300);
    expect(result.failures[0]).toEqual({ responder: 'R0', error: 'Error', cause: '' });
    expect(Buffer.byteLength(JSON.stringify(result))).toBeLessThan(STEP_FUNCTIONS_LIMIT_BYTES);
  });

  it('with a margin for what an aggregating function adds to it', () => {
    expect(RESULT_LIMIT_BYTES).toBeLessThan(STEP_FUNCTIONS_LIMIT_BYTES);
  });
});

async function resultOf(answers: readonly Answer[], expected = answers.map(({ responder }) => responder), more: Partial<Gathering> = {}) {
  const gathering: Gathering = {
    correlationId: 'c-1', status: 'CLOSED', executionArn: 'arn', expected, revision: 1, openedAt: OPENED_AT, completion: { kind: 'ALL' }, closedBy: 'COLLECTOR',
    replied: new Set(answers.filter(({ error }) => error === undefined).map(({ responder }) => responder)),
    failed: new Set(answers.filter(({ error }) => error !== undefined).map(({ responder }) => responder)),
    ...more,
  };
  const store = { findWithAnswers: async () => ({ gathering, answers, request: undefined }) };
  return gather(input(expected), store as unknown as GatheringStore, 'table');
}

function input(expected: readonly string[]): GatherInput {
  return {
    correlationId: 'c-1',
    executionArn: 'arn',
    request: {},
    candidates: expected.map((responder) => ({ responder, route: responder, selected: true })),
    startedAt: OPENED_AT,
    timeoutSeconds: 10,
    completion: { kind: 'ALL' },
    aggregation: { kind: 'COLLECT' },
  };
}

function reply(responder: string, payload: unknown, afterMs = 100): Answer {
  return { responder, eventId: responder, receivedAt: OPENED_AT + afterMs, payload: JSON.stringify(payload) };
}

function failure(responder: string, cause: string): Answer {
  return { responder, eventId: responder, receivedAt: OPENED_AT, error: 'Error', cause };
}
