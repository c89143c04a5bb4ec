import { aggregate } from '../../../lambda-src/scatter-gather/aggregation';

const replies = [{ rate: 4.5 }, { rate: 3.2 }, { rate: 'none' }, null].map((payload, index) => ({
  responder: `R${index}`, receivedAt: '2026-01-01T00:00:00.000Z', latencyMs: index, payload,
}));
const gathered = { replies, failures: [], missing: ['Late'], request: { limit: 4 } };

describe('an aggregation', () => {
  it('collects payloads in the order of arrival', async () => {
    expect(await aggregate({ kind: 'COLLECT' }, gathered)).toEqual([{ rate: 4.5 }, { rate: 3.2 }, { rate: 'none' }, null]);
  });

  it('finds the smallest and the largest number, and passes over payloads without one', async () => {
    expect(await aggregate({ kind: 'MINIMUM_BY', path: 'rate' }, gathered)).toEqual({ rate: 3.2 });
    expect(await aggregate({ kind: 'MAXIMUM_BY', path: 'rate' }, gathered)).toEqual({ rate: 4.5 });
  });

  it('takes the first of equals', async () => {
    const equals = ['first', 'second'].map((name) => ({ ...replies[0], payload: { rate: 1, name } }));
    expect(await aggregate({ kind: 'MINIMUM_BY', path: 'rate' }, { ...gathered, replies: equals })).toEqual({ rate: 1, name: 'first' });
    expect(await aggregate({ kind: 'MAXIMUM_BY', path: 'rate' }, { ...gathered, replies: equals })).toEqual({ rate: 1, name: 'first' });
  });

  it('is null when there is nothing to choose from', async () => {
    expect(await aggregate({ kind: 'MINIMUM_BY', path: 'offer.rate' }, gathered)).toBeNull();
  });

  it('evaluates JSONata over replies, failures, missing and the request', async () => {
    const expression = '{"good": $count($replies[$type(payload.rate) = "number" and payload.rate < $request.limit]), "missing": $missing}';
    expect(await aggregate({ kind: 'JSONATA', expression }, gathered)).toEqual({ good: 1, missing: ['Late'] });
  });

  it('cannot be a function, which is no JSON', async () => {
    await expect(aggregate({ kind: 'JSONATA', expression: 'function($x) { $x }' }, gathered)).rejects.toMatchObject({ name: 'AggregationFailed' });
  });

  it('names the expression that fails', async () => {
    await expect(aggregate({ kind: 'JSONATA', expression: '$sum($replies.payload.rate)' }, gathered)).rejects.toMatchObject({
      name: 'AggregationFailed', message: expect.stringContaining("JSONata expression '$sum($replies.payload.rate)' failed"),
    });
  });
});
