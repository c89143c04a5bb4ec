import type { Books } from './books';
import { type Shape, SHAPES } from './environment';
import { MENDED_MS, MINUTE, SECOND, type SagaStart, type Workload } from './workload';
import type { ExecutionResult, Random, Run, Simulation, StatesService, TraceEntry } from '../../../simulator/src';
import { ERROR } from '../../../src/orchestrated-saga/contract';
import { operate } from '../../simulate';

/** Whether a parked message names an execution in place of a saga. */
export const isExecution = (sagaId: string) => sagaId.startsWith('arn:');

const OPERATOR = { principal: { kind: 'operator' }, name: 'operator', faultFree: true } as const;
/** Nothing takes as long as this: retries of a recovery, of compensations, and of events add up to less. */
const LONGEST_MS = 6 * 60 * MINUTE;
/** Stops and redrives after which operators have had enough. */
const MOST_INTERVENTIONS = 25;
const MOST_RESUMPTIONS = 8;

export interface StartedSaga extends SagaStart {
  readonly run: Run;
}

/** Starts sagas, stops and redrives executions, and looks after what is parked. */
export class Driver {
  readonly started: StartedSaga[] = [];
  /** `sagaId` of all messages in parked queues: of sagas, or the ARN of an execution whose saga nobody could look up. */
  readonly parkedMessages = new Set<string>();
  private readonly startedAt: number;
  private readonly machines = new Map<string, { readonly arn: string; readonly shape: Shape; readonly recovers: boolean }>();
  private interventions = 0;

  constructor(
    private readonly simulation: Simulation, private readonly workload: Workload, private readonly books: Books, private readonly random: Random,
  ) {
    this.startedAt = simulation.world.kernel.now;
    for (const shape of SHAPES) {
      for (const [id, recovers] of [['StateMachine', false], ['Recovery', true]] as const) {
        const { ref: arn } = simulation.find(`${shape}/${id}`, ['AWS::StepFunctions::StateMachine']).provisioned;
        this.machines.set(arn, { arn, shape, recovers });
      }
    }
    for (const start of workload.starts) {
      this.after(start.atMs, () => this.started.push({ ...start, run: simulation.start(`${start.shape}/StateMachine`, start.input) }));
    }
    simulation.world.service<StatesService>('states').onExecutionEnd((result) => this.afterEnd(result));
  }

  /** Lets events happen until nothing is left to happen, and whatever was broken is mended. Throws when that takes longer than anything may. */
  async settle() {
    const { kernel } = this.simulation.world;
    const latest = kernel.now + LONGEST_MS;
    if (await this.simulation.run({ until: () => kernel.now > latest }) !== 'quiet') throw new Error(`the world is not quiet after ${LONGEST_MS / MINUTE} minutes`);
  }

  async waitUntilMended() {
    await this.simulation.run({ deadline: this.startedAt + MENDED_MS });
    await this.settle();
  }

  /** What is read is deleted: nobody waits for it any more. */
  async readParked() {
    for (const shape of SHAPES) {
      const { ref: QueueUrl } = this.simulation.find(`${shape}/ParkedSagas`, ['AWS::SQS::Queue']).provisioned;
      for (;;) {
        const { Messages = [] } = await operate(this.simulation, 'sqs', 'ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 });
        if (Messages.length === 0) break;
        for (const { Body, ReceiptHandle } of Messages) {
          this.parkedMessages.add(JSON.parse(Body).sagaId);
          await operate(this.simulation, 'sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle });
        }
      }
    }
  }

  /** Asks again for recoveries that have failed for so long that they gave up. */
  async recoverWhatNobodyCould() {
    await this.readParked();
    for (const executionArn of [...this.parkedMessages].filter(isExecution)) {
      const dead = this.books.executions.find((execution) => execution.executionArn === executionArn)!;
      this.simulation.start(`${this.machines.get(dead.stateMachineArn)!.shape}/Recovery`, { executionArn });
    }
    await this.settle();
  }

  /** Resumes parked sagas until none is left, or they come back too often. */
  async resumeUntilNoneIsParked() {
    const noWayBack = new Set<string>();
    for (let round = 0; round < MOST_RESUMPTIONS; round++) {
      const parked = [...this.books.sagas.values()].filter(({ status }) => status === 'PARKED');
      if (parked.length === 0) return;
      const resumptions = parked.map(({ shape, sagaId }) => {
        const decision = !noWayBack.has(sagaId) && this.random.chance(this.workload.compensates) ? 'COMPENSATE' : 'RETRY';
        return { sagaId, run: this.simulation.start(`${shape}/Recovery`, { resumeParked: { sagaId, decision } }) };
      });
      await this.settle();
      for (const { sagaId, run } of resumptions) if (run.outcome?.error === ERROR.INVALID_RECOVERY) noWayBack.add(sagaId);
    }
  }

  /** To be told of everything: executions are stopped as they enter a state, or somewhat later, when what it has called is under way. */
  readonly onTrace = ({ subject, event, detail }: TraceEntry) => {
    if (event !== 'states.enter' || !this.machines) return;
    const machine = [...this.machines.values()].find(({ shape, recovers }) => subject.endsWith(`${shape}/${recovers ? 'Recovery' : 'StateMachine'}`));
    if (!machine) return;
    const { stopsSaga, stopsRecovery } = this.workload.turbulence;
    if (!this.random.chance(machine.recovers ? stopsRecovery : stopsSaga) || this.interventions >= MOST_INTERVENTIONS) return;
    this.interventions++;
    const executionArn = `${machine.arn.replace(':stateMachine:', ':execution:')}:${detail!.execution}`;
    const soon = this.random.chance(0.5) ? this.random.integer(0, 60) : this.random.integer(0, 6 * SECOND);
    this.after(soon, () => this.call('StopExecution', { executionArn }));
  };

  private afterEnd({ stateMachineArn, executionArn, status }: ExecutionResult) {
    const { shape, recovers } = this.machines.get(stateMachineArn)!;
    if (status === 'SUCCEEDED' || this.interventions >= MOST_INTERVENTIONS) return;
    const { redrives, recoversByHand } = this.workload.turbulence;
    if (this.random.chance(recoversByHand)) {
      this.interventions++;
      this.after(this.random.integer(0, MINUTE), () => this.simulation.start(`${shape}/Recovery`, { executionArn }));
    }
    if (this.random.chance(redrives)) {
      this.interventions++;
      this.after(this.random.integer(0, 2 * MINUTE), () => {
        if (!recovers) this.books.wasRedriven(executionArn);
        return this.call('RedriveExecution', { executionArn });
      });
    }
  }

  /** What an operator asks for may be impossible by now, which is no matter. */
  private async call(operation: string, input: object) {
    await this.simulation.world.call({ service: 'states', operation, input, caller: OPERATOR }).catch((error) => {
      if (error?.$fault === undefined) throw error;
    });
  }

  private after(ms: number, act: () => unknown) {
    this.simulation.world.kernel.schedule(ms, () => void act());
  }
}
