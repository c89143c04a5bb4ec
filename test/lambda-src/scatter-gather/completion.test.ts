import { completedBy, isSatisfied } from '../../../lambda-src/scatter-gather/completion';
import type { Answer, Gathering } from '../../../lambda-src/scatter-gather/gathering-store';
import type { Completion } from '../../../src/scatter-gather/contract';

const neverLoaded = () => Promise.reject(new Error('only conditions look at the replies'));

describe('a gathering is complete', () => {
  it.each([
    ['all have replied', { kind: 'ALL' }, ['A', 'B', 'C'], [], 'ALL'],
    ['all have answered, some by failing', { kind: 'ALL' }, ['A', 'B'], ['C'], 'ALL'],
    ['one is missing', { kind: 'ALL' }, ['A', 'B'], [], undefined],
    ['enough have replied', { kind: 'COUNT', count: 2 }, ['A', 'B'], [], 'COUNT'],
    ['failures do not count', { kind: 'COUNT', count: 2 }, ['A'], ['B'], undefined],
    ['nobody is left to reach the count', { kind: 'COUNT', count: 2 }, ['A'], ['B', 'C'], 'ALL'],
  ] as [string, Completion, string[], string[], string | undefined][])('%s', async (_, completion, replied, failed, expected) => {
    expect(await completedBy(gathering(completion, replied, failed), neverLoaded)).toBe(expected);
  });

  it('when the condition holds over the recorded replies', async () => {
    const condition: Completion = { kind: 'CONDITION', expression: '$count($replies[payload.rate < $request.limit]) > 0' };
    const answers = [answer('A', { rate: 6 }), answer('B', { rate: 4 })];
    const load = async () => ({ answers, request: { limit: 5 } });
    expect(await completedBy(gathering(condition, ['A', 'B'], []), load)).toBe('CONDITION');
    expect(await completedBy(gathering(condition, ['A'], []), load)).toBeUndefined();
  });

  it('not when the condition fails over a payload that it does not understand', async () => {
    const condition: Completion = { kind: 'CONDITION', expression: '$sum($replies.payload.rate) > 3' };
    expect(await completedBy(gathering(condition, ['A'], []), async () => ({ answers: [answer('A', { rate: 'high' })], request: {} }))).toBeUndefined();
  });
});

describe('a result is COMPLETE', () => {
  it.each([
    ['when all replied', { kind: 'ALL' }, 'ALL', 3, true],
    ['not when one failed', { kind: 'ALL' }, 'ALL', 2, false],
    ['when the count was reached', { kind: 'COUNT', count: 2 }, 'COUNT', 2, true],
    ['not when all answered without reaching the count', { kind: 'COUNT', count: 2 }, 'ALL', 1, false],
    ['not when the deadline came first', { kind: 'CONDITION', expression: 'false' }, 'TIMEOUT', 2, false],
  ] as [string, Completion, 'ALL' | 'COUNT' | 'TIMEOUT', number, boolean][])('%s', (_, completion, by, replied, satisfied) => {
    expect(isSatisfied(completion, by, replied, 3)).toBe(satisfied);
  });
});

function gathering(completion: Completion, replied: string[], failed: string[]): Gathering {
  return {
    correlationId: 'c', status: 'OPEN', executionArn: 'e', expected: ['A', 'B', 'C'], revision: 1, openedAt: 0, completion,
    replied: new Set(replied), failed: new Set(failed),
  };
}

function answer(responder: string, payload: unknown): Answer {
  return { responder, eventId: 'e', receivedAt: 1, payload: JSON.stringify(payload) };
}
