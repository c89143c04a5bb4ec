import { Duration, Stack } from 'aws-cdk-lib';
import { Books } from './books';
import type { Design } from './design';
import { callAsOperator } from './operator';
import { type Direction, PARTICIPANT_MEMORY_MB, participantName, Participants, participantsOf } from './participants';
import { allSteps, type SagaShape } from './saga-shape';
import { kindOf, TIME_LIMIT_SECONDS, type Trouble } from './trouble';
import {
  type CallFault, type FaultableCall, type FunctionOverride, NO_FAULTS, type Outcome, Random, type Run, Simulation, type TraceEntry,
} from '../../simulator/src';
import { withAssembly } from '../assembly';
import { FunctionUse } from '../function-use';

/** Milliseconds that a participant works, drawn evenly, the same in all designs. */
const WORK_MS = [20, 200] as const;

/** A call that a participant has answered, in milliseconds since 1970. */
export interface AnsweredCall {
  readonly direction: Direction;
  readonly from: number;
  readonly to: number;
}

/** A saga that was started, and what became of it. */
export interface SagaRun {
  readonly sagaId: string;
  readonly startedAt: number;
  /** Of its executions, the first one first, as far as they have ended. */
  readonly outcomes: readonly Outcome[];
  /** When its first execution ended. */
  readonly endedAt: number;
  readonly stoppedAt: number | undefined;
  readonly calls: readonly AnsweredCall[];
}

/** A design that is deployed with its participants; one saga at a time. */
export class Scene {
  static open<Result>(
    design: Design, shape: SagaShape, play: (scene: Scene) => Promise<Result>, { limited = false }: { limited?: boolean } = {},
  ): Promise<Result> {
    return withAssembly((app) => {
      const stack = new Stack(app, 'Bench');
      design.build(stack, shape, new Participants(stack, shape), limited ? Duration.seconds(TIME_LIMIT_SECONDS) : undefined);
    }, (assembly) => play(new Scene(design, shape, assembly)));
  }

  readonly books = new Books();
  readonly simulation: Simulation;
  readonly participantUse: FunctionUse;
  readonly stepIds: readonly string[];
  private readonly arns = new Map<string, string>();
  private readonly work = new Random('bench/orchestrated-saga');
  private troubles: { readonly trouble: Trouble; met: number }[] = [];
  private runs: Run[] = [];
  private calls: AnsweredCall[] = [];
  private stoppedAt: number | undefined;

  private constructor(readonly design: Design, shape: SagaShape, assembly: string) {
    this.stepIds = allSteps(shape).map(({ id }) => id);
    const participants = participantsOf(shape);
    const names = new Set(participants.map(({ name }) => name));
    this.participantUse = new FunctionUse((name) => names.has(name), PARTICIPANT_MEMORY_MB);
    this.simulation = Simulation.load(assembly, {
      functionOverrides: Object.fromEntries(participants.map(({ name, step, direction }) => [name, this.participant(step, direction)])),
      faults: { ...NO_FAULTS, onCall: (call) => this.throttle(call) },
      trace: {
        listener: (entry) => {
          this.participantUse.observe(entry);
          this.observe(entry);
        },
      },
    });
  }

  /** Starts a saga, lets it meet its troubles, and lets time pass until nothing is left to happen. */
  async run(sagaId: string, troubles: readonly Trouble[] = []): Promise<SagaRun> {
    const { kernel } = this.simulation.world;
    this.troubles = troubles.map((trouble) => ({ trouble, met: 0 }));
    this.runs = [];
    this.calls = [];
    this.stoppedAt = undefined;
    const startedAt = kernel.now;
    let endedAt = NaN;
    void this.start(sagaId).result().then(() => { endedAt = kernel.now; });
    await this.simulation.run();
    const unmet = this.troubles.find(({ met }) => met === 0);
    if (unmet) throw new Error(`${this.design.name}: '${unmet.trouble.fault}' was to hit ${unmet.trouble.direction} of ${unmet.trouble.step}, and did not`);
    const outcomes = this.runs.flatMap(({ outcome }) => (outcome ? [outcome] : []));
    return { sagaId, startedAt, endedAt, outcomes, stoppedAt: this.stoppedAt, calls: this.calls };
  }

  private start(sagaId: string): Run {
    const run = this.simulation.start(this.design.machine, { sagaId, customer: 'James Eastham' });
    this.runs.push(run);
    return run;
  }

  private participant(step: string, direction: Direction): FunctionOverride {
    return async ({ sagaId }, _context, { sleep, now }) => {
      const from = now();
      const work = () => (direction === 'DO' ? this.books.do(sagaId, step) : this.books.undo(sagaId, step));
      await sleep(this.work.fork(`${sagaId}/${step}/${direction}`).integer(...WORK_MS));
      const happen = this.meet('function', step, direction)?.happen;
      try {
        return happen ? await happen({ work, sleep, stop: () => this.stop(), startAgain: () => void this.start(sagaId) }) : work();
      } finally {
        this.calls.push({ direction, from, to: now() });
      }
    };
  }

  private stop() {
    this.stoppedAt = this.simulation.world.kernel.now;
    void callAsOperator(this.simulation, 'states', 'StopExecution', { executionArn: this.runs[0].executionArn, error: 'Stopped', cause: 'by hand' });
  }

  private throttle({ service, operation, target }: FaultableCall): CallFault | undefined {
    if (service !== 'lambda' || operation !== 'Invoke') return undefined;
    const called = this.troubles.find(({ trouble: { step, direction } }) => target === this.arnOf(participantName(step, direction)))?.trouble;
    return called && this.meet('call', called.step, called.direction) ? { kind: 'throttle' } : undefined;
  }

  /** Of a step's state: all designs have the same names for them. */
  private observe({ event, detail }: TraceEntry) {
    if (event !== 'states.enter') return;
    const entered = this.troubles.find(({ trouble: { step, direction } }) => detail?.state === (direction === 'DO' ? step : `Undo ${step}`))?.trouble;
    if (entered && this.meet('state', entered.step, entered.direction)) this.stop();
  }

  /** What happens to this attempt at this place, if anything. */
  private meet(at: 'state' | 'call' | 'function', step: string, direction: Direction) {
    const found = this.troubles.find(({ trouble }) => trouble.step === step && trouble.direction === direction && kindOf(trouble.fault).at === at);
    if (!found) return undefined;
    const kind = kindOf(found.trouble.fault);
    if (found.met > 0 && !kind.forEver) return undefined;
    found.met++;
    return kind;
  }

  private arnOf(name: string): string {
    const known = this.arns.get(name) ?? this.simulation.find(name, ['AWS::Lambda::Function']).provisioned.attributes!.Arn as string;
    this.arns.set(name, known);
    return known;
  }
}
