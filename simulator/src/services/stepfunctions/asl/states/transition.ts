import { ErrorName } from '../errors';
import { isObject, Json, JsonObject } from '../json';
import { CannotPlace, placeAt } from '../jsonpath/reference-path';
import { StateRun } from '../state-run';

/** Where a state leads: its output, and the next state unless it is the end of its branch. */
export interface Transition {
  readonly output: Json;
  readonly next?: string;
}

/** `InputPath`; `null` stands for an empty object. */
export function effectiveInput(run: StateRun): Json {
  const { InputPath } = run.state;
  if (InputPath === undefined) return run.input;
  return InputPath === null ? {} : run.path(InputPath, run.input);
}

export function applyOutputPath(run: StateRun, value: Json): Json {
  const { OutputPath } = run.state;
  if (OutputPath === undefined) return value;
  return OutputPath === null ? {} : run.path(OutputPath, value);
}

/** Puts a result into the state's raw input where the path says; `null` drops the result. */
export function applyResultPath(run: StateRun, path: string | null | undefined, result: Json): Json {
  if (path === undefined || path === '$') return result;
  if (path === null) return run.input;
  try {
    return placeAt(run.branch.execution.machine.expressions.path(path), run.input, result);
  } catch (thrown) {
    if (!(thrown instanceof CannotPlace)) throw thrown;
    throw run.failure(thrown.message, ErrorName.RESULT_PATH_MATCH_FAILURE);
  }
}

/** What `Assign` says, evaluated with the variables as they were before, then assigned all at once. */
export async function assign(
  run: StateRun, template: Json | undefined, input: Json, extra: { result?: Json; errorOutput?: Json } = {}, place = '',
): Promise<void> {
  if (template === undefined) return;
  const values = run.usesJsonata ? await run.evaluate(template, `${place}Assign`, extra) : run.template(template, input);
  if (!isObject(values)) throw run.failure('The Assign field must evaluate to an object');
  run.assigned = run.withinLimit(values) as JsonObject;
  run.branch.variables.assign(run.assigned);
}

/** The end of a state that has a result: its output and variables, made in the state's language. */
export async function finish(run: StateRun, result: Json, options: { shaped?: Json } = {}): Promise<Transition> {
  if (run.usesJsonata) {
    const extra = { result };
    const output = run.state.Output === undefined ? result : await run.evaluate(run.state.Output, 'Output', extra);
    await assign(run, run.state.Assign, result, extra);
    return { output: limitedOutput(run, output), next: run.state.Next };
  }
  const shaped = options.shaped ?? (run.state.ResultSelector === undefined ? result : run.template(run.state.ResultSelector, result));
  const output = applyOutputPath(run, applyResultPath(run, run.state.ResultPath, shaped));
  await assign(run, run.state.Assign, shaped);
  return { output: limitedOutput(run, output), next: run.state.Next };
}

/** The end of a state without a result (Wait, Succeed, Choice, a Pass without one): the input goes on. */
export async function finishWithoutResult(
  run: StateRun, input: Json, options: { next?: string; assign?: Json; output?: Json; place?: string } = {},
): Promise<Transition> {
  const output = run.usesJsonata ?
    options.output === undefined ? run.input : await run.evaluate(options.output, `${options.place ?? ''}Output`) :
    applyOutputPath(run, input);
  await assign(run, options.assign, input, {}, options.place);
  return { output: limitedOutput(run, output), next: options.next };
}

export function limitedOutput(run: StateRun, output: Json): Json {
  return output === run.input ? output : run.withinLimit(output);
}
