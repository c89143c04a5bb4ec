import { Kernel } from '../../../src/kernel/kernel';
import {
  AslEnvironment, ExecutionOptions, ExecutionOutcome, HistoryEvent, Json, RunningExecution, startExecution, StateMachine, TaskCall,
} from '../../../src/services/stepfunctions/asl';

export const LAMBDA = 'arn:aws:lambda:us-east-1:111111111111:function:work';
export const START = Date.parse('2026-01-01T00:00:00Z');

/** What a test sees of an execution after the world has come to rest. */
export interface Ran {
  readonly outcome: ExecutionOutcome | undefined;
  readonly events: readonly HistoryEvent[];
  readonly calls: readonly TaskCall[];
  /** Milliseconds of virtual time from the start to the end. */
  readonly elapsed: number;
}

export interface RunOptions extends ExecutionOptions {
  readonly task?: (call: TaskCall, kernel: Kernel) => Promise<Json> | Json;
  /** Called once the execution has been started. */
  readonly during?: (running: RunningExecution, kernel: Kernel) => void;
  readonly random?: () => number;
  readonly environment?: Partial<AslEnvironment>;
}

/** Runs a definition on a clock of its own until nothing is left to happen. */
export async function run(definition: object, input: Json = {}, options: RunOptions = {}): Promise<Ran> {
  const kernel = new Kernel({ seed: 1, start: START });
  const events: HistoryEvent[] = [];
  const calls: TaskCall[] = [];
  let tokens = 0;
  let uuids = 0;
  const environment: AslEnvironment = {
    identity: {
      executionArn: 'arn:aws:states:us-east-1:111111111111:execution:machine:run',
      executionName: 'run',
      roleArn: 'arn:aws:iam::111111111111:role/machine',
      stateMachineArn: 'arn:aws:states:us-east-1:111111111111:stateMachine:machine',
      stateMachineName: 'machine',
    },
    now: () => kernel.now,
    sleep: (milliseconds, signal) => kernel.sleep(milliseconds, signal),
    random: options.random ?? (() => 0.5),
    uuid: () => `00000000-0000-4000-8000-${String(++uuids).padStart(12, '0')}`,
    taskToken: () => `token-${++tokens}`,
    runTask: async (call) => {
      calls.push(call);
      if (!options.task) throw new Error('the test runs no tasks');
      return options.task(call, kernel);
    },
    onHistoryEvent: (event) => events.push(event),
    ...options.environment,
  };
  const running = startExecution(StateMachine.parse(definition), input, environment, options);
  let outcome: ExecutionOutcome | undefined;
  let defect: unknown;
  let endedAt = START;
  running.outcome.then(
    (ended) => {
      outcome = ended;
      endedAt = kernel.now;
    },
    (thrown) => { defect = thrown; },
  );
  options.during?.(running, kernel);
  await kernel.run();
  if (defect !== undefined) throw defect;
  return { outcome, events, calls, elapsed: endedAt - START };
}

/** One state that is the whole machine. */
export function machine(state: object, options: object = {}): object {
  return { StartAt: 'S', States: { S: { End: true, ...state } }, ...options };
}

/** The output of a machine that succeeds. */
export async function outputOf(definition: object, input: Json = {}, options: RunOptions = {}): Promise<Json | undefined> {
  const { outcome } = await run(definition, input, options);
  expect(outcome).toMatchObject({ status: 'SUCCEEDED' });
  return outcome!.output;
}

/** What a Pass state makes of a payload template. */
export async function payload(template: Json, input: Json = {}): Promise<Json | undefined> {
  return outputOf(machine({ Type: 'Pass', Parameters: template }), input);
}

/** What one JSONata expression evaluates to. */
export async function jsonata(expression: string, input: Json = {}, options: RunOptions = {}): Promise<Json | undefined> {
  return outputOf(machine({ Type: 'Pass', Output: `{% ${expression} %}` }, { QueryLanguage: 'JSONata' }), input, options);
}

/** What a task gives back when it fails. */
export function fails(error: string | undefined, cause?: string): () => Promise<never> {
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
  return () => Promise.reject({ error, cause });
}
