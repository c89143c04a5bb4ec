import { redriveCount } from './begin';
import { onUnknownOf, SagaDescription } from './description';
import { abortErrors } from './forward';
import { retryPersistently } from './retries';
import { jsonata, States } from './states';
import { READABLE_CAUSE } from '../../shared/asl';
import { ERROR, RecoveryPlan, RecoveryStep } from '../contract';
import { STATE } from '../state-names';

/** For services that are down for half an hour: nobody else finishes the saga. */
const RECOVER_RETRY = { maxAttempts: 10, intervalSeconds: 2, backoffRate: 2, maxIntervalSeconds: 300 };
const RECOVER_TIMEOUT_SECONDS = 300;

/**
 * Goes on where an execution has ended, or where a saga was parked: `Recover` reads the log, claims the saga and says in which state to go on.
 * @param entries all states of the saga in which a recovery may begin
 */
export function recoveryStates(description: SagaDescription, recoverArn: string, entries: readonly string[]): States {
  const { partition, deadlineSeconds } = description;
  const plan = (field: keyof RecoveryPlan) => jsonata(`$states.result.Payload.${field}`);
  return {
    [STATE.RECOVER]: {
      Type: 'Task',
      Resource: `arn:${partition}:states:::lambda:invoke`,
      Arguments: {
        FunctionName: recoverArn,
        Payload: { request: jsonata('$states.input'), executionArn: jsonata('$states.context.Execution.Id'), steps: recoverySteps(description) },
      },
      TimeoutSeconds: RECOVER_TIMEOUT_SECONDS,
      Retry: [{ ErrorEquals: [ERROR.INVALID_RECOVERY], MaxAttempts: 0 }, ...retryPersistently(RECOVER_RETRY)],
      Catch: [
        { ErrorEquals: [ERROR.INVALID_RECOVERY], Output: { refusal: jsonata(READABLE_CAUSE) }, Next: STATE.REFUSED },
        {
          ErrorEquals: ['States.ALL'],
          Assign: {
            results: {},
            sagaId: jsonata('$exists($states.input.resumeParked.sagaId) ? $states.input.resumeParked.sagaId : $string($states.input.executionArn)'),
            status: 'PARKED',
            compensations: [],
            parked: { reason: 'RECOVERY' },
            failure: jsonata(`{"step": "${STATE.RECOVER}", "error": $states.errorOutput.Error, "cause": $substring(${READABLE_CAUSE}, 0, 1000)}`),
          },
          Output: {},
          Next: STATE.SEND_PARKED,
        },
      ],
      Assign: {
        sagaId: plan('sagaId'),
        input: plan('input'),
        results: plan('results'),
        failure: plan('failure'),
        status: plan('status'),
        parked: plan('parked'),
        mayHaveCommitted: plan('mayHaveCommitted'),
        compensations: plan('compensations'),
        redrives: redriveCount(),
        deadline: jsonata(`$millis() + ${deadlineSeconds * 1000}`),
      },
      Output: { entry: plan('entry') },
      Next: STATE.WHERE_TO,
    },
    [STATE.WHERE_TO]: {
      Type: 'Choice',
      Choices: entries.map((entry) => ({ Condition: jsonata(`$states.input.entry = ${JSON.stringify(entry)}`), Next: entry })),
      Default: STATE.NOTHING_TO_DO,
    },
    [STATE.NOTHING_TO_DO]: { Type: 'Succeed' },
    [STATE.REFUSED]: { Type: 'Fail', Error: ERROR.INVALID_RECOVERY, Cause: jsonata('$states.input.refusal') },
  };
}

/** What `Recover` has to know of the steps. Its environment has 4 KB, which 40 steps may exceed. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
function recoverySteps({ steps }: SagaDescription): RecoveryStep[] {
  return steps.flatMap((unit) => (unit.kind === 'GROUP' ? unit.steps : [unit]).map((step) => ({
    id: step.id,
    kind: step.action.kind,
    ...(unit.kind === 'GROUP' && { group: unit.id }),
    compensated: step.compensation !== undefined,
    abortOn: abortErrors(step),
    onUnknown: onUnknownOf(step).kind,
    pivot: step.pivot,
  })));
}
