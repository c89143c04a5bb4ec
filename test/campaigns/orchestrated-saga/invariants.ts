import { type Books, type End, ENDS, type SagaRecord } from './books';
import { isExecution, type StartedSaga } from './driver';
import { type Shape, STEPS } from './environment';
import type { ExecutionResult, Report } from '../../../simulator/src';
import { ERROR, type SagaFailure, type SagaResult, type SagaStatus } from '../../../src/orchestrated-saga/contract';
import type { Violations } from '../campaign';

/** The event of an end. */
export interface EndEvent {
  readonly sagaId: string;
  readonly status: SagaStatus;
  readonly executionArn: string;
  readonly compensations: readonly unknown[];
  readonly failure?: SagaFailure;
}

/** What the simulated account holds when everything has come to rest. */
export interface Remains {
  readonly books: Books;
  readonly started: readonly StartedSaga[];
  /** Sagas that were neither over nor parked when operators came to look. */
  readonly adrift: readonly SagaRecord[];
  /** Those that were parked then. */
  readonly parked: readonly SagaRecord[];
  readonly ringing: (shape: Shape) => boolean;
  /** Ids in messages of a shape's parked queue. */
  readonly parkedMessages: ReadonlySet<string>;
  readonly events: readonly EndEvent[];
  /** Steps that were undone, or for which it was noted that there was nothing to undo, and that no execution has ever called. */
  readonly undoneUncalled: readonly string[];
  readonly recovers: (execution: ExecutionResult) => boolean;
  readonly report: Report;
}

/** The promises of the pattern's page. */
export function checkInvariants(remains: Remains, violations: Violations) {
  violations.list.push(...new Set(remains.books.outrages));
  checkEnds(remains, violations);
  checkEffects(remains, violations);
  checkUncalled(remains, violations);
  checkTold(remains, violations);
  checkOutputs(remains, violations);
  checkStarts(remains, violations);
  checkNothingVanished(remains, violations);
}

function checkEnds({ books, adrift, parked, parkedMessages, ringing }: Remains, violations: Violations) {
  const unlookedUp = [...parkedMessages].some(isExecution);
  for (const { sagaId, status } of adrift) violations.expect(unlookedUp, () => `${sagaId} is ${status}, and nothing is left to happen`);
  for (const { sagaId, shape } of parked) {
    violations.expect(parkedMessages.has(sagaId), () => `${sagaId} is parked, and no message says so`);
    violations.expect(ringing(shape), () => `${sagaId} is parked, and no alarm rings`);
  }
  for (const { sagaId, status, ends } of books.sagas.values()) {
    const often = ends.filter((end) => end.status === 'PARKED').length;
    violations.expect(status === 'COMPLETED' || status === 'COMPENSATED', () => `${sagaId} is ${status} in the end; it was parked ${often} times`);
  }
}

function checkEffects({ books }: Remains, violations: Violations) {
  for (const saga of books.sagas.values()) {
    if (saga.status !== 'COMPLETED' && saga.status !== 'COMPENSATED') continue;
    for (const [step, times] of books.effectsOf(saga)) {
      const expected = saga.status === 'COMPLETED' ? 1 : 0;
      violations.expect(times === expected, () => `${saga.sagaId} is ${saga.status}, and the effect of ${step} is there ${times} times`);
    }
  }
  for (const { item, sagaId } of books.lockedItems()) violations.expect(false, () => `${item} is locked by ${sagaId} in the end, which is ${books.sagas.get(sagaId)?.status}`);
}

function checkUncalled({ undoneUncalled }: Remains, violations: Violations) {
  for (const step of undoneUncalled) violations.expect(false, () => `${step} was undone, and never called`);
}

/** Each end is told, at least once and always the same, and nothing else is. */
function checkTold({ books, events }: Remains, violations: Violations) {
  const unexplained = new Set(events);
  for (const { sagaId, ends } of books.sagas.values()) {
    for (const end of ends) {
      const own = events.filter((event) => event.sagaId === sagaId && tells(event, end));
      violations.expect(own.length > 0, () => `${sagaId} was ${end.status}, and no event says so`);
      for (const event of own) unexplained.delete(event);
    }
  }
  for (const { sagaId, status, executionArn } of unexplained) {
    if (isExecution(sagaId)) continue;
    violations.expect(false, () => `an event says that ${sagaId} is ${status}, which it never was for ${executionArn}`);
  }
  for (const group of groupBy(events, ({ executionArn }) => executionArn).values()) {
    const different = new Set(group.map((event) => JSON.stringify(event)));
    violations.expect(different.size === 1, () => `one execution tells different ends: ${[...different].join(' and ')}`);
  }
  for (const { sagaId, status, failure } of events) {
    if (status === 'COMPLETED') violations.expect(!failure, () => `${sagaId} is told as COMPLETED with failure ${failure?.error}`);
    if (status === 'COMPENSATED') violations.expect(failure !== undefined, () => `${sagaId} is told as COMPENSATED without a failure`);
  }
}

function tells(event: EndEvent, { status, owners }: End): boolean {
  return event.status === status && owners.includes(event.executionArn);
}

/** What an execution answers is what it has told. */
function checkOutputs({ books, events }: Remains, violations: Violations) {
  for (const { executionArn, output } of books.executions) {
    const result = JSON.parse(output ?? '{}') as Partial<SagaResult>;
    if (result.status === undefined) continue;
    const { sagaId, status, results, ...told } = result as SagaResult;
    violations.expect(ENDS.includes(status), () => `${sagaId} answers status ${status}`);
    const event = events.find((each) => each.executionArn === executionArn);
    const same = event && event.sagaId === sagaId && event.status === status
      && JSON.stringify([event.failure, event.compensations]) === JSON.stringify([told.failure, told.compensations]);
    violations.expect(same === true, () => `${sagaId}: the output ${JSON.stringify({ status, ...told })} is not what the event tells: ${JSON.stringify(event)}`);
    const { shape } = books.sagas.get(sagaId) ?? {};
    if (!shape || status !== 'COMPLETED') continue;
    const without = STEPS[shape].filter(({ id }) => results[id] === undefined).map(({ id }) => id);
    violations.expect(without.length === 0, () => `${sagaId} is COMPLETED without results of ${without.join(', ')}`);
  }
}

const REFUSALS: readonly string[] = [ERROR.DUPLICATE_SAGA_ID, ERROR.LOCKED];

/** Executions end as they may; a saga that did not begin has no effect. */
function checkStarts({ books, started, recovers, events }: Remains, violations: Violations) {
  for (const { executionArn, error, status, cause, ...execution } of books.executions) {
    if (status !== 'FAILED') continue;
    const expected = recovers({ executionArn, status, ...execution }) ? [ERROR.OVERTAKEN, ERROR.INVALID_RECOVERY] : [ERROR.OVERTAKEN, ...REFUSALS];
    const service = /^(DynamoDB|DynamoDb|SQS|EventBridge|Lambda)\./.test(error ?? '');
    violations.expect(service || (expected as readonly string[]).includes(error ?? ''), () => `${executionArn} failed with ${error}: ${cause}`);
  }
  for (const { input: { sagaId }, run: { executionArn, outcome } } of started) {
    const begun = books.sagas.get(sagaId)?.startedBy === executionArn;
    violations.expect(outcome !== undefined, () => `an execution of ${sagaId} has not ended: ${executionArn}`);
    violations.expect(begun || outcome?.status !== 'SUCCEEDED', () => `${sagaId} was run by ${executionArn}, which has not begun it`);
    violations.expect(!begun || !REFUSALS.includes(outcome?.error ?? ''), () => `${executionArn} was refused with ${outcome?.error}, and has begun ${sagaId}`);
    violations.expect(begun || !events.some((event) => event.executionArn === executionArn), () => `${executionArn} tells an end of ${sagaId}, which it has not begun`);
  }
}

/** No service lost anything, nobody was denied anything, no death was left without a recovery. */
function checkNothingVanished({ report }: Remains, violations: Violations) {
  for (const { subject, event, detail } of report.lost) violations.expect(false, () => `${subject}: ${event} ${JSON.stringify(detail)}`);
  for (const denial of report.denials) violations.expect(false, () => `access was denied: ${denial.name} ${denial.action} ${denial.resource}`);
  for (const [queue, messages] of Object.entries(report.deadLetters)) violations.expect(false, () => `${messages} messages are left in ${queue}`);
}

function groupBy<T>(values: readonly T[], keyOf: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) groups.set(keyOf(value), [...groups.get(keyOf(value)) ?? [], value]);
  return groups;
}
