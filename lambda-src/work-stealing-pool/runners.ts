import type { GroupState } from './look';
import type { Wakes } from './wakes';
import { CLOCK_MARGIN_MS, type Grant } from '../../src/work-stealing-pool/contract';

/** A runner that was woken so often and is not there does not start. */
const IN_VAIN = 3;

/** Wakes the runners that should be awake. */
export class Runners {
  /** How often each was woken since it was last awake, by group. */
  private readonly woken = new Map<string, number>();

  constructor(private readonly wakes: Pick<Wakes, 'wake'>, private readonly now: () => number) {}

  async wake(groups: readonly GroupState[], grants: readonly Grant[]): Promise<void> {
    await Promise.all(groups.map(async ({ settings: { name, runnerArn }, waiting, retired, taking, runner }) => {
      const wanted = waiting > 0 || grants.some(({ thief }) => thief === name);
      if (runnerArn === undefined || retired || !wanted || taking.length > 0) {
        this.woken.delete(name);
        return;
      }
      // A runner that came earlier would be refused the role, and the next one is not woken at once.
      const isVacant = runner === undefined || runner.until + CLOCK_MARGIN_MS < this.now();
      if (isVacant && await this.wakes.wake(runnerArn)) this.woken.set(name, (this.woken.get(name) ?? 0) + 1);
    }));
  }

  /** Whether tasks wait in a group and nobody is alive to do them. Of a retired one the others are. */
  isDead({ settings: { name, runnerArn }, waiting, retired, taking }: GroupState): boolean {
    if (waiting === 0 || retired || taking.length > 0) return false;
    return runnerArn === undefined || (this.woken.get(name) ?? 0) >= IN_VAIN;
  }
}
