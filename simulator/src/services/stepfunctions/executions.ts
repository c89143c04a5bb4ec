import type { ExpressBill } from './billing';
import { executionAlreadyExists, executionDoesNotExist, invalidArn, stateMachineDoesNotExist } from './errors';
import { Execution, type ExecutionResult } from './execution';
import { NAME_KEPT_MS } from './limits';
import type { ExecutionRunner } from './runner';
import type { StateMachine } from './state-machine';
import type { World } from '../../service';

/** Ended Express executions that are still known; AWS itself forgets them at once. */
const KEPT_EXPRESS = 1_000;

export type ExecutionListener = (result: ExecutionResult) => void;

/** All state machines and executions, by their ARNs. */
export class Executions {
  private readonly machines = new Map<string, StateMachine>();
  private readonly executions = new Map<string, Execution>();
  private readonly endedExpress: string[] = [];
  private readonly waiting = new Map<string, ((result: ExecutionResult) => void)[]>();
  private readonly listeners: ExecutionListener[] = [];
  private readonly ids;

  constructor(private readonly world: World, private readonly runner: ExecutionRunner) {
    this.ids = world.kernel.random.fork('states/ids');
    runner.onEnd((execution) => this.ended(execution));
  }

  addMachine(machine: StateMachine) {
    if (this.machines.has(machine.arn)) throw new Error(`state machine '${machine.name}' exists already`);
    this.machines.set(machine.arn, machine);
  }

  allMachines(): StateMachine[] {
    return [...this.machines.values()];
  }

  machine(arn: unknown): StateMachine {
    const machine = this.machines.get(arn as string);
    if (!machine) throw stateMachineDoesNotExist(arn);
    return machine;
  }

  exists(executionArn: string): boolean {
    return this.executions.has(executionArn);
  }

  /** A Standard execution; the API does not show Express ones. */
  standard(arn: unknown): Execution {
    if (typeof arn !== 'string' || !/^arn:[^:]*:states:[^:]*:[^:]*:(execution|express):/.test(arn)) throw invalidArn(String(arn));
    if (arn.includes(':express:')) throw invalidArn('Resource type not valid in this context: express');
    const execution = this.executions.get(arn);
    if (!execution) throw executionDoesNotExist(arn);
    return execution;
  }

  /** The executions of a state machine, the newest first. */
  of(machine: StateMachine): Execution[] {
    return [...this.executions.values()].filter((execution) => execution.machine === machine).reverse();
  }

  /** Starts an execution that nobody waits for. */
  start(machine: StateMachine, name: string | undefined, input: string): Execution {
    const known = machine.type === 'STANDARD' && name !== undefined ? this.executions.get(this.arnOf(machine, name)) : undefined;
    if (known) {
      if (known.status === 'RUNNING' && known.input === input) return known;
      if (known.status === 'RUNNING' || this.world.kernel.now - known.stopDate! < NAME_KEPT_MS) throw executionAlreadyExists(known.arn);
      this.executions.delete(known.arn);
    }
    const execution = this.create(machine, name, input);
    const { kernel, latency } = this.world;
    if (machine.type === 'STANDARD') {
      kernel.schedule(latency.sample('states.start'), () => this.run(execution));
      return execution;
    }
    // Asynchronous Express workflows run "at least once". https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html
    const fault = this.world.faults.onDelivery({ kind: 'async-invoke', subject: machine.label });
    const delay = latency.sample('states.start') + (fault?.delayMs ?? 0);
    for (const extra of [0, ...(fault?.duplicatesAfterMs ?? [])]) kernel.schedule(delay + extra, () => this.run(execution));
    return execution;
  }

  /** Runs an Express execution while its caller waits. */
  async startSync(machine: StateMachine, name: string | undefined, input: string): Promise<{ result: ExecutionResult; bill: ExpressBill }> {
    const execution = this.create(machine, name, input);
    const bill = await this.runner.run(execution);
    return { result: execution.result(), bill: bill! };
  }

  stop(execution: Execution, error?: string, cause?: string) {
    if (execution.status !== 'RUNNING') return;
    if (execution.abort) execution.abort(error, cause);
    else this.runner.cancel(execution, error, cause);
  }

  /** Lets an execution that has ended go on from there. */
  redrive(execution: Execution, clientToken?: string) {
    const { kernel, latency } = this.world;
    execution.redrive = { at: Math.floor(kernel.now), clientToken };
    execution.redriveCount++;
    Object.assign(execution, { status: 'RUNNING', stopDate: undefined, output: undefined, error: undefined, cause: undefined });
    this.runner.announceRedrive(execution);
    const count = execution.redriveCount;
    kernel.schedule(latency.sample('states.start'), () => {
      // It may have been stopped, and redriven again, before it took a step.
      if (execution.redriveCount === count) this.run(execution);
    });
  }

  waitFor(executionArn: string): Promise<ExecutionResult> {
    const execution = this.executions.get(executionArn);
    if (!execution) throw new Error(`execution '${executionArn}' is not known`);
    if (execution.status !== 'RUNNING') return Promise.resolve(execution.result());
    return new Promise((resolve) => {
      const waiting = this.waiting.get(executionArn);
      if (waiting) waiting.push(resolve);
      else this.waiting.set(executionArn, [resolve]);
    });
  }

  onEnd(listener: ExecutionListener) {
    this.listeners.push(listener);
  }

  private create(machine: StateMachine, name: string | undefined, input: string): Execution {
    const executionName = name ?? this.ids.uuid();
    const execution = new Execution(this.arnOf(machine, executionName), executionName, machine, input, Math.floor(this.world.kernel.now));
    this.executions.set(execution.arn, execution);
    this.runner.announce(execution);
    return execution;
  }

  private arnOf(machine: StateMachine, name: string): string {
    const { region, account } = this.world;
    return machine.type === 'STANDARD'
      ? `arn:aws:states:${region}:${account}:execution:${machine.name}:${name}`
      : `arn:aws:states:${region}:${account}:express:${machine.name}:${name}:${this.ids.uuid()}`;
  }

  private run(execution: Execution) {
    const stoppedBeforeItRan = execution.status !== 'RUNNING' && execution.machine.type === 'STANDARD';
    if (stoppedBeforeItRan) return;
    this.runner.run(execution).catch((defect) => {
      // Not a failure of the workflow but of the simulation, e.g. an operation that is not simulated: whoever runs it must see it.
      this.world.kernel.schedule(0, () => { throw defect; });
    });
  }

  private ended(execution: Execution) {
    const waiting = this.waiting.get(execution.arn);
    this.waiting.delete(execution.arn);
    const result = execution.result();
    if (execution.machine.type === 'EXPRESS') this.forgetOldExpress(execution.arn);
    for (const listener of this.listeners) listener(result);
    for (const resolve of waiting ?? []) resolve(result);
  }

  private forgetOldExpress(arn: string) {
    this.endedExpress.push(arn);
    if (this.endedExpress.length > KEPT_EXPRESS) this.executions.delete(this.endedExpress.shift()!);
  }
}
