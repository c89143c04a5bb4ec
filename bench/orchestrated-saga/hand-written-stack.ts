import { Duration, type Stack } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Design } from './design';
import type { Participants } from './participants';
import type { SagaShape, ShapeGroup, ShapeStep } from './saga-shape';
import { REFUSAL, STEP_TIMEOUT_SECONDS } from './trouble';

const MACHINE = 'Trip';

/** Where a step that has failed leads: to the undoing of the steps before, as if it had certainly done nothing, or of the step itself, too. */
type WayBack = 'steps before' | 'step itself';

/**
 * What teams write first: a state for each step, with Retry, and Catch to a chain of compensations that ends in Fail. Attempts are as many as
 * those of `OrchestratedSaga`, after timeouts, too. No registry, nothing that finishes an execution that died, no end for a compensation that keeps failing.
 */
function handWritten(name: string, wayBack: WayBack): Design {
  return {
    name,
    machine: MACHINE,
    // No step is a pivot: the last one's failure undoes the charge.
    undoesPivot: { step: 'Ticket', direction: 'DO', fault: 'exception for ever' },

    build(stack, shape, participants, timeLimit = Duration.hours(1)) {
      new sfn.StateMachine(stack, MACHINE, {
        definitionBody: sfn.DefinitionBody.fromChainable(chain(stack, shape, participants, wayBack)),
        timeout: timeLimit,
      });
    },

    /** Each execution that has ended says that all is done, or else that nothing is. */
    async ends(_scene, { outcomes }) {
      return outcomes.map(({ status }) => (status === 'SUCCEEDED' ? 'COMPLETED' : 'COMPENSATED'));
    },
  };
}

export const handWrittenSaga = handWritten('hand-written', 'steps before');
export const handWrittenSagaUndoingItself = handWritten('hand-written, undoes the failed step too', 'step itself');

function chain(stack: Stack, shape: SagaShape, participants: Participants, wayBack: WayBack): sfn.IChainable {
  let compensations: sfn.State & sfn.INextable | sfn.Fail = new sfn.Fail(stack, 'Failed', { error: 'SagaFailed' });
  const units: (sfn.State & sfn.INextable)[] = [];
  for (const [index, unit] of shape.entries()) {
    const before: sfn.State = compensations;
    // Nothing undoes a last step whose failure is taken for no effect.
    const isUndone = index < shape.length - 1 || 'steps' in unit || wayBack === 'step itself';
    const undo = isUndone ? undoOf(stack, unit, participants) : undefined;
    undo?.next(before);
    compensations = undo ?? compensations;
    const back = 'steps' in unit || wayBack === 'step itself' ? compensations : before;
    units.push(doOf(stack, unit, participants, back));
  }
  return units.reduceRight<sfn.IChainable>((next, unit) => sfn.Chain.start(unit).next(next), new sfn.Succeed(stack, 'Succeeded'));
}

function doOf(stack: Stack, unit: ShapeStep | ShapeGroup, participants: Participants, back: sfn.State): sfn.Parallel | sfn.TaskStateBase {
  if (!('steps' in unit)) {
    return invoke(stack, unit.id, participants.doing(unit.id), ACTION_RETRY).addCatch(back, { resultPath: '$.failure' });
  }
  const group = new sfn.Parallel(stack, unit.id, { resultPath: `$.${unit.id}` });
  for (const { id } of unit.steps) group.branch(invoke(stack, id, participants.doing(id), ACTION_RETRY));
  return group.addCatch(back, { resultPath: '$.failure' });
}

function undoOf(stack: Stack, unit: ShapeStep | ShapeGroup, participants: Participants): sfn.Parallel | sfn.TaskStateBase | undefined {
  const undo = ({ id }: ShapeStep) => invoke(stack, `Undo ${id}`, participants.undoing(id), COMPENSATION_RETRY);
  if (!('steps' in unit)) return unit.behindPivot ? undefined : undo(unit);
  const group = new sfn.Parallel(stack, `Undo ${unit.id}`, { resultPath: sfn.JsonPath.DISCARD });
  for (const step of unit.steps) group.branch(undo(step));
  return group;
}

const ACTION_RETRY: sfn.RetryProps = { errors: ['States.ALL'], maxAttempts: 3, interval: Duration.seconds(1), backoffRate: 2, maxDelay: Duration.seconds(30) };
const COMPENSATION_RETRY: sfn.RetryProps = { errors: ['States.ALL'], maxAttempts: 6, interval: Duration.seconds(2), backoffRate: 2, maxDelay: Duration.seconds(60) };

function invoke(stack: Stack, id: string, lambdaFunction: LambdaFunction, retry: sfn.RetryProps): sfn.TaskStateBase {
  return new tasks.LambdaInvoke(stack, id, {
    lambdaFunction,
    payload: sfn.TaskInput.fromJsonPathAt('$'),
    resultSelector: { 'result.$': '$.Payload' },
    resultPath: `$['${id}']`,
    taskTimeout: sfn.Timeout.duration(Duration.seconds(STEP_TIMEOUT_SECONDS)),
    retryOnServiceExceptions: false,
  }).addRetry({ errors: [REFUSAL], maxAttempts: 0 }).addRetry({ ...retry, jitterStrategy: sfn.JitterType.FULL });
}
