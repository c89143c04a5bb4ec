import { type Driver, IN_FORCE_AFTER_MS } from './driver';
import { FAILED_AFTER_MS, type FanOutFaults } from './faults';
import { AGED_SHARE, AGEING_MS, DELIVERY_TIMEOUT_MS, LIMITS, PRIORITIES, type Target, TARGETS } from './stack';
import { MINUTE, POISON, SECOND, type Surge, type Workload } from './workload';
import type { Report } from '../../../simulator/src';
import type { Arrival } from '../../throttled-fan-out/books';
import {
  higherFirst, mostAtOnce, noneGivenUpForWaiting, noneLost, prioritiesTold, rateKept, type Remains, silent,
} from '../../throttled-fan-out/invariants';
import type { GivenUpMessage } from '../../throttled-fan-out/scene';
import type { Violations } from '../campaign';

/** What the simulated account holds when everything has come to rest. */
export interface AccountRemains {
  readonly startedAt: number;
  readonly plan: Workload;
  readonly driver: Driver;
  readonly faults: FanOutFaults;
  readonly deadLetters: Readonly<Record<Target, readonly GivenUpMessage[]>>;
  readonly expired: Readonly<Record<Target, readonly GivenUpMessage[]>>;
  readonly report: Report;
}

/** The promises of the pattern's page, held against what publishers and targets saw and what is in the queues. */
export function checkInvariants(account: AccountRemains, violations: Violations) {
  for (const target of TARGETS) {
    const { books } = account.driver;
    const remains: Remains = {
      target,
      books,
      wanted: account.driver.wanted(target),
      deadLetters: account.deadLetters[target],
      expired: account.expired[target],
      queued: 0,
      maxAttempts: LIMITS[target].maxAttempts,
      failedUnseen: account.faults.failedUnseen[target],
      timeoutMs: FAILED_AFTER_MS,
    };
    const arrivals = books.of(target);
    violations.list.push(
      ...rateKept(target, arrivals, account.driver.limits(target)),
      ...noneLost(remains),
      ...noneGivenUpForWaiting(remains),
      ...prioritiesTold(target, books, PRIORITIES),
    );
    checkPoison(remains, violations);
    checkAge(target, account, violations);
    checkConcurrency(target, account, violations);
    violations.list.push(...silentWhenStopped(target, account), ...silentAsAsked(target, account), ...probedOnly(target, account));
  }
  checkSurge(account, violations);
  checkNothingVanished(account.report, violations);
}

/** A message that always fails is given up, and not delivered for ever. */
function checkPoison({ target, wanted, deadLetters, expired, books }: Remains, violations: Violations) {
  const kept = new Set([...deadLetters, ...expired].map(({ text }) => text));
  const poison = wanted.filter((text) => text.startsWith(POISON));
  const delivered = new Set(books.delivered(target));
  for (const text of poison) violations.expect(kept.has(text) && !delivered.has(text), () => `${target}: ${text} always fails and was not given up`);
}

const LATE_MS = MINUTE;

/** What is too old goes to the expired queue and not to the target. */
function checkAge(target: Target, { driver: { books } }: AccountRemains, violations: Violations) {
  const publishedAt = new Map(books.published.map(({ text, at }) => [text, at]));
  const { maxAgeMs } = LIMITS[target];
  for (const { at, delivery: { message } } of books.of(target)) {
    const age = at - publishedAt.get(message)!;
    violations.expect(age < maxAgeMs + LATE_MS, () => `${target}: got ${message} when it was ${Math.round(age / SECOND)} s old, and ${maxAgeMs / SECOND} s were allowed`);
  }
}

/** A dispatcher that dies leaves deliveries behind, and the next one does not know of them. */
function checkConcurrency(target: Target, { driver: { books }, faults }: AccountRemains, violations: Violations) {
  const most = mostAtOnce(books.of(target), DELIVERY_TIMEOUT_MS);
  const { maxConcurrency, parallel } = LIMITS[target];
  const allowed = maxConcurrency + parallel * faults.deaths[target].length;
  violations.expect(most <= allowed, () => `${target}: had ${most} deliveries under way at once, at most ${allowed} may be`);
}

/** A paused target, and one whose switch the operator holds open, gets nothing. */
function silentWhenStopped(target: Target, { plan, startedAt, driver: { books } }: AccountRemains): string[] {
  const stops = plan.interventions.filter((each) => each.target === target && (each.control.paused || each.control.killSwitch === 'OPEN'));
  return stops.flatMap(({ fromMs, toMs }) => silent(target, books.of(target), startedAt + fromMs + IN_FORCE_AFTER_MS, startedAt + toMs, 'stopped'));
}

/** Retry-After counts for all workers, unless the one that was told did not hear it, died, or could not write it. */
function silentAsAsked(target: Target, { plan, startedAt, driver: { books }, faults }: AccountRemains): string[] {
  if (plan.brownouts.some(({ service }) => service === 'dynamodb')) return [];
  const arrivals = books.of(target);
  const silences = arrivals.flatMap(({ end }) => {
    if (end?.retryAfterSeconds === undefined) return [];
    const elapsed = end.at - startedAt;
    const unheard = [...faults.deaths[target], ...faults.unheard[target]].some((at) => Math.abs(at - elapsed) < IN_FORCE_AFTER_MS);
    return unheard ? [] : [{ from: end.at + IN_FORCE_AFTER_MS, to: end.at + end.retryAfterSeconds * SECOND - SECOND }];
  });
  return silences.filter(({ from, to }) => from < to).flatMap(({ from, to }) => silent(target, arrivals, from, to, 'to be left alone')).slice(0, 1);
}

const OPENS_WITHIN_MS = 45 * SECOND;

/** A target that is down is asked now and then by one delivery, once its switch has seen enough failures. */
function probedOnly(target: Target, { plan, startedAt, driver: { books } }: AccountRemains): string[] {
  const { killSwitch, maxConcurrency } = LIMITS[target];
  if (!killSwitch || plan.interventions.some((each) => each.target === target)) return [];
  const downs = plan.illnesses.filter(({ target: ill, kind, share }) => ill === target && share === 1 && (kind === 'fails' || kind === 'hangs'));
  return downs.flatMap(({ fromMs, toMs }) => {
    const from = fromMs + OPENS_WITHIN_MS;
    const most = Math.ceil((toMs - from) / killSwitch.probeEveryMs) + killSwitch.minimumDeliveries + maxConcurrency / 2;
    return from < toMs ? silent(target, books.of(target), startedAt + from, startedAt + toMs, 'down', most) : [];
  });
}

/** What surges are for, where nothing else has gone wrong. */
function checkSurge({ plan, startedAt, driver: { books } }: AccountRemains, violations: Violations) {
  if (!plan.surge || plan.unsteady) return;
  const publishedAt = new Map(books.published.map(({ text, at }) => [text, at]));
  violations.list.push(...SURGES[plan.surge.kind](plan.surge, books.of(plan.surge.target), startedAt, publishedAt));
}

const SETTLED_MS = 3 * SECOND;
const LONGEST_CRITICAL_WAIT_MS = 8 * SECOND;

type SurgeCheck = (surge: Surge, arrivals: readonly Arrival[], startedAt: number, publishedAt: ReadonlyMap<string, number>) => string[];

const SURGES: Readonly<Record<Surge['kind'], SurgeCheck>> = {
  'flood of bulk': ({ target }, arrivals, _startedAt, publishedAt) => {
    const critical = arrivals.filter(({ delivery }) => delivery.message.startsWith('surge-critical'));
    const waits = critical.map(({ at, delivery }) => at - publishedAt.get(delivery.message)!).sort((one, other) => one - other);
    const median = waits[Math.floor(waits.length / 2)]!;
    return median > LONGEST_CRITICAL_WAIT_MS ? [`${target}: half of the critical messages waited ${Math.round(median)} ms or more in a flood of bulk`] : [];
  },
  'critical before bulk': ({ target, fromMs }, arrivals, startedAt) => {
    const critical = arrivals.filter(({ delivery }) => delivery.message.startsWith('surge-critical'));
    const mostAreGone = critical[Math.floor(critical.length * 0.6)]!.at;
    // Its first messages may be late, and what was booked before them is at most half a second ahead, and usable for one.
    const from = Math.max(startedAt + fromMs + SETTLED_MS, critical[0]!.at + 2 * SECOND);
    return from < mostAreGone ? higherFirst(arrivals, { higher: 'critical', from, to: mostAreGone, ratePerSecond: LIMITS[target].ratePerSecond, share: AGED_SHARE }) : [];
  },
  'bulk behind critical': ({ target, fromMs, toMs }, arrivals, startedAt) => {
    const from = startedAt + fromMs + AGEING_MS;
    const bulk = arrivals.filter(({ at, delivery }) => delivery.priority === 'bulk' && from < at && at < startedAt + toMs).length;
    const least = Math.floor(LIMITS[target].ratePerSecond * AGED_SHARE * (startedAt + toMs - from) / SECOND / 3);
    // Before they aged, most of them may have found a gap: then there are not so many.
    const areLeft = arrivals.some(({ at, delivery }) => delivery.message.startsWith('surge-bulk') && at > startedAt + toMs);
    return areLeft && bulk < least ? [`${target}: ${bulk} aged messages came through a flood of critical ones, at least ${least} had to`] : [];
  },
};

/** No service lost anything, nobody was denied anything, no queue holds anything but what was given up. */
function checkNothingVanished(report: Report, violations: Violations) {
  for (const { subject, event, detail } of report.lost) violations.expect(false, () => `${subject}: ${event} ${JSON.stringify(detail)}`);
  for (const denial of report.denials) violations.expect(false, () => `access was denied: ${denial.name} ${denial.action} ${denial.resource}`);
  const kept = TARGETS.flatMap((target) => [`Notify/${target}/DeadLetters`, `Notify/${target}/Expired`]);
  for (const [queue, messages] of Object.entries({ ...report.undelivered, ...report.deadLetters }).filter(([name]) => !kept.includes(name))) {
    violations.expect(false, () => `${messages} messages are left in ${queue}`);
  }
}
