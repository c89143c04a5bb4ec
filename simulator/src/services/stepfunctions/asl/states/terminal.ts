import { effectiveInput, finishWithoutResult, Transition } from './transition';
import { StateError } from '../errors';
import { Json } from '../json';
import { StateRun } from '../state-run';

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/state-succeed.html */
export async function runSucceed(run: StateRun): Promise<Transition> {
  return finishWithoutResult(run, run.usesJsonata ? run.input : effectiveInput(run), { assign: run.state.Assign, output: run.state.Output });
}

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/state-fail.html */
export async function runFail(run: StateRun): Promise<Transition> {
  throw new StateError(await failText(run, 'Error'), await failText(run, 'Cause'));
}

async function failText(run: StateRun, field: 'Error' | 'Cause'): Promise<string | undefined> {
  const fixed = run.state[field];
  if (fixed !== undefined) return run.usesJsonata ? (await run.evaluateAs('string', fixed, field)) as string : fixed;
  const path = run.state[`${field}Path`];
  if (path === undefined) return undefined;
  const value: Json = run.query(path, `${field}Path`, run.input);
  if (typeof value !== 'string') {
    throw run.failure(`The JSONPath '${path}' specified for the field '${field}Path' must refer to a string but was: ${JSON.stringify(value)}`);
  }
  return value;
}
