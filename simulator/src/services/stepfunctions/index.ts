import type { Service, World } from '../../service';
import type { ExecutionType } from './asl/environment';
import type { ExecutionResult } from './execution';
import { type ExecutionListener, Executions } from './executions';
import { DEFAULT_KEPT_EVENTS, HistoryStore } from './history-store';
import { statesOperations } from './operations';
import { stateMachineProvider } from './resources';
import { ExecutionRunner } from './runner';
import { createStateMachine, type StateMachine, type StateMachineProperties } from './state-machine';
import { TaskTokens } from './task-tokens';

export type { ExecutionResult } from './execution';
export type { ExecutionListener } from './executions';
export type { StateMachineProperties } from './state-machine';

export interface StatesOptions {
  /**
   * How many history events of all executions to keep for GetExecutionHistory; the oldest histories go first. 0 keeps none.
   * @default 25,000
   */
  readonly keepHistory?: number;
}

export interface StateMachineSummary {
  readonly arn: string;
  readonly name: string;
  /** Readable name, as in traces. */
  readonly label: string;
  readonly type: ExecutionType;
  readonly roleArn: string;
}

export interface StatesService extends Service {
  /** Resolves when the execution ends, in virtual time; at once when it has ended. */
  waitFor(executionArn: string): Promise<ExecutionResult>;
  /** Calls back at the end of every execution. */
  onExecutionEnd(listener: ExecutionListener): void;
  stateMachines(): StateMachineSummary[];
  /** Creates a state machine without a template. */
  createStateMachine(properties: StateMachineProperties): StateMachineSummary;
  /** How many tasks wait for a callback now. */
  openTasks(): number;
}

/** AWS Step Functions: Standard and Express workflows. */
export function statesService(world: World, options: StatesOptions = {}): StatesService {
  const tokens = new TaskTokens();
  const history = new HistoryStore(options.keepHistory ?? DEFAULT_KEPT_EVENTS);
  const runner = new ExecutionRunner(world, tokens, history);
  const executions = new Executions(world, runner);
  const create = (properties: StateMachineProperties): StateMachine => {
    const machine = createStateMachine(world, properties);
    executions.addMachine(machine);
    return machine;
  };
  return {
    name: 'states',
    operations: statesOperations(world, executions, tokens, history),
    resources: [stateMachineProvider(create)],
    waitFor: (executionArn) => executions.waitFor(executionArn),
    onExecutionEnd: (listener) => executions.onEnd(listener),
    stateMachines: () => executions.allMachines().map(summary),
    createStateMachine: (properties) => summary(create(properties)),
    openTasks: () => tokens.open,
  };
}

function summary({ arn, name, label, type, roleArn }: StateMachine): StateMachineSummary {
  return { arn, name, label, type, roleArn };
}
