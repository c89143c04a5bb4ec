import type { Books } from './books';
import { FLEET, FLEET_CAPACITY, FUNCTION_GROUPS, type FunctionGroup, GAIN_MS, type Group, GROUPS, INTERVAL_MS, PLACES, POOL } from './environment';
import { observe } from './observe';
import { functionOf } from './stack';
import { MEAN_MS, SECOND } from './workload';
import type { Simulation, SqsService } from '../../../simulator/src';

const EVERY_MS = SECOND;

/** A time at which a function had more invocations under way than before. */
export interface Peak {
  readonly at: number;
  readonly group: FunctionGroup;
  readonly underWay: number;
}

/** A while in which a group had nothing to do, although it might have helped another one. */
export interface Idleness {
  readonly group: Group;
  readonly victim: Group;
  readonly from: number;
  readonly to: number;
}

/** How many tasks each group has under way, and who idles while others wait. */
export class Places {
  readonly peaks: Peak[] = [];
  readonly idleness: Idleness[] = [];
  private readonly underWay: Record<FunctionGroup, number> = { Cpu: 0, Gpu: 0 };
  private readonly idle = new Map<string, Idleness>();

  /** `workers`: names of the containers that live. */
  constructor(private readonly simulation: Simulation, private readonly books: Books, private readonly workers: () => readonly string[]) {
    const functions = FUNCTION_GROUPS.map((group) => [group, simulation.find(functionOf(group), ['AWS::Lambda::Function']).provisioned] as const);
    const groupOf = (name: string) => functions.find(([, { ref, attributes }]) => name === ref || name === attributes?.Arn)?.[0];
    const { kernel } = simulation.world;
    observe(simulation, 'lambda', 'Invoke', {
      before: ({ FunctionName }) => {
        const group = groupOf(FunctionName);
        if (group) this.peaks.push({ at: kernel.now, group, underWay: ++this.underWay[group] });
      },
      after: ({ input: { FunctionName } }) => {
        const group = groupOf(FunctionName);
        if (group) this.underWay[group]--;
      },
    });
  }

  /** Looks at all groups again and again, until `over`. */
  watch(over: () => boolean) {
    const { kernel } = this.simulation.world;
    const look = () => {
      if (over()) return;
      this.look();
      kernel.schedule(EVERY_MS, look, { background: true });
    };
    look();
  }

  /** Whether no function has anything under way. */
  get atRest(): boolean {
    return FUNCTION_GROUPS.every((group) => this.underWay[group] === 0);
  }

  /** Most tasks that a container of the fleet had under way at a time. */
  mostOfOneWorker(): number {
    const underWay = new Map<string, number>();
    let most = 0;
    for (const { worker, what } of this.books.notes) {
      if (worker === undefined) continue;
      underWay.set(worker, (underWay.get(worker) ?? 0) + (what === 'BEGUN' ? 1 : -1));
      most = Math.max(most, underWay.get(worker)!);
    }
    return most;
  }

  private look() {
    const { now } = this.simulation.world.kernel;
    const sqs = this.simulation.world.service<SqsService>('sqs');
    const queues = sqs.queues();
    const visible = (group: Group) => queues.find(({ name }) => name === `${POOL}/${group}/Queue`)!.visible;
    const waiting = Object.fromEntries(GROUPS.map((group) => [group, visible(group)])) as Record<Group, number>;
    for (const group of GROUPS) {
      for (const victim of GROUPS) {
        const key = `${group} ${victim}`;
        const was = this.idle.get(key);
        const hasNothing = this.capacity(group) > 0 && this.running(group) === 0 && waiting[group] === 0;
        if (group !== victim && hasNothing && this.isWorthIt(victim, waiting[victim])) {
          this.idle.set(key, { group, victim, from: was?.from ?? now, to: now });
        } else if (was) {
          this.idleness.push(was);
          this.idle.delete(key);
        }
      }
    }
  }

  /** Whether its last task waits for longer than is gained, and than it is spared after it has itself stolen. */
  private isWorthIt(victim: Group, waiting: number): boolean {
    const capacity = this.capacity(victim);
    return waiting > 0 && (capacity === 0 || waiting * MEAN_MS / capacity > GAIN_MS + INTERVAL_MS);
  }

  private capacity(group: Group): number {
    return group === FLEET ? this.workers().length * FLEET_CAPACITY : PLACES[group];
  }

  private running(group: Group): number {
    if (group !== FLEET) return this.underWay[group];
    const living = this.workers();
    return this.books.notes.reduce((sum, { worker, what }) => (worker !== undefined && living.includes(worker) ? sum + (what === 'BEGUN' ? 1 : -1) : sum), 0);
  }
}
