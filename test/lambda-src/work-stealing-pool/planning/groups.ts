import fc from 'fast-check';
import { type GroupView, NO_HISTORY, type Plan, plan, type WorkerView } from '../../../../lambda-src/work-stealing-pool/planning/plan';
import type { PlanHistory, StealingSettings } from '../../../../src/work-stealing-pool/contract';

export const NOW = 1_800_000_000_000;
export const STEALING: StealingSettings = { intervalSeconds: 15, minimumGainSeconds: 2 };

type GroupSpec = Partial<GroupView> & Partial<Pick<WorkerView, 'free' | 'idle' | 'dry'>>;

/** A function group of four places; busy, unless it is told to be idle. */
export function group(name: string, { free, idle = false, dry = {}, capacity = 4, ...more }: GroupSpec = {}): GroupView {
  return {
    name, waiting: 0, inFlight: 0, capacity, meanSeconds: 5, stealsFrom: ['a', 'b', 'c', 'd'].filter((other) => other !== name), retired: false, alive: true,
    workers: [{ capacity, free: free ?? (idle ? capacity : 0), idle, dry }],
    ...more,
  };
}

export function planned(groups: readonly GroupView[], { now = NOW, history = NO_HISTORY }: { now?: number; history?: PlanHistory } = {}): Plan {
  return plan({ now, groups, stealing: STEALING, history });
}

/** Thief, victim and tasks of each grant. */
export function steals({ grants }: Plan): string[] {
  return grants.map(({ thief, worker, victim, tasks }) => `${thief}${worker === undefined ? '' : `/${worker}`} ← ${victim}: ${tasks}`);
}

const NAMES = ['a', 'b', 'c', 'd'];
const at = fc.integer({ min: NOW - 40_000, max: NOW });
const sometimes = (names: readonly string[]) => fc.dictionary(fc.constantFrom(...names), at, { maxKeys: 3 });

function anyWorker(name: string | undefined): fc.Arbitrary<WorkerView> {
  return fc.record({ capacity: fc.integer({ min: 1, max: 8 }), used: fc.integer({ min: 0, max: 8 }), idle: fc.boolean(), dry: sometimes(NAMES) })
    .map(({ capacity, used, idle, dry }) => ({ worker: name, capacity, free: Math.max(0, capacity - used), idle, dry }));
}

function anyGroup(name: string): fc.Arbitrary<GroupView> {
  return fc.record({
    waiting: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 5_000 })),
    inFlight: fc.integer({ min: 0, max: 20 }),
    meanSeconds: fc.double({ min: 0.05, max: 300, noNaN: true }),
    spread: fc.option(fc.double({ min: 1, max: 20, noNaN: true }), { nil: undefined }),
    stealsFrom: fc.subarray(NAMES),
    retired: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
    workers: fc.oneof(anyWorker(undefined).map((runner) => [runner]), fc.integer({ min: 0, max: 3 }).chain((count) => {
      return fc.tuple(...Array.from({ length: count }, (_, index) => anyWorker(`w${index}`)));
    })),
  }).map(({ spread, ...rest }) => ({
    ...rest, name, meanSquareSeconds: spread === undefined ? undefined : spread * rest.meanSeconds ** 2,
    alive: rest.workers.length > 0, capacity: rest.workers.reduce((sum, { capacity }) => sum + capacity, 0),
  }));
}

export const anyGroups: fc.Arbitrary<GroupView[]> = fc.tuple(...NAMES.map(anyGroup)).map((groups) => [...groups]);
export const anyHistory: fc.Arbitrary<PlanHistory> = fc.record({ thiefAt: sometimes(NAMES), pressedSince: sometimes(NAMES) });
