import { PolicyEngine } from '../../src/iam/policies';
import { type CallFault, type FaultPlan, NO_FAULTS, RandomFaults, ScriptedFaults } from '../../src/kernel/faults';
import { Random } from '../../src/kernel/random';
import { type Caller, type Operation, ServiceError, type ServiceFactory } from '../../src/service';
import { SimulatedWorld } from '../../src/world';

const ROLE = 'arn:aws:iam::123456789012:role/R';
const latency = { 'default.call': { median: 10, p99: 10 } };

function bench(options: { faults?: FaultPlan; handle?: Operation['handle']; readOnly?: boolean; grants?: string[] } = {}) {
  const effects: number[] = [];
  const service: ServiceFactory = (world) => ({
    name: 'box',
    resources: [],
    operations: {
      Put: {
        access: () => [{ action: 'box:Put', resource: 'arn:aws:box:::1' }],
        readOnly: options.readOnly,
        handle: options.handle ?? (() => {
          effects.push(world.kernel.now);
          return { ok: true };
        }),
      },
    },
  });
  const iam = new PolicyEngine({ account: '123456789012', region: 'us-east-1' });
  iam.addRolePolicy(ROLE, 'p', { Statement: { Effect: 'Allow', Action: options.grants ?? ['box:Put'], Resource: '*' } });
  const world = new SimulatedWorld(iam, [service], { faults: options.faults, latency, trace: { keep: true } });
  const call = async (caller: Partial<Caller> = {}) => {
    let outcome: { value?: unknown; error?: any } | undefined;
    void world.call({ service: 'box', operation: 'Put', input: {}, caller: { principal: { kind: 'role', arn: ROLE }, name: 'code', ...caller } })
      .then((value) => { outcome = { value }; }, (error) => { outcome = { error }; });
    const start = world.kernel.now;
    await world.kernel.run();
    return { ...outcome, took: world.kernel.now - start };
  };
  return { world, effects, call };
}

const faulty = (fault: CallFault) => ({ faults: new ScriptedFaults([{ service: 'box', fault }]) });

describe('an API call', () => {
  it('has its effect half-way and answers after the whole latency', async () => {
    const { call, effects, world } = bench();
    const start = world.kernel.now;
    expect(await call()).toEqual({ value: { ok: true }, took: 10 });
    expect(effects).toEqual([start + 5]);
  });

  it('without permission is refused, has no effect and is in the trace', async () => {
    const { call, effects, world } = bench({ grants: ['box:Get'] });
    const { error } = await call();
    expect(error).toMatchObject({ name: 'AccessDeniedException', role: ROLE, action: 'box:Put', resource: 'arn:aws:box:::1' });
    expect(effects).toEqual([]);
    expect(world.trace.entries).toEqual([expect.objectContaining({ subject: 'code', event: 'box.Put', detail: { error: 'AccessDeniedException' } })]);
  });

  it('lets simultaneous calls overlap', async () => {
    const { call } = bench();
    const both = await Promise.all([call(), call()]);
    expect(Math.max(...both.map(({ took }) => took))).toBe(10);
  });

  it('to a service or operation that is not simulated names it', async () => {
    const { world } = bench();
    const caller: Caller = { principal: { kind: 'operator' }, name: 'x' };
    await expect(world.call({ service: 'moon', operation: 'Put', input: {}, caller })).rejects.toThrow("service 'moon' is not simulated; simulated: box");
    await expect(world.call({ service: 'box', operation: 'Eat', input: {}, caller })).rejects.toThrow("operation 'Eat' of box is not simulated");
  });
});

describe('faults', () => {
  it.each<[CallFault, string | undefined, number]>([
    [{ kind: 'throttle' }, 'ThrottlingException', 0],
    [{ kind: 'error-before' }, 'InternalServerError', 0],
    [{ kind: 'error-after' }, 'InternalServerError', 1],
    [{ kind: 'slow', ms: 100 }, undefined, 1],
  ])('%j: error %s after %i effects', async (fault, error, count) => {
    const { call, effects } = bench(faulty(fault));
    const answer = await call();
    expect(answer.error?.name).toBe(error);
    expect(effects).toHaveLength(count);
    expect(answer.took).toBe(fault.kind === 'slow' ? 110 : 10);
  });

  it('keep the service\'s own error when it has one after all', async () => {
    const { call } = bench({ ...faulty({ kind: 'error-after' }), handle: () => { throw new ServiceError('Full', 'the box is full'); } });
    expect((await call()).error.name).toBe('Full');
  });

  it.each([['crash-before', 0], ['crash-after', 1]] as const)('%s: the caller dies without an answer, after %i effects', async (kind, count) => {
    const { call, effects } = bench(faulty({ kind }));
    let crashes = 0;
    const answer = await call({ crash: () => crashes++ });
    expect(answer.value ?? answer.error).toBeUndefined();
    expect(crashes).toBe(1);
    expect(effects).toHaveLength(count);
  });

  it('of a script crash only those that can die', async () => {
    const { call, effects } = bench(faulty({ kind: 'crash-before' }));
    expect((await call()).value).toEqual({ ok: true });
    expect(effects).toHaveLength(1);
  });

  it('that crash a caller which cannot die are a mistake of the plan', async () => {
    const { call } = bench({ faults: { ...NO_FAULTS, onCall: () => ({ kind: 'crash-before' }) } });
    expect((await call()).error.message).toBe('the fault plan lets code crash at box.Put, but only functions and processes can crash');
  });

  it('leave whoever runs the simulation alone', async () => {
    const { call, effects } = bench(faulty({ kind: 'throttle' }));
    expect((await call({ faultFree: true })).value).toEqual({ ok: true });
    expect(effects).toHaveLength(1);
  });

  it('fail the wanted share of a batch\'s entries', async () => {
    const results: boolean[] = [];
    const { call } = bench({ ...faulty({ kind: 'partial', share: 0.5 }), handle: (_, { entryFails }) => { for (let i = 0; i < 200; i++) results.push(entryFails!()); } });
    await call();
    const failed = results.filter(Boolean).length;
    expect(failed).toBeGreaterThan(70);
    expect(failed).toBeLessThan(130);
  });

  it('hit the nth call that matches, as often as written', async () => {
    const faults = new ScriptedFaults([{ service: 'box', caller: 'cod', nth: 2, times: 2, fault: { kind: 'throttle' } }, { service: 'other', fault: { kind: 'throttle' } }]);
    const { call } = bench({ faults });
    const errors: unknown[] = [];
    for (let i = 0; i < 4; i++) errors.push((await call()).error?.name);
    expect(errors).toEqual([undefined, 'ThrottlingException', 'ThrottlingException', undefined]);
    expect(faults.hits).toEqual([2, 0]);
  });

  it('come as often as their rates say', () => {
    const faults = new RandomFaults({ throttle: 0.1, crashAfter: 0.05, duplicate: 0.2, delay: 0.1, staleRead: 0.3 }, new Random('1'));
    const call = { service: 's', operation: 'o', caller: 'c', canCrash: true, callIndex: 0, readOnly: false };
    const kinds = Array.from({ length: 10_000 }, () => faults.onCall(call)?.kind);
    const share = (kind: string) => kinds.filter((one) => one === kind).length / kinds.length;
    expect(share('throttle')).toBeCloseTo(0.095, 1);
    expect(share('crash-after')).toBeCloseTo(0.05, 1);
    expect(share('slow')).toBe(0);
    expect(Array.from({ length: 1000 }, () => faults.onCall({ ...call, canCrash: false })?.kind)).not.toContain('crash-after');
    const deliveries = Array.from({ length: 10_000 }, () => faults.onDelivery());
    expect(deliveries.filter((fault) => fault?.duplicatesAfterMs).length / 10_000).toBeCloseTo(0.2, 1);
    expect(NO_FAULTS.onCall(call)).toBeUndefined();
  });
});
