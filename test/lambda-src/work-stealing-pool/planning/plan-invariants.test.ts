import fc from 'fast-check';
import { anyGroups, anyHistory, NOW, planned, STEALING } from './groups';
import { type GroupView, NO_HISTORY, plan } from '../../../../lambda-src/work-stealing-pool/planning/plan';
import { victims } from '../../../../lambda-src/work-stealing-pool/planning/victims';
import type { Grant, PlanHistory } from '../../../../src/work-stealing-pool/contract';

function forEachGrant(check: (grant: Grant, thief: GroupView, victim: GroupView, history: PlanHistory) => void): void {
  let grants = 0;
  fc.assert(fc.property(anyGroups, anyHistory, (groups, history) => {
    const named = (name: string) => groups.find((group) => group.name === name)!;
    for (const grant of planned(groups, { history }).grants) {
      grants++;
      check(grant, named(grant.thief), named(grant.victim), history);
    }
  }), { numRuns: 500, seed: 6 });
  expect(grants).toBeGreaterThan(300);
}

const workerOf = ({ worker }: Grant, thief: GroupView) => thief.workers.find((each) => each.worker === worker)!;
const works = ({ retired, alive }: GroupView) => alive && !retired;
const isFull = ({ workers }: GroupView) => workers.every(({ free }) => free === 0);
const isPressed = (group: GroupView, since = NOW) => works(group) && isFull(group) && NOW - since > 2_000;

describe('whatever the pool looks like', () => {
  it('only workers whose own queue is empty steal', () => forEachGrant((grant, thief) => {
    expect(workerOf(grant, thief).idle).toBe(true);
  }));

  it('nobody steals from its own group, nor from one whose tasks it cannot do', () => forEachGrant(({ victim }, thief) => {
    expect(victim).not.toBe(thief.name);
    expect(thief.stealsFrom).toContain(victim);
  }));

  it('who is retired or dead steals nothing', () => forEachGrant((_, thief) => {
    expect(works(thief)).toBe(true);
  }));

  it('a queue that gave a worker nothing is not granted to it again within the interval', () => forEachGrant((grant, thief) => {
    expect(NOW - (workerOf(grant, thief).dry[grant.victim] ?? 0)).toBeGreaterThanOrEqual(15_000);
  }));

  it('who stole within the interval is not stolen from, unless the wait there is longer than that, or nobody works there', () => forEachGrant((grant, _, victim, history) => {
    if (NOW - (history.thiefAt[victim.name] ?? 0) >= 15_000 || !works(victim)) return;
    expect(grant.gainSeconds).toBeGreaterThan(15);
  }));

  it('nothing is stolen that would wait less at home than the gain, unless no place was free for longer than that, or nobody works there', () => {
    forEachGrant((grant, _, victim, history) => {
      if (!works(victim) || isPressed(victim, history.pressedSince[victim.name])) return;
      expect(grant.gainSeconds).toBeGreaterThan(2);
    });
  });

  it('no more is granted than waits beyond the victim\'s own free places, unless none of them has been free for long', () => {
    fc.assert(fc.property(anyGroups, anyHistory, (groups, history) => {
      const { grants } = planned(groups, { history });
      for (const victim of groups.filter((group) => !isPressed(group, history.pressedSince[group.name]))) {
        const granted = grants.filter((grant) => grant.victim === victim.name).reduce((sum, { tasks }) => sum + tasks, 0);
        const ownFree = works(victim) ? victim.workers.reduce((sum, { free }) => sum + free, 0) : 0;
        expect(granted).toBeLessThanOrEqual(Math.max(0, victim.waiting - ownFree));
      }
    }), { numRuns: 500, seed: 6 });
  });

  it('a grant is for a whole number of tasks, its gain is finite, and there is one for each worker and victim', () => {
    fc.assert(fc.property(anyGroups, anyHistory, (groups, history) => {
      const { grants } = planned(groups, { history });
      expect(new Set(grants.map(({ thief, worker, victim }) => JSON.stringify([thief, worker, victim]))).size).toBe(grants.length);
      for (const { tasks, gainSeconds } of grants) {
        expect(Number.isInteger(tasks) && tasks > 0).toBe(true);
        expect(Number.isFinite(gainSeconds) && gainSeconds >= 0).toBe(true);
      }
    }), { seed: 6 });
  });

  it('nobody is left out who is idle, unless all that it may steal is taken care of within the gain', () => {
    let leftOut = 0;
    // Two are busy with a few tasks, two have nothing to do.
    const few = anyGroups.map((groups) => groups.map((group, index) => ({
      ...group,
      waiting: index < 2 ? group.waiting % 8 : 0,
      workers: group.workers.map((worker) => ({ ...worker, idle: index >= 2, free: index < 2 ? 0 : worker.capacity, dry: {} })),
    })));
    fc.assert(fc.property(few, (groups) => {
      const { grants } = planned(groups);
      for (const { name, waiting, capacity, taskSeconds } of victims(groups, STEALING, {}, NOW)) {
        const may = groups.filter((group) => works(group) && group.stealsFrom.includes(name))
          .flatMap((group) => group.workers.filter(({ idle }) => idle).map(({ worker }) => ({ group: group.name, worker })));
        if (may.every(({ group, worker }) => grants.some((grant) => grant.thief === group && grant.worker === worker))) continue;
        leftOut++;
        const granted = grants.filter(({ victim }) => victim === name).reduce((sum, { tasks }) => sum + tasks, 0);
        expect(granted === waiting || waiting * taskSeconds / (capacity + granted) <= 2).toBe(true);
      }
    }), { numRuns: 500, seed: 6 });
    expect(leftOut).toBeGreaterThan(20);
  });

  it('the plan is the same in whatever order groups and workers come', () => {
    const shuffled = anyGroups.chain((groups) => fc.tuple(
      fc.constant(groups),
      fc.shuffledSubarray(groups, { minLength: groups.length })
        .map((others) => others.map((group) => ({ ...group, workers: [...group.workers].reverse() }))),
    ));
    fc.assert(fc.property(shuffled, anyHistory, ([groups, others], history) => {
      expect(planned(others, { history })).toEqual(planned(groups, { history }));
    }), { seed: 6 });
  });

  it('without stealing nothing is granted, and the load is the same', () => {
    fc.assert(fc.property(anyGroups, anyHistory, (groups, history) => {
      const { grants, load } = plan({ now: NOW, groups, history });
      expect(grants).toEqual([]);
      expect(load).toEqual(planned(groups, { history }).load);
    }), { seed: 6 });
  });

  it('the memory never grows beyond the groups, and keeps only what still counts', () => {
    fc.assert(fc.property(anyGroups, anyHistory, (groups, history) => {
      const after = planned(groups, { history }).history;
      expect(Object.keys(NO_HISTORY).sort()).toEqual(Object.keys(after).sort());
      for (const thiefAt of Object.values(after.thiefAt)) expect(NOW - thiefAt).toBeLessThan(15_000);
      for (const name of Object.keys(after.pressedSince)) expect(isFull(groups.find((group) => group.name === name)!)).toBe(true);
    }), { seed: 6 });
  });
});
