import { HistoryWriter, RECOVERY_MACHINE, SAGA_MACHINE, step } from './history';
import { recover } from '../../../lambda-src/orchestrated-saga/recover';
import type { RegisteredSaga } from '../../../lambda-src/orchestrated-saga/saga-registry';

const DEAD = `${SAGA_MACHINE}:dead`;
const ME = `${RECOVERY_MACHINE}:me`;
const EARLIER = `${RECOVERY_MACHINE}:earlier`;
const STEPS = [step('A'), step('B', { compensated: false })];

interface Happenings {
  /** What the saga has become meanwhile, so that the first claim is refused. */
  readonly refusedBecause?: Partial<RegisteredSaga>;
  readonly executions?: Record<string, object>;
}

/** A world of one saga, whose execution was stopped after A. */
function world(saga: Partial<RegisteredSaga> | undefined = {}, options: Happenings = {}) {
  let registered: RegisteredSaga | undefined = saga && { sagaId: 's-1', status: 'RUNNING', executionArn: DEAD, startedBy: DEAD, recoveries: 0, ...saga };
  let { refusedBecause } = options;
  const history = new HistoryWriter();
  history.enter('Begin');
  history.scheduled({ Item: { sagaId: { S: 's-1' } } });
  history.end({ output: {} });
  history.exit('Begin').call('A', { result: 7 });
  const claimed: unknown[][] = [];
  const barred: string[] = [];
  const read: string[] = [];
  return {
    claimed,
    barred,
    read,
    dependencies: {
      steps: STEPS,
      resultLimit: 1_000,
      registry: {
        find: async (sagaId: string) => (sagaId === 's-1' ? registered : undefined),
        bar: async (sagaId: string, executionArns: string[]) => { barred.push(...executionArns); return sagaId === 's-1' ? registered : undefined; },
        claim: async (...claim: unknown[]) => {
          claimed.push(claim.slice(1));
          registered = { ...registered!, ...refusedBecause };
          const refused = refusedBecause !== undefined;
          refusedBecause = undefined;
          return !refused;
        },
      },
      log: {
        describe: async (executionArn: string) => (
          { executionArn, input: { n: 1 }, status: 'ABORTED', error: '', cause: '', ...options.executions?.[executionArn] }
        ),
        events: async (executionArn: string) => {
          read.push(executionArn);
          return executionArn === DEAD ? history.aborted() : new HistoryWriter(9_000).aborted();
        },
      },
    } as never,
  };
}

const request = { executionArn: DEAD };

test('claims the saga of an execution that has died, and says where it goes on and with what', async () => {
  const { dependencies, claimed } = world();
  expect(await recover(request, ME, dependencies)).toEqual({
    entry: 'Undo A', sagaId: 's-1', input: { n: 1 }, results: { A: 7 }, failure: { step: 'Execution', error: 'ABORTED', cause: '' }, status: 'RECOVERING', parked: {},
    mayHaveCommitted: [], compensations: [],
  });
  expect(claimed).toEqual([[ME, 'RECOVERING', 1]]);
});

test('plans the same again after an answer that was lost, without another claim', async () => {
  const { dependencies, claimed } = world({ executionArn: ME, status: 'RECOVERING', recoveries: 1, takenOverBy: [ME] });
  expect(await recover(request, ME, dependencies)).toMatchObject({ entry: 'Undo A', status: 'RECOVERING' });
  expect(claimed).toEqual([]);
});

test('has nothing to do when somebody else was faster', async () => {
  const { dependencies } = world({}, { refusedBecause: { executionArn: `${RECOVERY_MACHINE}:other`, status: 'RECOVERING' } });
  expect(await recover(request, ME, dependencies)).toMatchObject({ entry: 'NOTHING' });
});

test('goes on when its own claim was refused because of an earlier one whose answer was lost', async () => {
  const { dependencies, claimed } = world({}, { refusedBecause: { executionArn: ME, status: 'RECOVERING', takenOverBy: [ME] } });
  expect(await recover(request, ME, dependencies)).toMatchObject({ entry: 'Undo A', status: 'RECOVERING' });
  expect(claimed).toHaveLength(1);
});

test('tells of an end that the dead execution put on record while its saga was looked up', async () => {
  const { dependencies, claimed } = world({}, { refusedBecause: { status: 'COMPLETED', endedAt: new Date(8_000).toISOString() } });
  expect(await recover(request, ME, dependencies)).toMatchObject({ entry: 'Tell', status: 'COMPLETED' });
  expect(claimed.at(-1)).toEqual([ME, 'COMPLETED', 1]);
});

test('follows a saga that a recovery has claimed which is dead by now', async () => {
  const { dependencies, claimed } = world({}, {
    refusedBecause: { executionArn: EARLIER, status: 'RECOVERING', recoveries: 1, takenOverBy: [EARLIER] }, executions: { [EARLIER]: { input: request } },
  });
  expect(await recover({ executionArn: EARLIER }, ME, dependencies)).toMatchObject({ entry: 'Undo A' });
  expect(claimed.at(-1)).toEqual([ME, 'RECOVERING', 2]);
});

test('bars recoveries that have died, and no execution of the saga itself', async () => {
  const { dependencies, barred } = world({ status: 'PARKED', executionArn: `${RECOVERY_MACHINE}:other` }, { executions: { [EARLIER]: { input: { resumeParked: { sagaId: 's-1' } } } } });
  expect(await recover({ executionArn: EARLIER }, ME, dependencies)).toMatchObject({ entry: 'NOTHING' });
  expect(barred).toEqual([EARLIER]);
  const { dependencies: simple, barred: none } = world();
  await recover(request, ME, simple);
  expect(none).toEqual([]);
});

test.each<[string, Partial<RegisteredSaga>]>([
  ['is barred', { barred: new Set([ME]) }], ['has lost the saga that it had', { takenOverBy: [ME, EARLIER] }],
])('has nothing to do when it %s, and says so to who wants to resume', async (_, saga) => {
  const { dependencies, claimed } = world(saga);
  expect(await recover(request, ME, dependencies)).toMatchObject({ entry: 'NOTHING' });
  const parked = world({ status: 'PARKED', executionArn: EARLIER, ...saga });
  await expect(recover({ resumeParked: { sagaId: 's-1' } }, ME, parked.dependencies)).rejects.toMatchObject({ name: 'InvalidRecoveryRequest', message: expect.stringContaining('start another one') });
  expect([...claimed, ...parked.claimed]).toEqual([]);
});

test.each<[string, Partial<RegisteredSaga> | undefined]>([
  ['is not in the registry', undefined],
  ['is being recovered', { executionArn: EARLIER, status: 'RECOVERING' }],
  ['belongs to another execution', { executionArn: `${SAGA_MACHINE}:other`, startedBy: `${SAGA_MACHINE}:other` }],
  ['has ended by a recovery', { executionArn: EARLIER, status: 'COMPENSATED', endedAt: new Date(8_000).toISOString() }],
])('has nothing to do when the saga %s', async (_, saga) => {
  const { dependencies, claimed } = world(saga);
  if (saga === undefined) expect(await recover(request, ME, { ...dependencies as object, registry: { find: async () => undefined } } as never)).toMatchObject({ entry: 'NOTHING' });
  else expect(await recover(request, ME, dependencies)).toMatchObject({ entry: 'NOTHING' });
  expect(claimed).toEqual([]);
});

test('follows a recovery that has died to the execution that it was to recover, and reads both', async () => {
  const { dependencies, read } = world({ executionArn: EARLIER, status: 'RECOVERING', recoveries: 1, takenOverBy: [EARLIER] }, { executions: { [EARLIER]: { input: request } } });
  expect(await recover({ executionArn: EARLIER }, ME, dependencies)).toMatchObject({ entry: 'Undo A' });
  expect(read).toEqual(expect.arrayContaining([DEAD, EARLIER]));
});

test.each<[RegisteredSaga['status'], string]>([['COMPLETED', 'Tell'], ['COMPENSATED', 'Tell'], ['PARKED', 'Park']])('only tells of a saga whose execution had put %s on record', async (status, entry) => {
  const { dependencies, claimed } = world({ status, endedAt: new Date(8_000).toISOString(), parked: '{"reason":"COMPENSATION","compensations":[{"step":"A","status":"FAILED"}]}' });
  const plan = await recover(request, ME, dependencies);
  expect(plan).toMatchObject({ entry, status });
  if (status === 'PARKED') expect(plan.compensations).toEqual([{ step: 'A', status: 'FAILED' }]);
  expect(claimed).toEqual([[ME, status, 1]]);
});

test('parks a saga whose recoveries have died five times, the present attempt not counted twice', async () => {
  const dead = { status: 'RECOVERING' as const };
  expect(await recover(request, ME, world({ ...dead, recoveries: 4 }).dependencies)).toMatchObject({ entry: 'Undo A' });
  expect(await recover(request, ME, world({ ...dead, recoveries: 5 }).dependencies)).toMatchObject({ entry: 'Park', parked: { reason: 'RECOVERY' } });
  expect(await recover(request, ME, world({ ...dead, recoveries: 5, executionArn: ME }).dependencies)).toMatchObject({ entry: 'Undo A' });
});

test('forgets earlier deaths when a person resumes', async () => {
  const { dependencies, claimed } = world({ status: 'PARKED', executionArn: EARLIER, recoveries: 5, parked: '{"reason":"RECOVERY"}' });
  expect(await recover({ resumeParked: { sagaId: 's-1' } }, ME, dependencies)).toMatchObject({ entry: 'Undo A', status: 'RECOVERING' });
  expect(claimed).toEqual([[ME, 'RECOVERING', 0]]);
});

test('has nothing to do for a recovery that was refused, and refuses itself what it cannot read', async () => {
  const { dependencies } = world({}, { executions: { [EARLIER]: { input: { nonsense: 1 }, error: 'InvalidRecoveryRequest' } } });
  expect(await recover({ executionArn: EARLIER }, ME, dependencies)).toMatchObject({ entry: 'NOTHING' });
  await expect(recover({ nonsense: 1 }, ME, dependencies)).rejects.toMatchObject({ name: 'InvalidRecoveryRequest' });
});
