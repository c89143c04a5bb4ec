import { assign, effectiveInput, finish, finishWithoutResult, limitedOutput, Transition } from './transition';
import { StateRun } from '../state-run';

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/state-pass.html */
export async function runPass(run: StateRun): Promise<Transition> {
  const { state } = run;
  if (run.usesJsonata) {
    const output = state.Output === undefined ? run.input : await run.evaluate(state.Output, 'Output');
    await assign(run, state.Assign, run.input);
    return { output: limitedOutput(run, output), next: state.Next };
  }
  const input = effectiveInput(run);
  if (state.Result !== undefined) return finish(run, state.Result);
  if (state.Parameters !== undefined) return finish(run, run.template(state.Parameters, input));
  if (state.ResultPath !== undefined) return finish(run, input);
  return finishWithoutResult(run, input, { next: state.Next, assign: state.Assign });
}
