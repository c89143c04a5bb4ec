import { applyResultPath, assign, limitedOutput, Transition } from './transition';
import { Catcher, Retrier } from '../definition';
import { ErrorName, errorMatches, StateError } from '../errors';
import { StateRun } from '../state-run';

/** The defaults of a retrier. @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html */
const DEFAULT_MAX_ATTEMPTS = 3;
const DEFAULT_INTERVAL_SECONDS = 1;
const DEFAULT_BACKOFF_RATE = 2;

/** Runs a state that may fail: again as its `Retry` says, then over to its `Catch`. */
export async function withRecovery(run: StateRun, attempt: () => Promise<Transition>): Promise<Transition> {
  const attempts = new Map<Retrier, number>();
  const { execution, scope } = run.branch;
  for (;;) {
    try {
      return await attempt();
    } catch (thrown) {
      if (!(thrown instanceof StateError)) throw thrown;
      scope.throwIfCancelled();
      const delay = retryDelay(run, thrown, attempts);
      if (delay === undefined) return handOver(run, thrown);
      if (delay > 0) await scope.race(execution.environment.sleep(delay, scope));
      run.retryCount++;
      execution.transitions++;
    }
  }
}

/** "If the state failed because of a `States.DataLimitExceeded` error, the … state is rerun, including the branches that were successful." */
export function rerunAll(run: StateRun, thrown: unknown): never {
  if (thrown instanceof StateError && thrown.error === ErrorName.DATA_LIMIT_EXCEEDED) run.branch.progress.inner = undefined;
  throw thrown;
}

/** Milliseconds until the next attempt, or `undefined` when no retrier grants one. The first one that matches decides. */
function retryDelay(run: StateRun, failure: StateError, attempts: Map<Retrier, number>): number | undefined {
  const retrier = run.state.Retry?.find(({ ErrorEquals }) => ErrorEquals.some((name) => errorMatches(name, failure)));
  if (!retrier) return undefined;
  const made = attempts.get(retrier) ?? 0;
  if (made >= (retrier.MaxAttempts ?? DEFAULT_MAX_ATTEMPTS)) return undefined;
  attempts.set(retrier, made + 1);
  const grown = (retrier.IntervalSeconds ?? DEFAULT_INTERVAL_SECONDS) * (retrier.BackoffRate ?? DEFAULT_BACKOFF_RATE) ** made;
  const seconds = Math.min(grown, retrier.MaxDelaySeconds ?? Infinity);
  // Full jitter: "a random value between 0 and the delay".
  const jittered = retrier.JitterStrategy === 'FULL' ? seconds * run.branch.execution.environment.random() : seconds;
  return Math.round(jittered * 1000);
}

async function handOver(run: StateRun, failure: StateError): Promise<Transition> {
  const catchers = run.state.Catch ?? [];
  const index = catchers.findIndex(({ ErrorEquals }) => ErrorEquals.some((name) => errorMatches(name, failure)));
  if (index < 0) throw failure;
  return caught(run, catchers[index], `Catch[${index}]/`, failure);
}

async function caught(run: StateRun, catcher: Catcher, place: string, failure: StateError): Promise<Transition> {
  const errorOutput = failure.toErrorOutput();
  const output = run.usesJsonata ?
    catcher.Output === undefined ? errorOutput : await run.evaluate(catcher.Output, `${place}Output`, { errorOutput }) :
    applyResultPath(run, catcher.ResultPath, errorOutput);
  await assign(run, catcher.Assign, errorOutput, { errorOutput }, place);
  return { output: limitedOutput(run, output), next: catcher.Next };
}
