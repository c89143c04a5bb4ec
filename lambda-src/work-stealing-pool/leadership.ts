import type { Registry } from './registry';
import { CLOCK_MARGIN_MS, type LeaderItem } from '../../src/work-stealing-pool/contract';

/** A leader that does not write for so long is none any more. */
export const LEADER_LEASE_MS = 10_000;

export type Published = Pick<LeaderItem, 'grants' | 'grantsUntil' | 'load' | 'history'>;

/** In how long anybody may lead: at once where nobody ever has, or the last one has gone. */
export function vacantInMs(item: LeaderItem | undefined, now: number): number {
  return item === undefined ? 0 : Math.max(0, item.until + CLOCK_MARGIN_MS - now);
}

export function isLed(item: LeaderItem | undefined, now: number): boolean {
  return item !== undefined && item.until > now;
}

/** The lead of the pool, from the first plan that is published until another one's is. */
export class Leadership {
  private mine: LeaderItem | undefined;
  /** Of the last renewal: its answer may have been lost, and another plan must not have the revision that workers have read. */
  private revision = 0;

  /** @param seen the item of the last leader, whose time is over */
  constructor(
    private readonly registry: Pick<Registry, 'succeed' | 'renew'>,
    private readonly leader: string,
    private readonly seen: LeaderItem | undefined,
    private readonly now: () => number,
  ) {}

  /** What was published last, by whomever. */
  get last(): LeaderItem | undefined {
    return this.mine ?? this.seen;
  }

  /** Takes or renews the lease, and publishes. Answers false when another one leads. */
  async publish(published: Published): Promise<boolean> {
    const { registry, leader, mine, seen } = this;
    const fence = mine?.fence ?? (seen?.fence ?? 0) + 1;
    this.revision = (mine ? this.revision : seen?.revision ?? 0) + 1;
    const item: LeaderItem = { leader, fence, until: this.now() + LEADER_LEASE_MS, revision: this.revision, ...published };
    const written = mine ? await registry.renew(item) : await registry.succeed(seen, item);
    this.mine = written ? item : undefined;
    return written;
  }

  /** The next one need not wait. The plan holds on: its revision is the same, so that no grant is counted anew. */
  async release(): Promise<void> {
    if (this.mine) await this.registry.renew({ ...this.mine, until: 0 });
  }
}
