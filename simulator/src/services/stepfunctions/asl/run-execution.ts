import { Cancelled } from './cancellation';
import { QueryLanguage, StatesDefinition } from './definition';
import { AslEnvironment, ExecutionOptions, ExecutionOutcome, ExecutionStatus, ExecutionType } from './environment';
import { ErrorName, StateError } from './errors';
import { Execution } from './execution';
import { HistoryThread, MAX_HISTORY_EVENTS } from './history';
import { Json } from './json';
import { BranchProgress, ExecutionProgress } from './progress';
import { StateMachine } from './state-machine';
import { Variables } from './variables';
import { runBranch } from './workflow';

/** "Express workflows can run for up to five minutes." */
const EXPRESS_TIMEOUT_SECONDS = 300;

type Ending = Omit<ExecutionOutcome, 'transitions'>;

/** An execution under way. */
export interface RunningExecution {
  readonly outcome: Promise<ExecutionOutcome>;
  /** StopExecution: everything under way is called off, the outcome is ABORTED. Does nothing once the execution has ended. */
  abort(error?: string, cause?: string): void;
  /** Where a redrive would go on once it has ended. */
  progress(): ExecutionProgress;
}

/** Starts an execution; it takes its first steps before this returns. */
export function startExecution(
  machine: StateMachine, input: Json, environment: AslEnvironment, options: ExecutionOptions = {},
): RunningExecution {
  const { redrive } = options;
  const execution = new Execution(environment, machine, environment.identity, options.type ?? 'STANDARD', input, { lastEventId: redrive?.lastEventId });
  const progress = redrive?.branch ?? new BranchProgress(new Variables());
  let abort: (ending: Ending) => void = () => undefined;
  const aborted = new Promise<Ending>((resolve) => { abort = resolve; });
  const definition = machine.definition;
  const outcome = runExecutionBody(execution, definition, definition.QueryLanguage ?? 'JSONPath', {
    timeoutSeconds: definition.TimeoutSeconds,
    aborted,
    progress,
    redriven: redrive !== undefined,
  });
  return {
    outcome,
    abort: (error, cause) => {
      abort({ status: 'ABORTED', error, cause });
      execution.scope.cancel();
    },
    progress: () => ({ branch: progress, lastEventId: execution.history.lastId }),
  };
}

/** Runs an execution to its end. */
export async function runExecution(
  machine: StateMachine, input: Json, environment: AslEnvironment, options: ExecutionOptions = {},
): Promise<ExecutionOutcome> {
  return startExecution(machine, input, environment, options).outcome;
}

/** Runs the states of an execution, be it a user's or a child of a distributed Map, and turns whatever ends it into its outcome. */
export async function runExecutionBody(
  execution: Execution, states: StatesDefinition, language: QueryLanguage,
  options: { timeoutSeconds?: number; aborted?: Promise<Ending>; progress?: BranchProgress; redriven?: boolean } = {},
): Promise<ExecutionOutcome> {
  const { scope } = execution;
  const thread = new HistoryThread(execution.history, execution.history.lastId);
  if (options.redriven) {
    thread.add('ExecutionRedriven', { redriveCount: execution.identity.redriveCount });
    // "Execution redrives are considered as state transitions."
    execution.transitions++;
  } else {
    thread.add('ExecutionStarted', { input: execution.input });
  }
  const progress = options.progress ?? new BranchProgress(new Variables());
  const timeoutSeconds = executionTimeout(options.timeoutSeconds, execution.type);
  const timeout = timeoutSeconds === undefined ? [] : [timedOut(execution, timeoutSeconds)];
  const interrupted = new Promise<Ending>((resolve) => scope.onCancel(() => {
    // An abort tells its own ending; otherwise the history is full, or a parent called this child off.
    if (execution.historyFull) resolve(historyFull());
    else if (!options.aborted) resolve({ status: 'ABORTED' });
  }));
  let ending: Ending;
  try {
    ending = await Promise.race([
      ...(options.aborted ? [options.aborted] : []),
      interrupted,
      ...timeout,
      completed(execution, states, language, thread, progress),
    ]);
  } finally {
    scope.cancel();
  }
  // What ends an execution from outside follows no event of it. Recorded on AWS: only the event of a timeout names States.Timeout.
  const last = ending.status === 'TIMED_OUT' || ending.status === 'ABORTED' ? new HistoryThread(execution.history, 0) : thread;
  last.add(END_EVENTS[ending.status], {
    output: ending.output,
    error: ending.status === 'TIMED_OUT' ? ErrorName.TIMEOUT : ending.error,
    cause: ending.cause,
  });
  return { ...ending, transitions: execution.transitions };
}

const END_EVENTS = {
  SUCCEEDED: 'ExecutionSucceeded',
  FAILED: 'ExecutionFailed',
  TIMED_OUT: 'ExecutionTimedOut',
  ABORTED: 'ExecutionAborted',
} as const satisfies Record<ExecutionStatus, string>;

async function completed(
  execution: Execution, states: StatesDefinition, language: QueryLanguage, thread: HistoryThread, progress: BranchProgress,
): Promise<Ending> {
  try {
    const { scope, input } = execution;
    const output = await runBranch({ execution, states, language, progress, variables: progress.variables, scope, thread }, input);
    return { status: 'SUCCEEDED', output };
  } catch (thrown) {
    if (thrown instanceof StateError) return { status: 'FAILED', error: thrown.error, cause: thrown.causeText };
    // The scope was cancelled: what cancelled it tells how the execution ends.
    if (thrown instanceof Cancelled) return new Promise<Ending>(() => undefined);
    throw thrown;
  }
}

async function timedOut(execution: Execution, seconds: number): Promise<Ending> {
  await execution.environment.sleep(seconds * 1000, execution.scope);
  return { status: 'TIMED_OUT' };
}

function historyFull(): Ending {
  return {
    status: 'FAILED',
    error: ErrorName.RUNTIME,
    cause: `The execution reached the maximum number of history events (${MAX_HISTORY_EVENTS}).`,
  };
}

/** What ends an execution that takes too long: its own limit, and for express ones never more than that of all. */
function executionTimeout(own: number | undefined, type: ExecutionType): number | undefined {
  return type === 'EXPRESS' ? Math.min(own ?? EXPRESS_TIMEOUT_SECONDS, EXPRESS_TIMEOUT_SECONDS) : own;
}
