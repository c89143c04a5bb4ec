import { causeAgrees, hasPlaceholder, matchesRecorded } from './placeholders';
import { CaseResult } from './result';
import { Kernel } from '../kernel/kernel';
import { AslEnvironment, ExecutionOutcome, Json, runExecution, StateMachine, TaskCall } from '../services/stepfunctions/asl';

/** What a task state was given and gave back on AWS. A task with neither output nor error was still running when the execution ended. */
interface RecordedTask {
  readonly state: string;
  readonly parameters?: Json;
  readonly output?: Json;
  readonly error?: { readonly type: string; readonly error: string | null; readonly cause: Json };
}

export interface AslCase {
  readonly id: string;
  readonly definition: object;
  readonly input: Json;
  readonly path?: readonly string[];
  readonly tasks: readonly RecordedTask[];
  readonly expected: { readonly status: string; readonly output?: Json; readonly error?: string | null; readonly cause?: Json };
}

export const ASL_CASE_FIELDS = ['id', 'definition', 'input', 'tasks', 'expected'];

const EXECUTION_ARN = 'arn:aws:states:us-east-1:111111111111:execution:machine:execution';

/** Runs a recorded execution with the recorded answers of its tasks, on a clock of its own. */
export async function runAslCase(recorded: AslCase): Promise<CaseResult> {
  const kernel = new Kernel({ seed: 1 });
  const path: string[] = [];
  const complaints: string[] = [];
  const tasks = new TaskPlayer(recorded.tasks, complaints);
  const environment: AslEnvironment = {
    identity: {
      executionArn: EXECUTION_ARN,
      executionName: 'execution',
      roleArn: 'arn:aws:iam::111111111111:role/machine',
      stateMachineArn: 'arn:aws:states:us-east-1:111111111111:stateMachine:machine',
      stateMachineName: 'machine',
    },
    now: () => kernel.now,
    sleep: (milliseconds, signal) => kernel.sleep(milliseconds, signal),
    random: () => kernel.random.next(),
    uuid: () => '00000000-0000-4000-8000-000000000000',
    taskToken: () => 'task-token',
    runTask: (call) => tasks.run(call),
    onHistoryEvent: (event, executionArn) => {
      if (executionArn === EXECUTION_ARN && event.type.endsWith('StateEntered')) path.push(event.details.name!);
    },
    writeMapResults: async () => undefined,
  };
  let outcome: ExecutionOutcome | undefined;
  try {
    const run = runExecution(StateMachine.parse(recorded.definition), recorded.input, environment).then((ended) => { outcome = ended; });
    await Promise.race([run, kernel.run()]);
    if (outcome === undefined) await Promise.race([run, new Promise((resolve) => setImmediate(resolve))]);
  } catch (thrown) {
    complaints.push((thrown as Error).message);
  }
  if (outcome === undefined && complaints.length === 0) complaints.push('the execution never ended');
  const { status, output, error, cause } = outcome ?? {};
  const passed = complaints.length === 0 && outcome !== undefined &&
    endsAsRecorded(recorded, outcome) && (recorded.path === undefined || samePath(recorded, path));
  return {
    id: recorded.id,
    passed,
    expected: { ...recorded.expected, path: recorded.path },
    actual: { status, output, error, cause, path, ...(complaints.length > 0 ? { complaints } : {}) },
  };
}

function endsAsRecorded({ expected }: AslCase, outcome: ExecutionOutcome): boolean {
  if (expected.status !== outcome.status) return false;
  if (expected.status === 'SUCCEEDED') return matchesRecorded(expected.output ?? null, outcome.output);
  // Of a timeout only the history names the error, DescribeExecution does not.
  const error = expected.status === 'TIMED_OUT' && expected.error === 'States.Timeout' ? undefined : expected.error ?? undefined;
  return error === outcome.error && causeAgrees(expected.cause, outcome.cause);
}

/** "The order of concurrent branches is free": where there are any, the states entered must be the same ones, as often, in whatever order. */
function samePath({ path = [], definition }: AslCase, actual: readonly string[]): boolean {
  const ordered = (names: readonly string[]) => JSON.stringify(runsSideBySide(definition) ? [...names].sort() : names);
  return ordered(path) === ordered(actual);
}

function runsSideBySide(definition: unknown): boolean {
  if (typeof definition !== 'object' || definition === null) return false;
  const { Type } = definition as { Type?: unknown };
  return Type === 'Parallel' || Type === 'Map' || Object.values(definition).some(runsSideBySide);
}

/** Gives each task state the answers that were recorded for it, in their order. */
class TaskPlayer {
  private readonly left: Map<string, RecordedTask[]>;

  constructor(tasks: readonly RecordedTask[], private readonly complaints: string[]) {
    this.left = new Map();
    for (const task of tasks) this.left.set(task.state, [...(this.left.get(task.state) ?? []), task]);
  }

  async run(call: TaskCall): Promise<Json> {
    const task = this.left.get(call.stateName)?.shift();
    if (task === undefined) throw new Error(`state '${call.stateName}' ran a task that was not recorded`);
    if (task.parameters !== undefined && !hasPlaceholder(task.parameters) && !matchesRecorded(task.parameters, call.parameters)) {
      this.complaints.push(`state '${call.stateName}' gave its task ${JSON.stringify(call.parameters)}, not ${JSON.stringify(task.parameters)}`);
    }
    // A task that timed out, or was running to the end, never answers: the interpreter's own timeout must come.
    const hasTimer = (call.timeoutSeconds ?? call.heartbeatSeconds) !== undefined;
    if (task.error === undefined && task.output === undefined) return new Promise<Json>(() => undefined);
    if (task.error?.error === 'States.Timeout' && task.error.type.endsWith('TimedOut') && hasTimer) return new Promise<Json>(() => undefined);
    if (task.error === undefined) return task.output!;
    const { error, cause } = task.error;
    // eslint-disable-next-line @typescript-eslint/only-throw-error
    throw { error: error ?? undefined, cause: cause === null ? undefined : typeof cause === 'string' ? cause : JSON.stringify(cause) };
  }
}
