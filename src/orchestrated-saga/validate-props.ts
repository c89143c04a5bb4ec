import { Construct } from 'constructs';
import { SagaRecovery, SagaWorkflow } from './modes';
import { DEFAULT_RETENTION, OrchestratedSagaProps } from './props';
import { StepCheck } from './saga-step';
import { misuse, wholeSeconds } from '../shared/misuse';

/** An Express workflow ends at five minutes, a Standard one after a year. @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const LONGEST_EXPRESS_DEADLINE_SECONDS = 240;
const LONGEST_DEADLINE_SECONDS = 300 * 86_400;

export function validateProps(scope: Construct, props: OrchestratedSagaProps): void {
  const { deadline, workflow, recovery, steps } = props;
  const retention = props.retention ?? DEFAULT_RETENTION;
  const seconds = wholeSeconds(scope, 'deadline', deadline);
  wholeSeconds(scope, 'retention', retention);
  if (seconds > LONGEST_DEADLINE_SECONDS) {
    throw misuse(scope, `deadline must be at most 300 days, received ${seconds / 86_400}; a workflow has a year, and the saga must be able to go back in it`);
  }
  if (steps.length === 0) throw misuse(scope, 'a saga needs at least one step, received none');
  if (workflow === SagaWorkflow.EXPRESS && recovery !== SagaRecovery.NONE) {
    throw misuse(scope, 'an EXPRESS saga cannot be recovered: Express executions have no history and no status events; say recovery: SagaRecovery.NONE, or use STANDARD');
  }
  if (workflow === SagaWorkflow.EXPRESS && seconds > LONGEST_EXPRESS_DEADLINE_SECONDS) {
    throw misuse(scope, `deadline must be at most ${LONGEST_EXPRESS_DEADLINE_SECONDS} s in EXPRESS mode, received ${seconds} s; use STANDARD for longer`);
  }
}

/** @param checks all steps, those of groups among them, in order; @param groups ids of the groups */
export function validateSteps(
  scope: Construct, { deadline, workflow }: OrchestratedSagaProps, checks: readonly StepCheck[], groups: readonly string[],
): void {
  const ids = new Set<string>();
  for (const id of [...groups, ...checks.map((check) => check.id)]) {
    if (ids.has(id)) throw misuse(scope, `ids of steps must be unique, received '${id}' twice`);
    ids.add(id);
  }
  const pivots = checks.filter(({ pivot }) => pivot);
  if (pivots.length > 1) throw misuse(scope, `a saga has at most one pivot, received ${pivots.map(({ id }) => `'${id}'`).join(' and ')}`);
  const pivot = pivots.length === 0 ? checks.length : checks.indexOf(pivots[0]);
  checks.forEach((check, index) => {
    if (index > pivot) validateBehindPivot(scope, check, pivots[0].id);
    else validateBeforePivot(scope, check);
    if (index <= pivot && check.timeoutSeconds > deadline.toSeconds()) {
      throw misuse(scope, `timeout of step '${check.id}' must be at most the saga's deadline (${deadline.toSeconds()} s), received ${check.timeoutSeconds} s`);
    }
    if (check.approval && workflow === SagaWorkflow.EXPRESS) {
      throw misuse(scope, `step '${check.id}' waits for a person, which EXPRESS sagas cannot; use STANDARD`);
    }
    if (check.waitsFor && workflow === SagaWorkflow.EXPRESS) {
      throw misuse(scope, `step '${check.id}' has a task with '${check.waitsFor}', which EXPRESS sagas cannot wait for; use STANDARD`);
    }
  });
}

function validateBeforePivot(scope: Construct, { id, compensated, noCompensation, retriable }: StepCheck): void {
  if (retriable) throw misuse(scope, `step '${id}' is retriable, but comes before the pivot; leave retriable out, or move the step behind the pivot`);
  if (!compensated && !noCompensation) {
    throw misuse(scope, `step '${id}' comes before the pivot and must have a compensation, or say why there is nothing to undo in noCompensation`);
  }
}

function validateBehindPivot(scope: Construct, { id, compensated, approval, retriable, goingBack }: StepCheck, pivot: string): void {
  if (compensated) throw misuse(scope, `step '${id}' comes behind the pivot '${pivot}' and must not have a compensation: the saga never goes back from there`);
  if (approval) throw misuse(scope, `step '${id}' waits for a person and must come before the pivot '${pivot}': nobody can refuse any more`);
  if (!retriable) throw misuse(scope, `step '${id}' comes behind the pivot '${pivot}' and must say retriable: true: the saga can only go forward from there`);
  if (goingBack) throw misuse(scope, `step '${id}' comes behind the pivot '${pivot}', where ${goingBack} has no meaning: the saga never goes back from there; leave it out`);
}
