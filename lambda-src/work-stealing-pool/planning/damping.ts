import type { Victim } from './victims';
import type { Grant, PlanHistory, StealingSettings } from '../../../src/work-stealing-pool/contract';

type Roles = Pick<PlanHistory, 'victimAt' | 'thiefAt'>;

/** What keeps two groups from doing each other's tasks: who was stolen from within the last interval does not steal, and who stole is not stolen from. */
export class Damping {
  private readonly since: number;

  constructor(private readonly roles: Roles, stealing: StealingSettings, private readonly now: number) {
    this.since = now - stealing.intervalSeconds * 1000;
  }

  /** @returns whether this steal has to wait; never one from a group in which nobody works */
  holds(thief: string, victim: Victim): boolean {
    return !victim.abandoned && (this.isRecent(this.roles.victimAt[thief]) || this.isRecent(this.roles.thiefAt[victim.name]));
  }

  /** A queue that gave nothing is not asked again within the interval. */
  isDry(dryAt: number | undefined): boolean {
    return this.isRecent(dryAt);
  }

  /** The roles after these grants; what no longer counts is forgotten. */
  after(grants: readonly Grant[]): Roles {
    return {
      victimAt: this.updated(this.roles.victimAt, grants.map(({ victim }) => victim)),
      thiefAt: this.updated(this.roles.thiefAt, grants.map(({ thief }) => thief)),
    };
  }

  private updated(before: Readonly<Record<string, number>>, names: readonly string[]): Record<string, number> {
    const kept = Object.entries(before).filter(([, at]) => this.isRecent(at));
    return Object.fromEntries([...kept, ...names.map((name): [string, number] => [name, this.now])]);
  }

  private isRecent(at: number | undefined): boolean {
    return at !== undefined && at > this.since;
  }
}
