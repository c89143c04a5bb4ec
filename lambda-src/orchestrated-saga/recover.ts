import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { EndedExecution, ExecutionLog } from './execution-log';
import { continuation, mayHaveCommitted, type Resumption } from './recovery-plan';
import { parseRecoveryRequest, type ParsedRequest } from './recovery-request';
import type { RegisteredSaga, SagaRegistry } from './saga-registry';
import { readSagaLog, type SagaLog } from './step-log';
import {
  ERROR, MAXIMUM_RECOVERIES, NOTHING, type ParkedPosition, type RecoveryPlan, type RecoveryStep, type SagaFailure,
} from '../../src/orchestrated-saga/contract';
import { STATE } from '../../src/orchestrated-saga/state-names';
import { NamedError } from '../shared/errors';

export interface RecoverDependencies {
  readonly log: ExecutionLog;
  readonly registry: SagaRegistry;
  readonly steps: readonly RecoveryStep[];
  readonly resultLimit: number;
}

const NOTHING_TO_DO: RecoveryPlan = {
  entry: NOTHING, sagaId: '', input: {}, results: {}, failure: null, status: 'RUNNING', parked: {}, mayHaveCommitted: [], compensations: [],
};

/** Claims the saga of an execution that has died, or one that is parked, and plans how it goes on. */
export async function recover(received: unknown, executionArn: string, dependencies: RecoverDependencies): Promise<RecoveryPlan> {
  const { registry, log, steps, resultLimit } = dependencies;
  const request = parseRecoveryRequest(received);
  const traced = await trace(request, executionArn, log);
  const saga = await lookUp(traced, executionArn, registry);
  if (!saga) {
    if (request.resume) throw new NamedError(ERROR.INVALID_RECOVERY, `there is no saga '${request.resume.sagaId}'`);
    return NOTHING_TO_DO;
  }
  const { dead } = traced;
  const mine = saga.executionArn === executionArn;
  if (!mine && hasLost(saga, executionArn)) {
    if (request.resume) throw new NamedError(ERROR.INVALID_RECOVERY, `this execution had ended, and may not resume saga '${saga.sagaId}' any more; start another one`);
    return NOTHING_TO_DO;
  }
  const resumption = request.resume && resumptionOf(saga, request.resume.decision, mine);
  const orphaned = dead.includes(saga.executionArn);
  if (!mine && !resumption && !orphaned && !mayHaveBeenRevived(saga, dead)) return NOTHING_TO_DO;

  const begun = await log.describe(saga.startedBy);
  const sagaLog = readSagaLog(await historiesOf(saga, executionArn, log), steps, resultLimit);
  if (!mine && !resumption && !orphaned && !calledSince(saga, sagaLog)) return NOTHING_TO_DO;

  const recoveries = resumption ? 0 : saga.recoveries + (mine ? 0 : 1);
  // Before the claim: a refused request changes nothing.
  const plan = planFor({ saga, log: sagaLog, begun, steps, resumption, recoveries });
  // It has changed meanwhile: by an earlier attempt of this execution, or by one that is dead, whose writes were still on their way.
  if (!mine && !await registry.claim(saga, executionArn, plan.status, recoveries)) return recover(received, executionArn, dependencies);
  return plan;
}

/** The saga, which none of the recoveries that have died can claim from now on. */
async function lookUp({ sagaId, dead, beginning }: Trace, me: string, registry: SagaRegistry): Promise<RegisteredSaga | undefined> {
  if (sagaId === undefined) return undefined;
  const recoveries = dead.filter((executionArn) => stateMachineOf(executionArn) === stateMachineOf(me));
  const saga = recoveries.length > 0 ? await registry.bar(sagaId, recoveries) : await registry.find(sagaId);
  return saga ?? (beginning ? registry.enter(sagaId, dead.at(-1)!, me) : undefined);
}

/** Whether the execution had ended, or the saga was its own once: one that is redriven, or a function that runs on. */
function hasLost({ barred, takenOverBy = [] }: RegisteredSaga, executionArn: string): boolean {
  return barred?.has(executionArn) === true || takenOverBy.includes(executionArn);
}

interface Trace {
  readonly sagaId: string | undefined;
  /** The execution that is named, and those that it was to recover itself. */
  readonly dead: string[];
  /** The first of them died while it was about to enter the saga in the registry. */
  readonly beginning?: boolean;
}

/** Which saga it is, and which executions of it have died. */
async function trace(request: ParsedRequest, me: string, log: ExecutionLog): Promise<Trace> {
  const dead: string[] = [];
  for (let next = request; ;) {
    if (next.resume) return { sagaId: next.resume.sagaId, dead };
    const { executionArn, input, error } = await log.describe(next.executionArn);
    dead.push(executionArn);
    if (stateMachineOf(executionArn) !== stateMachineOf(me)) return { ...beginOf(await log.events(executionArn)), dead };
    // A recovery that was refused had no saga.
    if (error === ERROR.INVALID_RECOVERY) return { sagaId: undefined, dead };
    next = parseRecoveryRequest(input);
  }
}

/** What the executions of a saga have done before this one. */
async function historiesOf({ startedBy, takenOverBy = [] }: RegisteredSaga, me: string, log: ExecutionLog): Promise<HistoryEvent[][]> {
  const histories: HistoryEvent[][] = [];
  for (const executionArn of [startedBy, ...takenOverBy]) if (executionArn !== me) histories.push(await log.events(executionArn));
  return histories;
}

/** `arn:…:execution:<state machine>:<execution>` */
function stateMachineOf(executionArn: string): string | undefined {
  return executionArn.split(':')[6];
}

/** What the execution was about to enter in the registry, or has entered: its first write, on record before it was made. */
function beginOf(events: readonly HistoryEvent[]): Pick<Trace, 'sagaId' | 'beginning'> {
  const tasks = events.filter(({ type }) => type?.startsWith('Task') && !/^TaskState/.test(type));
  const write = JSON.parse(tasks[0]?.taskScheduledEventDetails?.parameters ?? '{}') as Entry & { TransactItems?: { Put?: Entry }[] };
  return {
    sagaId: (write.Item ?? write.TransactItems?.[0]?.Put?.Item)?.sagaId?.S,
    beginning: ['TaskScheduled', 'TaskStarted'].includes(tasks.at(-1)?.type ?? '') && !tasks.some(({ type }) => type === 'TaskSucceeded'),
  };
}

interface Entry {
  readonly Item?: { readonly sagaId?: { readonly S?: string } };
}

/** Whether a saga that somebody else has ended goes on nevertheless: its first execution was redriven, and may have called steps since. */
function mayHaveBeenRevived({ startedBy, status }: RegisteredSaga, dead: readonly string[]): boolean {
  return dead.includes(startedBy) && (status === 'COMPENSATED' || status === 'PARKED');
}

/** Whether steps were called after the saga's end was on record. */
function calledSince({ endedAt }: RegisteredSaga, { steps }: SagaLog): boolean {
  return endedAt !== undefined && [...steps.values()].some(({ begunAt }) => begunAt !== undefined && begunAt.getTime() > Date.parse(endedAt));
}

/** @throws `InvalidRecoveryRequest` when the saga is not parked */
function resumptionOf(saga: RegisteredSaga, decision: Resumption['decision'], mine: boolean): Resumption {
  if (saga.status !== 'PARKED' && !mine) {
    throw new NamedError(ERROR.INVALID_RECOVERY, `saga '${saga.sagaId}' is ${saga.status}; only a saga that is PARKED can be resumed`);
  }
  return { decision, position: positionOf(saga) };
}

interface Situation {
  readonly saga: RegisteredSaga;
  readonly log: SagaLog;
  readonly begun: EndedExecution;
  readonly steps: readonly RecoveryStep[];
  readonly resumption: Resumption | undefined;
  /** Including this one. */
  readonly recoveries: number;
}

function planFor({ saga, log, begun, steps, resumption, recoveries }: Situation): RecoveryPlan {
  const position = positionOf(saga);
  const known = {
    sagaId: saga.sagaId,
    input: begun.input,
    results: Object.fromEntries([...log.steps].flatMap(([id, { outcome, result }]) => (outcome === 'DONE' ? [[id, result]] : []))),
    failure: log.failure ?? position.failure ?? failureOf(begun),
    mayHaveCommitted: mayHaveCommitted(steps, log),
    compensations: [],
  };
  // What was on record when the execution died only has to be told.
  const recorded = !resumption && !calledSince(saga, log);
  if (saga.status === 'COMPLETED') return { ...known, status: saga.status, failure: null, entry: STATE.TELL, parked: {} };
  if (saga.status === 'COMPENSATED' && recorded) return { ...known, status: saga.status, entry: STATE.TELL, parked: {}, compensations: log.compensations };
  if (saga.status === 'PARKED' && recorded) {
    return { ...known, status: saga.status, entry: STATE.PARK, parked: position, compensations: position.compensations ?? [] };
  }
  if (recoveries > MAXIMUM_RECOVERIES) {
    return { ...known, status: 'RECOVERING', entry: STATE.PARK, parked: { reason: 'RECOVERY' }, compensations: log.compensations };
  }
  const { entry, parked } = continuation(steps, log, resumption);
  return { ...known, status: 'RECOVERING', entry, parked };
}

function positionOf({ parked = '{}' }: RegisteredSaga): Partial<ParkedPosition> {
  return JSON.parse(parked) as Partial<ParkedPosition>;
}

/** Why an execution died, in place of a failure that it never knew. */
function failureOf({ status, error, cause }: EndedExecution): SagaFailure {
  return { step: 'Execution', error: error === '' ? status : error, cause };
}
