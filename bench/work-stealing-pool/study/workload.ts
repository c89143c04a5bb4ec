import type { Random } from '../../../simulator/src';

export interface StudyTask {
  /** Seconds after the first. */
  readonly at: number;
  /** What it takes where it is at home. */
  readonly seconds: number;
  /** Absent: it is placed by load. */
  readonly key?: string;
}

export interface Workload {
  readonly name: string;
  /** At any moment the work is one group's: what others do of it they do away from home. */
  readonly oneSided?: boolean;
  /** Tasks of so many seconds in all, in the order of their arrival. */
  tasks(work: number, places: number, random: Random): StudyTask[];
}

type Draw = (random: Random) => number;

/** Sizes of 2 to 30 s, of which the k-th is drawn with a chance in proportion to 1 ÷ k^1.5. */
const zipfSeconds = zipf(15, 1.5, (rank) => 2 * rank);
const MEAN_ZIPF_SECONDS = 2 * sum(15, (rank) => rank ** -0.5) / sum(15, (rank) => rank ** -1.5);
/** One of ten takes ten times as long. */
const bimodalSeconds: Draw = (random) => random.chance(0.1) ? 20 : 2;
/** A hundred tenants; the first has a fifth of the tasks. */
const tenant = zipf(100, 1, (rank) => `tenant-${rank}`);
const BURSTS = 10;

export const WORKLOADS: readonly Workload[] = [
  { name: 'no key, Zipf costs', tasks: (work, _, random) => drawn(work, random, zipfSeconds) },
  { name: 'tenants, Zipf costs', tasks: (work, _, random) => drawn(work, random, zipfSeconds, tenant) },
  { name: 'tenants, bimodal costs', tasks: (work, _, random) => drawn(work, random, bimodalSeconds, tenant) },
  { name: 'tenants, the long ones last', tasks: (work, _, random) => longLast(drawn(work, random, bimodalSeconds, tenant)) },
  { name: 'all of one tenant', oneSided: true, tasks: (work, _, random) => drawn(work, random, zipfSeconds, () => 'tenant-1') },
  { name: 'bursts of one tenant each', oneSided: true, tasks: (work, places, random) => inBursts(work, places, random) },
];

function drawn(work: number, random: Random, secondsOf: Draw, keyOf?: (random: Random) => string): StudyTask[] {
  const tasks: StudyTask[] = [];
  for (let total = 0; total < work; total += tasks.at(-1)!.seconds) {
    tasks.push({ at: 0, seconds: secondsOf(random), ...(keyOf && { key: keyOf(random) }) });
  }
  return tasks;
}

function longLast(tasks: readonly StudyTask[]): StudyTask[] {
  return [...tasks].sort((one, other) => one.seconds - other.seconds);
}

/** Each tenth of the work comes at once and is one tenant's; the pool has just the time for it until the next. */
function inBursts(work: number, places: number, random: Random): StudyTask[] {
  return Array.from({ length: BURSTS }, (_, burst) => {
    const key = tenant(random);
    return drawn(work / BURSTS, random, zipfSeconds, () => key).map((task) => ({ ...task, at: burst * work / BURSTS / places }));
  }).flat();
}

function zipf<Value>(ranks: number, exponent: number, valueOf: (rank: number) => Value): (random: Random) => Value {
  const cumulative: number[] = [];
  for (let rank = 1; rank <= ranks; rank++) cumulative.push((cumulative.at(-1) ?? 0) + rank ** -exponent);
  return (random) => {
    const point = random.next() * cumulative.at(-1)!;
    return valueOf(cumulative.findIndex((total) => point < total) + 1);
  };
}

/** Comes evenly, so that this share of the places is in use. */
export function steady(load: number, seconds: number, places: number, random: Random): StudyTask[] {
  const tasks: StudyTask[] = [];
  for (let at = 0; at < seconds;) {
    const task = { at, seconds: zipfSeconds(random) };
    tasks.push(task);
    at += -Math.log(1 - random.next()) * MEAN_ZIPF_SECONDS / (load * places);
  }
  return tasks;
}

function sum(ranks: number, of: (rank: number) => number): number {
  return Array.from({ length: ranks }, (_, index) => of(index + 1)).reduce((total, value) => total + value, 0);
}
