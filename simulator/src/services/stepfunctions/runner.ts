import type { World } from '../../service';
import { metricRecorder, type MetricRecorder } from '../cloudwatch/metric';
import type { AslEnvironment, ExecutionOutcome, ExecutionStatus, TaskCall } from './asl/environment';
import type { HistoryEvent } from './asl/history';
import type { Json } from './asl/json';
import { BranchProgress, type ExecutionProgress } from './asl/progress';
import { startExecution } from './asl/run-execution';
import { Variables } from './asl/variables';
import { type ExpressBill, expressBill } from './billing';
import type { Execution } from './execution';
import type { HistoryStore } from './history-store';
import { runIntegration } from './integrations';
import type { TaskContext } from './integrations/integration';
import { publishStatus } from './status-events';
import type { TaskTokens } from './task-tokens';

const METRICS: Readonly<Record<ExecutionStatus, string>> = {
  SUCCEEDED: 'ExecutionsSucceeded',
  FAILED: 'ExecutionsFailed',
  TIMED_OUT: 'ExecutionsTimedOut',
  ABORTED: 'ExecutionsAborted',
};

/** Of an execution that was stopped before it took a step. */
function fromTheStart(): ExecutionProgress {
  return { branch: new BranchProgress(new Variables()), lastEventId: 0 };
}

/** Runs executions with the simulated world as their environment. */
export class ExecutionRunner {
  private readonly random;
  private readonly recordMetric: MetricRecorder;
  private ended?: (execution: Execution) => void;

  constructor(private readonly world: World, private readonly tokens: TaskTokens, private readonly history: HistoryStore) {
    this.random = world.kernel.random.fork('states/executions');
    this.recordMetric = metricRecorder(world);
  }

  /** Calls back when an execution ends: once for each, however often it ran. */
  onEnd(callback: (execution: Execution) => void) {
    this.ended = callback;
  }

  /** An execution exists from now on, whether or not it has taken its first step. */
  announce(execution: Execution) {
    this.trace(execution, 'states.start', {});
    this.metric(execution, 'ExecutionsStarted', 1, 'Count');
    if (execution.machine.type === 'STANDARD') publishStatus(this.world, execution);
    else this.world.meter.add('states.express.requests');
  }

  /** An execution that has ended goes on. @see https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html (ExecutionsRedriven) */
  announceRedrive(execution: Execution) {
    this.trace(execution, 'states.redrive', { redriveCount: execution.redriveCount });
    this.metric(execution, 'ExecutionsRedriven', 1, 'Count');
    publishStatus(this.world, execution);
  }

  /** Runs an execution from its first state, or from where it ended before its redrive; resolves when it has ended, to the bill of an Express execution. */
  async run(execution: Execution): Promise<ExpressBill | undefined> {
    const { machine } = execution;
    const startedAt = this.world.kernel.now;
    let entered = 0;
    let steps = 0;
    const environment = this.environment(execution, (event, executionArn) => {
      if (event.type === 'MapIterationStarted' || event.type === 'ParallelStateStarted') steps++;
      if (event.type.endsWith('StateEntered')) {
        entered++;
        this.trace(execution, 'states.enter', { state: event.details.name });
        // "Step Functions counts a state transition each time a step of your workflow is executed." https://aws.amazon.com/step-functions/pricing/
        if (machine.type === 'STANDARD') this.world.meter.add('states.transitions');
      }
      if (machine.type === 'STANDARD' && executionArn === execution.arn) this.history.add(executionArn, event);
    });
    const redrive = execution.redriveCount === 0 ? undefined : execution.progress ?? fromTheStart();
    const running = startExecution(machine.definition, JSON.parse(execution.input) as Json, environment, { type: machine.type, redrive });
    execution.abort = running.abort;
    const outcome = await running.outcome;
    execution.progress = running.progress();
    // "Each retry will be charged as an additional state transition."
    if (machine.type === 'STANDARD') this.world.meter.add('states.transitions', Math.max(0, outcome.transitions - entered));
    const output = outcome.output === undefined ? undefined : JSON.stringify(outcome.output);
    const bill = machine.type === 'EXPRESS' ? this.bill(execution, startedAt, steps, output) : undefined;
    this.finish(execution, { ...outcome, output });
    return bill;
  }

  /** Ends an execution that has not run yet. */
  cancel(execution: Execution, error?: string, cause?: string) {
    this.finish(execution, { status: 'ABORTED', error, cause });
  }

  private finish(execution: Execution, outcome: Pick<ExecutionOutcome, 'status' | 'error' | 'cause'> & { output?: string }) {
    // The second run of an Express execution that was started twice changes nothing about how the first one ended.
    if (execution.status !== 'RUNNING') return;
    const { kernel } = this.world;
    Object.assign(execution, {
      status: outcome.status, output: outcome.output, error: outcome.error, cause: outcome.cause, stopDate: Math.floor(kernel.now), abort: undefined,
    });
    this.trace(execution, 'states.end', { status: outcome.status, ...(outcome.error === undefined ? {} : { error: outcome.error }) });
    this.metric(execution, METRICS[outcome.status], 1, 'Count');
    if (execution.redriveCount > 0) this.metric(execution, `Redriven${METRICS[outcome.status]}`, 1, 'Count');
    this.metric(execution, 'ExecutionTime', execution.stopDate! - execution.startDate, 'Milliseconds');
    if (execution.machine.type === 'STANDARD') publishStatus(this.world, execution);
    this.ended?.(execution);
  }

  private environment(execution: Execution, onHistoryEvent: (event: HistoryEvent, executionArn: string) => void): AslEnvironment {
    const { kernel, latency } = this.world;
    const { machine, arn } = execution;
    return {
      identity: {
        executionArn: arn,
        executionName: execution.name,
        roleArn: machine.roleArn,
        stateMachineArn: machine.arn,
        stateMachineName: machine.name,
        ...(execution.redrive && {
          redriveCount: execution.redriveCount,
          startTime: new Date(execution.startDate).toISOString(),
          redriveTime: new Date(execution.redrive.at).toISOString(),
        }),
      },
      now: () => kernel.now,
      sleep: (milliseconds, signal) => kernel.sleep(milliseconds, signal),
      beforeState: (signal) => kernel.sleep(latency.sample('states.transition'), signal),
      random: () => this.random.next(),
      uuid: () => this.random.uuid(),
      taskToken: () => this.tokens.issue({ executionArn: arn, stateMachineArn: machine.arn }),
      runTask: (call) => this.runTask(call, execution),
      onHistoryEvent,
    };
  }

  private async runTask(call: TaskCall, execution: Execution): Promise<Json> {
    const { machine } = execution;
    const context: TaskContext = {
      world: this.world,
      caller: machine.caller,
      executionArn: execution.arn,
      stateMachineArn: machine.arn,
      signal: call.signal,
      submitted: (answer) => call.submitted(answer),
    };
    if (call.target.kind !== 'service' || call.target.pattern !== 'WAIT_FOR_TASK_TOKEN') return runIntegration(call, context);
    // The token is good from here on: a callback may come before the call that carries the token has returned.
    const token = call.taskToken();
    const callback = this.tokens.wait(token, () => call.heartbeat());
    call.signal.onCancel(() => this.tokens.close(token));
    const submitted = runIntegration(call, context).then((answer) => {
      call.submitted(answer);
      return callback;
    });
    return Promise.race([callback, submitted]);
  }

  private bill(execution: Execution, startedAt: number, steps: number, output: string | undefined): ExpressBill {
    const bill = expressBill({
      durationMs: this.world.kernel.now - startedAt,
      definitionBytes: Buffer.byteLength(execution.machine.definitionText, 'utf8'),
      inputBytes: Buffer.byteLength(execution.input, 'utf8'),
      outputBytes: output === undefined ? 0 : Buffer.byteLength(output, 'utf8'),
      steps,
    });
    this.world.meter.add('states.express.gbSeconds', bill.gbSeconds);
    return bill;
  }

  private trace(execution: Execution, event: string, detail: Record<string, unknown>) {
    const { kernel, trace } = this.world;
    trace.record({ at: kernel.now, subject: execution.machine.label, event, detail: { execution: execution.name, ...detail } });
  }

  private metric(execution: Execution, name: string, value: number, unit: string) {
    this.recordMetric({ namespace: 'AWS/States', name, dimensions: { StateMachineArn: execution.machine.arn }, value, unit });
  }
}
