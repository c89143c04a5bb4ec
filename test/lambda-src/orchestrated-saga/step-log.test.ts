import * as fc from 'fast-check';
import { HistoryWriter, step } from './history';
import { readSagaLog } from '../../../lambda-src/orchestrated-saga/step-log';

const STEPS = [step('A'), step('B'), step('C', { pivot: true, onUnknown: 'QUERY' }), step('D', { compensated: false })];
const read = (...histories: HistoryWriter[]) => readSagaLog(histories.map((writer) => writer.aborted()), STEPS, 100);
const outcomes = (...histories: HistoryWriter[]) => Object.fromEntries([...read(...histories).steps].map(([id, { outcome }]) => [id, outcome]));

test('what was scheduled may have taken effect, and what was not certainly has none', () => {
  const history = new HistoryWriter().call('A', { result: 1 }).call('B', undefined);
  expect(outcomes(history)).toEqual({ A: 'DONE', B: 'BEGUN', C: 'NEVER', D: 'NEVER' });
});

test('a state that was entered and has called nothing is one that was never called', () => {
  const history = new HistoryWriter();
  history.enter('A');
  expect(outcomes(history)).toMatchObject({ A: 'NEVER' });
});

test.each([[{ error: 'No' }, 'ABORTED'], [{ error: 'Oops' }, 'BEGUN'], [{ timesOut: true }, 'BEGUN'], [{ result: null }, 'DONE']])('a call that ended with %j is %s', (end, outcome) => {
  expect(outcomes(new HistoryWriter().call('A', end))).toMatchObject({ A: outcome });
});

test('the last word counts: a declared failure after another is one, and a further attempt begins anew', () => {
  const declinedAtLast = new HistoryWriter();
  declinedAtLast.enter('A');
  declinedAtLast.scheduled();
  declinedAtLast.end({ error: 'Oops' }).scheduled();
  expect(outcomes(declinedAtLast.end({ error: 'No' }))).toMatchObject({ A: 'ABORTED' });
  const again = new HistoryWriter().call('A', { error: 'No' });
  again.enter('A');
  again.scheduled();
  expect(outcomes(again)).toMatchObject({ A: 'BEGUN' });
});

test('branches have ways of their own: an answer belongs to the branch whose call it follows', () => {
  const history = new HistoryWriter();
  const group = history.add('ParallelStateEntered', { stateEnteredEventDetails: { name: 'Group' } });
  const [a, b] = [history.enter('A', group), history.enter('B', group)];
  const [callA, callB] = [history.scheduled({}, a), history.scheduled({}, b)];
  history.end({ error: 'No' }, callB);
  history.end({ result: 7 }, callA);
  expect([...read(history).steps].slice(0, 2)).toEqual([['A', expect.objectContaining({ outcome: 'DONE', result: 7 })], ['B', expect.objectContaining({ outcome: 'ABORTED' })]]);
});

test('results are those of the function, of a task as a whole, and null when there is none', () => {
  const steps = [step('F'), step('T', { kind: 'TASK' }), step('P', { kind: 'APPROVAL' })];
  const history = new HistoryWriter().call('F', { result: { a: [1] } }).call('T', { output: { MessageId: 'm' } }).call('P', { output: { by: 'Ann' } });
  const log = readSagaLog([history.aborted()], steps, 100);
  expect([...log.steps.values()].map(({ result }) => result)).toEqual([{ a: [1] }, { MessageId: 'm' }, { by: 'Ann' }]);
  expect(readSagaLog([new HistoryWriter().call('F', { output: null }).aborted()], steps, 100).steps.get('F')).toMatchObject({ outcome: 'DONE', result: null });
});

test('a result that is too long is left out as the workflow does it, in bytes', () => {
  const log = readSagaLog([new HistoryWriter().call('A', { result: '語'.repeat(25) }).call('B', { result: 'x'.repeat(98) }).aborted()], STEPS, 100);
  expect([log.steps.get('A')!.result, log.steps.get('B')!.result]).toEqual([{ omitted: true, bytes: 102 }, 'x'.repeat(98)]);
});

describe('the way back is known', () => {
  test.each(['Undo A', 'Undone?', 'Compensated'])('by %s, once entered', (name) => {
    const history = new HistoryWriter().call('A', { result: 1 });
    expect(read(history).goesBack).toBe(false);
    const back = new HistoryWriter().call('A', { result: 1 });
    back.add(name === 'Undone?' ? 'ChoiceStateEntered' : 'TaskStateEntered', { stateEnteredEventDetails: { name } });
    expect(read(back).goesBack).toBe(true);
  });

  test('by a group whose undoing has begun, before any of its branches has', () => {
    const history = new HistoryWriter();
    history.add('ParallelStateEntered', { stateEnteredEventDetails: { name: 'Undo Group' } });
    expect(read(history).goesBack).toBe(true);
  });

  test.each([['DONE', 'DONE', false], ['NOT_DONE', 'BEGUN', true], ['UNKNOWN', 'BEGUN', true]])('by the answer %s of a query', (outcome, logged, goesBack) => {
    const log = read(new HistoryWriter().call('C', { timesOut: true }).call('Query C', { result: { outcome, result: 'r' } }));
    expect([log.steps.get('C')!.outcome, log.goesBack]).toEqual([logged, goesBack]);
    if (logged === 'DONE') expect(log.steps.get('C')!.result).toBe('r');
  });

  test('and what was undone', () => {
    expect(read(new HistoryWriter().call('Undo B', { result: null }).call('Undo A', { error: 'Oops' })).compensations).toEqual([{ step: 'B', status: 'DONE' }]);
  });
});

test('a failure is what was assigned last, null included', () => {
  const failure = { step: 'A', error: 'No', cause: 'c' };
  const history = new HistoryWriter();
  expect(read(history.exit('A', { failure })).failure).toEqual(failure);
  expect(read(new HistoryWriter().exit('A', { failure }).exit('Query C', { failure: null })).failure).toBeNull();
  expect(read(new HistoryWriter()).failure).toBeNull();
});

test('several executions are one log, in the order in which things happened', () => {
  const first = new HistoryWriter(1_000).call('A', { result: 1 }).call('B', undefined);
  const second = new HistoryWriter(2_000).call('B', { result: 2 });
  expect(outcomes(second, first)).toMatchObject({ A: 'DONE', B: 'DONE' });
});

describe('a redriven execution', () => {
  const redriven = () => {
    const history = new HistoryWriter().call('A', { result: 1 }).call('D', undefined);
    history.aborted();
    history.at(5_000).add('ExecutionRedriven', { executionRedrivenEventDetails: { redriveCount: 1 } });
    return history;
  };

  test('calls the state that it comes back to without entering it', () => {
    const history = redriven();
    history.scheduled({ Payload: { step: 'D', idempotencyKey: 's#D#DO' } });
    history.end({ result: 4 });
    const log = read(history);
    expect(log.steps.get('D')).toMatchObject({ outcome: 'DONE', result: 4 });
    expect(log.steps.get('D')!.begunAt!.getTime()).toBeGreaterThanOrEqual(5_000);
  });

  test('tells by the payload which of several branches it comes back to', () => {
    const history = new HistoryWriter();
    const group = history.add('ParallelStateEntered', { stateEnteredEventDetails: { name: 'Group' } });
    for (const id of ['A', 'B']) history.scheduled({}, history.enter(id, group));
    history.aborted();
    const again = history.add('ExecutionRedriven', {});
    for (const id of ['B', 'A']) history.end({ result: id }, history.scheduled({ Payload: { step: id, idempotencyKey: `s#${id}#DO` } }, again));
    const log = read(history);
    expect([log.steps.get('A')!.result, log.steps.get('B')!.result]).toEqual(['A', 'B']);
  });

  test('that comes back to an undo does not call the action', () => {
    const history = new HistoryWriter().call('A', { result: 1 }).call('Undo A', undefined);
    history.aborted();
    history.add('ExecutionRedriven', {});
    history.scheduled({ Payload: { step: 'A', idempotencyKey: 's#A#UNDO' } });
    history.end({ result: null });
    expect(read(history)).toMatchObject({ compensations: [{ step: 'A', status: 'DONE' }] });
    expect(outcomes(history)).toMatchObject({ A: 'DONE' });
  });
});

test('nothing that was scheduled is ever taken for never called, wherever the history ends', () => {
  const end = fc.option(fc.constantFrom<{ error?: string; timesOut?: boolean; result?: unknown }>({ error: 'Oops' }, { timesOut: true }, { result: 1 }), { nil: undefined });
  fc.assert(fc.property(fc.array(fc.tuple(fc.constantFrom('A', 'B', 'C', 'D'), end), { maxLength: 8 }), fc.nat(40), (calls, cut) => {
    const history = new HistoryWriter();
    for (const [name, how] of calls) history.call(name, how);
    const events = history.events.slice(0, 1 + cut);
    const log = readSagaLog([events], STEPS, 100);
    let open = '';
    for (const event of events) {
      open = event.stateEnteredEventDetails?.name ?? open;
      if (event.type === 'TaskScheduled') expect(['BEGUN', 'DONE']).toContain(log.steps.get(open)!.outcome);
    }
  }));
});
