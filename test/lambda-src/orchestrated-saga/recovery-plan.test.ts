import * as fc from 'fast-check';
import { step } from './history';
import { continuation, mayHaveCommitted, type Resumption } from '../../../lambda-src/orchestrated-saga/recovery-plan';
import type { LoggedStep, SagaLog, StepOutcome } from '../../../lambda-src/orchestrated-saga/step-log';
import type { ParkedPosition, RecoveryStep } from '../../../src/orchestrated-saga/contract';

const TRIP = [
  step('Hotel'), step('Flight', { group: 'Transport' }), step('Car', { group: 'Transport' }), step('Charge', { pivot: true, onUnknown: 'QUERY' }),
  step('Ticket', { compensated: false }),
];
const log = (steps: readonly RecoveryStep[], outcomes: readonly StepOutcome[], goesBack: boolean = false): SagaLog => ({
  steps: new Map(steps.map(({ id }, index): [string, LoggedStep] => [id, { outcome: outcomes[index] ?? 'NEVER' }])), failure: null, goesBack, compensations: [],
});
const plan = (outcomes: StepOutcome[], options: { goesBack?: boolean; resumption?: Resumption; steps?: RecoveryStep[] } = {}) => {
  const steps = options.steps ?? TRIP;
  return continuation(steps, log(steps, outcomes, options.goesBack), options.resumption);
};
const resumption = (decision: Resumption['decision'], position: Partial<ParkedPosition> = {}): Resumption => ({ decision, position });

test.each<[StepOutcome[], string]>([
  [[], 'Undone?'],
  [['BEGUN'], 'Undo Hotel'],
  [['ABORTED'], 'Undone?'],
  [['DONE'], 'Undo Hotel'],
  [['DONE', 'NEVER', 'BEGUN'], 'Undo Transport'],
  [['DONE', 'ABORTED', 'ABORTED'], 'Undo Hotel'],
  [['DONE', 'DONE', 'DONE'], 'Undo Transport'],
  [['DONE', 'DONE', 'DONE', 'ABORTED'], 'Undo Transport'],
  [['DONE', 'DONE', 'DONE', 'BEGUN'], 'Query Charge'],
  [['DONE', 'DONE', 'DONE', 'DONE'], 'Ticket'],
  [['DONE', 'DONE', 'DONE', 'DONE', 'BEGUN'], 'Ticket'],
  [['DONE', 'DONE', 'DONE', 'DONE', 'DONE'], 'Complete'],
])('after %j the trip goes on at %s', (outcomes, entry) => {
  expect(plan(outcomes)).toEqual({ entry, parked: {} });
});

test('a saga without a pivot completes once everything is done, and goes back otherwise', () => {
  const steps = [step('A'), step('B', { compensated: false })];
  expect(plan(['DONE', 'DONE'], { steps }).entry).toBe('Complete');
  expect(plan(['DONE', 'BEGUN'], { steps }).entry).toBe('Undo A');
});

test('a pivot of which nobody knows is parked when that is said, queried, or undone', () => {
  const pivot = (onUnknown: RecoveryStep['onUnknown']) => plan(['DONE', 'BEGUN'], { steps: [step('A'), step('P', { pivot: true, onUnknown })] });
  expect(pivot('PARK')).toEqual({ entry: 'Park', parked: { reason: 'UNKNOWN', step: 'P' } });
  expect(pivot('QUERY').entry).toBe('Query P');
  expect(pivot('COMPENSATE').entry).toBe('Undo P');
});

test('an unknown step of a group is parked as its group', () => {
  const steps = [step('A', { group: 'G', onUnknown: 'PARK' }), step('B', { group: 'G' })];
  expect(plan(['BEGUN', 'DONE'], { steps })).toEqual({ entry: 'Park', parked: { reason: 'UNKNOWN', step: 'G' } });
});

describe('a person decides', () => {
  const parkedAt = (name: string): Partial<ParkedPosition> => ({ reason: 'UNKNOWN', step: name });
  const steps = [step('A'), step('B', { onUnknown: 'PARK' }), step('C')];

  test('RETRY of an unknown step runs it again; COMPENSATE goes back from it', () => {
    expect(plan(['DONE', 'BEGUN'], { steps, resumption: resumption('RETRY', parkedAt('B')) }).entry).toBe('B');
    expect(plan(['DONE', 'BEGUN'], { steps, resumption: resumption('COMPENSATE', parkedAt('B')) }).entry).toBe('Undo B');
  });

  test('RETRY of a saga whose recoveries died is no decision about an unknown step', () => {
    expect(plan(['DONE', 'BEGUN'], { steps, resumption: resumption('RETRY', { reason: 'RECOVERY' }) })).toEqual({ entry: 'Park', parked: { reason: 'UNKNOWN', step: 'B' } });
  });

  test('RETRY of failed compensations undoes all again', () => {
    expect(plan(['DONE', 'DONE', 'DONE', 'ABORTED'], { goesBack: true, resumption: resumption('RETRY', { reason: 'COMPENSATION' }) }).entry).toBe('Undo Transport');
  });

  test('COMPENSATE is refused once the pivot is done', () => {
    expect(() => plan(['DONE', 'DONE', 'DONE', 'DONE', 'BEGUN'], { resumption: resumption('COMPENSATE', { reason: 'STEP', step: 'Ticket' }) }))
      .toThrow(expect.objectContaining({ name: 'InvalidRecoveryRequest' }));
  });
});

test('undoing a group meets those of its steps that may have committed', () => {
  expect(mayHaveCommitted(TRIP, log(TRIP, ['DONE', 'BEGUN', 'ABORTED']))).toEqual(['Flight']);
  expect(mayHaveCommitted(TRIP, log(TRIP, ['DONE', 'DONE', 'NEVER']))).toEqual(['Flight']);
});

const OUTCOMES = fc.constantFrom<StepOutcome>('NEVER', 'ABORTED', 'BEGUN', 'DONE');
const SAGAS = fc.record({
  steps: fc.array(fc.record({ compensated: fc.boolean(), onUnknown: fc.constantFrom<RecoveryStep['onUnknown']>('COMPENSATE', 'QUERY', 'PARK'), outcome: OUTCOMES }), { minLength: 1, maxLength: 6 }),
  pivot: fc.option(fc.nat(5), { nil: undefined }),
  goesBack: fc.boolean(),
  decision: fc.constantFrom<Resumption['decision'] | undefined>(undefined, 'RETRY', 'COMPENSATE'),
});

interface Planned {
  readonly steps: readonly RecoveryStep[];
  readonly outcomes: readonly StepOutcome[];
  readonly pivotDone: boolean;
  readonly goesBack: boolean;
  readonly entry: string;
}

describe('of any log it holds that', () => {
  const check = (holds: (saga: Planned) => void) =>
    fc.assert(fc.property(SAGAS, ({ steps: drawn, pivot, goesBack, decision }) => {
      const steps = drawn.map(({ compensated, onUnknown }, index) => step(`S${index}`, { compensated: compensated && !(pivot !== undefined && index > pivot), onUnknown, pivot: index === pivot }));
      const outcomes = drawn.map(({ outcome }) => outcome);
      const pivotDone = pivot !== undefined && outcomes[pivot] === 'DONE';
      if (decision === 'COMPENSATE' && pivotDone && !goesBack) return;
      const { entry } = plan(outcomes, { steps, goesBack, ...(decision && { resumption: resumption(decision, { reason: 'RECOVERY' }) }) });
      holds({ steps, outcomes, pivotDone, goesBack, entry });
    }), { numRuns: 500 });
  const begun = (outcome: StepOutcome | undefined) => outcome === 'BEGUN' || outcome === 'DONE';
  const index = (entry: string) => Number(entry.replace(/\D/g, ''));

  test('going back begins at the last step that may have taken effect and can be undone, never behind it', () => check(({ steps, outcomes, entry }) => {
    if (entry.startsWith('Undo ')) {
      expect(steps[index(entry)]!.compensated).toBe(true);
      expect(outcomes.some((outcome, at) => at >= index(entry) && begun(outcome))).toBe(true);
      expect(steps.filter(({ compensated }, at) => at > index(entry) && compensated && begun(outcomes[at]))).toEqual([]);
    }
    if (entry === 'Undone?') expect(steps.filter(({ compensated }, at) => compensated && begun(outcomes[at]))).toEqual([]);
  }));

  test('a saga that goes back does not turn round', () => check(({ goesBack, entry }) => {
    if (goesBack) expect(entry).toMatch(/^Und/);
  }));

  test('one whose pivot is done goes forward', () => check(({ pivotDone, goesBack, entry }) => {
    if (pivotDone && !goesBack) expect(entry).toMatch(/^(S\d|Complete)$/);
  }));

  test('one completes only when all is done', () => check(({ outcomes, entry }) => {
    if (entry === 'Complete') expect(outcomes.every((outcome) => outcome === 'DONE')).toBe(true);
  }));
});
