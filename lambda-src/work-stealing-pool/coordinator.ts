import { type Leader, RESERVE_MS, type Turn } from './leader';
import { isLed, LEADER_LEASE_MS, vacantInMs } from './leadership';
import type { Log } from './log';
import { hasWork, type Look } from './look';
import type { Registry } from './registry';
import type { LeaderItem } from '../../src/work-stealing-pool/contract';

const STANDBY_MS = LEADER_LEASE_MS / 2;

export interface CoordinatorSurroundings {
  readonly look: Look;
  readonly registry: Pick<Registry, 'leader'>;
  readonly leader: Pick<Leader, 'lead'>;
  readonly log: Log;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Why an invocation was begun. */
export interface Occasion {
  /** The router has just sent tasks, whatever the depths say; else the minute has passed. */
  readonly routed: boolean;
}

/** Sees to it that the pool has a leader while there is work, and costs next to nothing while there is none. */
export class Coordinator {
  constructor(private readonly surroundings: CoordinatorSurroundings) {}

  /** @throws when the pool cannot be seen at all */
  async run({ routed, ...turn }: Turn & Occasion): Promise<void> {
    const { look, registry, leader, now } = this.surroundings;
    // Looked at anew after each lead: whoever submits looks for a leader after sending, the leader looks for tasks after leaving.
    for (let sure = routed; turn.remainingMs() >= RESERVE_MS && (sure || hasWork(await look())); sure = false) {
      const seen = await registry.leader();
      if (vacantInMs(seen, now()) === 0) await leader.lead(turn, seen);
      // In a burst many batches of tasks wake a coordinator each. The minute's tick stands by, they need not.
      else if (routed && isLed(seen, now())) return;
      else await this.standBy(turn, seen);
    }
  }

  /** Until anybody may lead, or the time is over. */
  private async standBy({ remainingMs }: Turn, seen: LeaderItem | undefined): Promise<void> {
    const { registry, log, now, sleep } = this.surroundings;
    let last = seen;
    for (let ms = vacantInMs(last, now()); ms > 0 && remainingMs() >= RESERVE_MS; ms = vacantInMs(last, now())) {
      await sleep(Math.min(ms, STANDBY_MS));
      try {
        last = await registry.leader();
      } catch (error) {
        log.warn('it could not be seen who leads', { error: (error as Error).name });
      }
    }
  }
}
