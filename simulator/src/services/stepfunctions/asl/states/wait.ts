import { effectiveInput, finishWithoutResult, Transition } from './transition';
import { Json } from '../json';
import { StateRun } from '../state-run';
import { parseTimestamp } from '../timestamp';

/** "You can specify a value from 0 to 99999999 seconds." */
const MAX_SECONDS = 99_999_999;

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html */
export async function runWait(run: StateRun): Promise<Transition> {
  const input = run.usesJsonata ? run.input : effectiveInput(run);
  const { environment } = run.branch.execution;
  const until = await wakeTime(run, input);
  const milliseconds = until - environment.now();
  if (milliseconds > 0) await run.branch.scope.race(environment.sleep(milliseconds, run.branch.scope));
  return finishWithoutResult(run, input, { next: run.state.Next, assign: run.state.Assign, output: run.state.Output });
}

async function wakeTime(run: StateRun, input: Json): Promise<number> {
  const { Seconds, SecondsPath, Timestamp, TimestampPath } = run.state;
  const now = run.branch.execution.environment.now();
  if (SecondsPath !== undefined) return now + 1000 * secondsFromPath(run, SecondsPath, input);
  if (TimestampPath !== undefined) return timestampFromPath(run, TimestampPath, input);
  if (Seconds !== undefined) return now + 1000 * (run.usesJsonata ? await secondsFromField(run, Seconds) : Number(Seconds));
  const text = run.usesJsonata ? await run.evaluateAs('string', Timestamp!, 'Timestamp') : Timestamp!;
  const instant = parseTimestamp(text);
  if (instant === undefined) {
    throw run.evaluationFailed('Timestamp', `The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: ${text as string}`);
  }
  return instant.milliseconds;
}

async function secondsFromField(run: StateRun, field: number | string): Promise<number> {
  const seconds = (await run.evaluateAs('number', field, 'Seconds')) as number;
  if (!Number.isInteger(seconds)) throw run.evaluationFailed('Seconds', `The Seconds field cannot be parsed as a long value: ${seconds}`);
  if (seconds < 0) throw run.evaluationFailed('Seconds', `The Seconds field references a negative value: ${seconds}`);
  if (seconds > MAX_SECONDS) throw run.evaluationFailed('Seconds', `The Seconds field exceeds the maximum of ${MAX_SECONDS}: ${seconds}`);
  return seconds;
}

function secondsFromPath(run: StateRun, path: string, input: Json): number {
  const value = run.find(path, input);
  if (value === undefined || value === null) throw run.failure(`The SecondsPath parameter does not reference an input value: ${path}`);
  const seconds = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  if (typeof seconds !== 'number' || !Number.isInteger(seconds)) {
    throw run.failure(`The SecondsPath parameter cannot be parsed as a long value: ${path} == ${asText(value)}`);
  }
  if (seconds < 0) throw run.failure(`The SecondsPath parameter references a negative value: ${path} == ${seconds}`);
  if (seconds > MAX_SECONDS) throw run.failure(`The SecondsPath parameter references a value greater than ${MAX_SECONDS}: ${path} == ${seconds}`);
  return seconds;
}

function timestampFromPath(run: StateRun, path: string, input: Json): number {
  const value = run.find(path, input);
  if (value === undefined || value === null) throw run.failure(`The TimestampPath parameter does not reference an input value: ${path}`);
  const instant = parseTimestamp(value);
  if (instant === undefined) {
    throw run.failure(`The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: ${path} == ${asText(value)}`);
  }
  return instant.milliseconds;
}

function asText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
