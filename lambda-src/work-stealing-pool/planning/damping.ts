import type { Victim } from './victims';
import type { Grant, PlanHistory, StealingSettings } from '../../../src/work-stealing-pool/contract';

/**
 * What keeps two groups from doing each other's tasks: who stole within the last interval is not stolen from. Nothing moves between queues, so that
 * a wrong plan costs a poll and not a backlog; and a group that was stolen from until its queue was empty may steal at once. Both were
 * forbidden once, and in the study it cost more than anything but to forget who is stealing already.
 */
export class Damping {
  constructor(private readonly thiefAt: PlanHistory['thiefAt'], private readonly stealing: StealingSettings, private readonly now: number) {}

  /** @returns whether nobody steals there for now: never where the wait is longer than the damping itself */
  holds({ name, waitSeconds }: Victim): boolean {
    return waitSeconds <= this.stealing.intervalSeconds && this.isRecent(this.thiefAt[name]);
  }

  /** A queue that gave nothing is not looked into again within the interval, whatever is read of its depth. */
  isDry(dryAt: number | undefined): boolean {
    return this.isRecent(dryAt);
  }

  /** Who stole when, after these grants; what no longer counts is forgotten. */
  after(grants: readonly Grant[]): PlanHistory['thiefAt'] {
    const kept = Object.entries(this.thiefAt).filter(([, at]) => this.isRecent(at));
    return Object.fromEntries([...kept, ...grants.map(({ thief }): [string, number] => [thief, this.now])]);
  }

  private isRecent(at: number | undefined): boolean {
    return at !== undefined && this.now - at < this.stealing.intervalSeconds * 1000;
  }
}
