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
  const request = parseRecoveryRequest(received);
  const { sagaId, dead } = await trace(request, executionArn, dependencies.log);
  const saga = sagaId === undefined ? undefined : await dependencies.registry.find(sagaId);
  if (!saga) {
    if (request.resume) throw new NamedError(ERROR.INVALID_RECOVERY, `there is no saga '${request.resume.sagaId}'`);
    return NOTHING_TO_DO;
  }
  const begun = await dependencies.log.describe(saga.startedBy);
  const log = readSagaLog(await dependencies.log.events(saga.startedBy), dependencies.steps, dependencies.resultLimit);
  const mine = saga.executionArn === executionArn;
  const resumption = request.resume && resumptionOf(saga, request.resume.decision, mine);
  if (!mine && !resumption && !isOrphaned(saga, dead, log)) return NOTHING_TO_DO;

  // Before the claim: a refused request changes nothing.
  const plan = planFor(saga, log, begun, dependencies.steps, resumption);
  if (!mine && !await dependencies.registry.claim(saga, executionArn, plan.status)) return NOTHING_TO_DO;
  return plan;
}

/** Which saga it is, and which executions of it have died: the one that is named, and those that it was to recover itself. */
async function trace(request: ParsedRequest, me: string, log: ExecutionLog): Promise<{ sagaId: string | undefined; dead: string[] }> {
  const dead: string[] = [];
  for (let next = request; ;) {
    if (next.resume) return { sagaId: next.resume.sagaId, dead };
    const { executionArn, input } = await log.describe(next.executionArn);
    dead.push(executionArn);
    if (stateMachineOf(executionArn) !== stateMachineOf(me)) return { sagaId: sagaIdOf(await log.events(executionArn)), dead };
    next = parseRecoveryRequest(input);
  }
}

/** `arn:…:execution:<state machine>:<execution>` */
function stateMachineOf(executionArn: string): string | undefined {
  return executionArn.split(':')[6];
}

/** What the execution was about to enter in the registry, or has entered: its first write, on record before it was made. */
function sagaIdOf(events: readonly HistoryEvent[]): string | undefined {
  const first = events.find(({ type }) => type === 'TaskScheduled')?.taskScheduledEventDetails?.parameters;
  const write = JSON.parse(first ?? '{}') as Entry & { TransactItems?: { Put?: Entry }[] };
  return (write.Item ?? write.TransactItems?.[0]?.Put?.Item)?.sagaId?.S;
}

interface Entry {
  readonly Item?: { readonly sagaId?: { readonly S?: string } };
}

/**
 * Whether a saga is one that the dead have left. One that somebody else has ended is, too, if its first execution was redriven and has called
 * steps since.
 */
function isOrphaned(saga: RegisteredSaga, dead: readonly string[], log: SagaLog): boolean {
  if (dead.includes(saga.executionArn)) return true;
  if (!dead.includes(saga.startedBy)) return false;
  if (saga.status === 'RECOVERING') throw new Error(`saga '${saga.sagaId}' is being recovered by ${saga.executionArn}; this looks again later`);
  return saga.status !== 'COMPLETED' && calledSince(saga, log);
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
  return { decision, position: JSON.parse(saga.parked ?? '{}') as Partial<ParkedPosition> };
}

function planFor(
  saga: RegisteredSaga, log: SagaLog, begun: EndedExecution, steps: readonly RecoveryStep[], resumption: Resumption | undefined,
): RecoveryPlan {
  const position = JSON.parse(saga.parked ?? '{}') as Partial<ParkedPosition>;
  const known = {
    sagaId: saga.sagaId,
    input: begun.input,
    results: Object.fromEntries([...log.steps].flatMap(([id, { outcome, result }]) => (outcome === 'DONE' ? [[id, result]] : []))),
    failure: log.failure ?? position.failure ?? failureOf(begun),
    mayHaveCommitted: mayHaveCommitted(steps, log),
    compensations: [],
  };
  if (saga.recoveries >= MAXIMUM_RECOVERIES && !resumption && saga.status === 'RECOVERING') {
    return { ...known, status: 'RECOVERING', entry: STATE.PARK, parked: { reason: 'RECOVERY' } };
  }
  // What was on record when the execution died only has to be told.
  if (saga.status === 'COMPLETED') return { ...known, status: saga.status, failure: null, entry: STATE.TELL, parked: {} };
  if (saga.status === 'COMPENSATED' && !calledSince(saga, log)) return { ...known, status: saga.status, entry: STATE.TELL, parked: {} };
  if (saga.status === 'PARKED' && !resumption && !calledSince(saga, log)) return { ...known, status: saga.status, entry: STATE.PARK, parked: position };
  const { entry, parked } = continuation(steps, log, resumption);
  const completes = entry === STATE.COMPLETE;
  return { ...known, status: 'RECOVERING', failure: completes ? null : known.failure, entry, parked };
}

/** Why an execution died, in place of a failure that it never knew. */
function failureOf({ status, error, cause }: EndedExecution): SagaFailure {
  return { step: 'Execution', error: error === '' ? status : error, cause };
}
