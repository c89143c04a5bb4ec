import type { ExecutionStatus } from './asl/environment';
import type { ExecutionProgress } from './asl/progress';
import { type Redrive, redriveStatus } from './redrive';
import type { StateMachine } from './state-machine';

/** How an execution ended. */
export interface ExecutionResult {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly status: ExecutionStatus;
  /** Milliseconds since 1970. */
  readonly startDate: number;
  readonly stopDate: number;
  /** JSON text. */
  readonly input: string;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

/** An execution: what is kept of it is what DescribeExecution tells. */
export class Execution {
  status: ExecutionStatus | 'RUNNING' = 'RUNNING';
  stopDate?: number;
  output?: string;
  error?: string;
  cause?: string;
  /** Stops what runs; only while it does. */
  abort?: (error?: string, cause?: string) => void;
  /** How far it has come; set when it ends. */
  progress?: ExecutionProgress;
  redriveCount = 0;
  redrive?: Redrive;

  /** The dates are whole milliseconds since 1970. */
  constructor(readonly arn: string, readonly name: string, readonly machine: StateMachine, readonly input: string, readonly startDate: number) {}

  /** The execution as it was before it ended. */
  asStarted(): Execution {
    const { redriveCount, redrive } = this;
    return Object.assign(new Execution(this.arn, this.name, this.machine, this.input, this.startDate), { redriveCount, redrive });
  }

  result(): ExecutionResult {
    if (this.status === 'RUNNING') throw new Error(`execution '${this.arn}' has not ended`);
    return {
      executionArn: this.arn,
      stateMachineArn: this.machine.arn,
      name: this.name,
      status: this.status,
      startDate: this.startDate,
      stopDate: this.stopDate!,
      input: this.input,
      output: this.output,
      error: this.error,
      cause: this.cause,
    };
  }
}

/** DescribeExecution's answer. */
export function describe(execution: Execution, now: number) {
  const { status, output, error, cause, stopDate, redriveCount, redrive } = execution;
  return {
    executionArn: execution.arn,
    stateMachineArn: execution.machine.arn,
    name: execution.name,
    status,
    startDate: new Date(execution.startDate),
    ...(stopDate === undefined ? {} : { stopDate: new Date(stopDate) }),
    input: execution.input,
    inputDetails: { included: true },
    ...(output === undefined ? {} : { output, outputDetails: { included: true } }),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
    redriveCount,
    ...(redrive === undefined ? {} : { redriveDate: new Date(redrive.at) }),
    ...redriveStatus(execution, now),
  };
}
