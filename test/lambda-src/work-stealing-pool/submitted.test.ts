import { NOON, record } from './fakes';
import { affinityKey } from '../../../lambda-src/work-stealing-pool/affinity-key';
import { submitted } from '../../../lambda-src/work-stealing-pool/submitted';

const GROUPS = ['Gpu', 'Cpu'];
const taken = (body: unknown) => submitted([record('m', typeof body === 'string' ? body : JSON.stringify(body))], GROUPS);

describe('a submitted task', () => {
  it('has the time at which it was submitted, and all that it came with', () => {
    const task = { id: 't', payload: { frame: 1 }, estimatedSeconds: 3, groups: ['Cpu'], note: 'kept' };
    expect(taken(task)).toMatchObject({ refused: [], tasks: [{ record: { messageId: 'm' }, task: { ...task, submittedAt: new Date(NOON).toISOString() } }] });
  });

  it.each([
    { id: 'x'.repeat(128), payload: null }, { id: '✓', payload: 0, estimatedSeconds: 43_200 }, { id: 't', payload: '', estimatedSeconds: 0.001, groups: GROUPS },
  ])('may be anything that the contract allows: %j', (task) => {
    expect(taken(task)).toMatchObject({ refused: [], tasks: [{ task }] });
  });

  it.each([
    ['{"id":"t","payl', 'the body is no JSON object'],
    ['[]', 'the body is no JSON object'],
    ['null', 'the body is no JSON object'],
    [{ payload: 1 }, "'id' must be a text of 1 to 128 characters"],
    [{ id: 7, payload: 1 }, "'id' must be a text of 1 to 128 characters"],
    [{ id: '', payload: 1 }, "'id' must be a text of 1 to 128 characters"],
    [{ id: 'x'.repeat(129), payload: 1 }, "'id' must be a text of 1 to 128 characters"],
    [{ id: 't' }, "'payload' is missing; it may be null"],
    [{ id: 't', payload: 1, estimatedSeconds: 0 }, "'estimatedSeconds' must be a number above 0, at most 43200"],
    [{ id: 't', payload: 1, estimatedSeconds: 43_201 }, "'estimatedSeconds' must be a number above 0, at most 43200"],
    [{ id: 't', payload: 1, estimatedSeconds: null }, "'estimatedSeconds' must be a number above 0, at most 43200"],
    ['{"id":"t","payload":1,"estimatedSeconds":1e999}', "'estimatedSeconds' must be a number above 0, at most 43200"],
    [{ id: 't', payload: 1, groups: [] }, "'groups' must be a list of one or more of Gpu, Cpu"],
    [{ id: 't', payload: 1, groups: 'Gpu' }, "'groups' must be a list of one or more of Gpu, Cpu"],
    [{ id: 't', payload: 1, groups: ['Gpu', ''] }, "'groups' must be a list of one or more of Gpu, Cpu"],
    [{ id: 't', payload: 1, groups: ['Elsewhere'] }, "'groups' must be a list of one or more of Gpu, Cpu"],
  ])('is refused with the reason: %j', (body, reason) => {
    expect(taken(body)).toMatchObject({ tasks: [], refused: [{ record: { messageId: 'm' }, reason }] });
  });

  it('is refused when SQS would not take what the pool adds', () => {
    const large = (bytes: number) => taken({ id: 't', payload: 'x'.repeat(bytes) });
    expect(large(1_048_000).tasks).toHaveLength(1);
    expect(large(1_048_540)).toMatchObject({ tasks: [], refused: [{ reason: expect.stringMatching(/^with what the pool adds it has 1048\d{3} bytes; SQS takes 1048576/) }] });
  });
});

describe('the key of an affinity', () => {
  const key = (payload: unknown, member = 'tenant.id') => affinityKey(payload, { kind: 'AFFINITY', member });

  it('is the text of that member of the payload', () => {
    expect(key({ tenant: { id: 'a' } })).toBe('a');
    expect(key({ tenant: { id: 7 } })).toBe('7');
    expect(key({ tenantId: false }, 'tenantId')).toBe('false');
  });

  it.each([[undefined], [null], ['text'], [{}], [{ tenant: 'a' }], [{ tenant: { id: null } }], [{ tenant: { id: {} } }]])('is absent in %j', (payload) => {
    expect(key(payload)).toBeUndefined();
  });

  it('is no member that every object has, and none where the pool routes by load', () => {
    expect(key({}, 'constructor.name')).toBeUndefined();
    expect(affinityKey({ tenant: { id: 'a' } }, { kind: 'LEAST_LOADED' })).toBeUndefined();
  });
});
