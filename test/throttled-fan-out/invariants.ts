import type { Arrival, Books } from './books';
import type { GivenUpMessage } from './scene';
import { excess } from '../lambda-src/throttled-fan-out/limiter/workers';

/** A limit and when it holds, in true time. Where several hold at once, the highest counts. */
export interface LimitInForce {
  readonly ratePerSecond: number;
  readonly burst: number;
  readonly from: number;
  readonly to: number;
}

/** What a target and its queues hold when a run is over. */
export interface Remains {
  readonly target: string;
  readonly books: Books;
  /** Texts of the messages that this target had to get. */
  readonly wanted: readonly string[];
  readonly deadLetters: readonly GivenUpMessage[];
  readonly expired: readonly GivenUpMessage[];
  /** Messages that are still in its own queues. */
  readonly queued: number;
  readonly maxAttempts: number;
  /** Deliveries that failed before the target saw them. */
  readonly failedUnseen?: number;
  /** A delivery that took so long may have failed, whatever the target says. */
  readonly timeoutMs: number;
}

/** In every window of t seconds at most `rate × t + burst` deliveries, whatever the limit was when. */
export function rateKept(target: string, arrivals: readonly Pick<Arrival, 'at'>[], limits: readonly LimitInForce[]): string[] {
  const worst = limits.length === 1
    ? excess(arrivals.map(({ at }) => at), limits[0]!.ratePerSecond, limits[0]!.burst)
    : excessOverTime(arrivals.map(({ at }) => at), limits);
  return worst > 0 ? [`${target}: got ${worst.toFixed(3)} deliveries more than rate × t + burst in some window`] : [];
}

/** The same as `excess` with a limit that changes: a bucket that fills at the rate of the moment, and holds the burst of the moment. */
function excessOverTime(times: readonly number[], limits: readonly LimitInForce[]): number {
  const highest = (at: number, of: 'ratePerSecond' | 'burst') => Math.max(0, ...limits.filter(({ from, to }) => from <= at && at < to).map((limit) => limit[of]));
  const changes = limits.flatMap(({ from, to }) => [from, to]);
  let worst = 0;
  let filledAt = -Infinity;
  let held = Infinity;
  const fillUntil = (at: number) => {
    const steps = [...changes.filter((change) => change > filledAt && change < at), at].sort((one, other) => one - other);
    for (const step of steps) {
      // Before the first delivery the bucket is full.
      held = filledAt === -Infinity ? Infinity : held + (step - filledAt) * highest(filledAt, 'ratePerSecond') / 1000;
      held = Math.min(held, highest(step, 'burst'));
      filledAt = step;
    }
  };
  for (const at of [...times].sort((one, other) => one - other)) {
    fillUntil(at);
    held -= 1;
    worst = Math.max(worst, -held);
  }
  return worst < 1e-6 ? 0 : worst;
}

/** Each message was delivered, or is kept with a reason, or is still queued; and nothing else was delivered. */
export function noneLost({ target, books, wanted, deadLetters, expired, queued }: Remains): string[] {
  const known = new Set(wanted);
  const delivered = new Set(books.delivered(target));
  const kept = new Set([...deadLetters, ...expired].map(({ text }) => text));
  const missing = wanted.filter((text) => !delivered.has(text) && !kept.has(text));
  const strange = [...new Set(books.of(target).map(({ delivery }) => delivery.message))].filter((text) => !known.has(text));
  return [
    ...(missing.length > queued ? [`${target}: ${missing.length} messages are gone, and ${queued} are in its queues: ${brief(missing)}`] : []),
    ...(strange.length > 0 ? [`${target}: got what nobody published for it: ${brief(strange)}`] : []),
  ];
}

/** What was given up says why, and whatever is in the dead-letter queue failed as often as it must: to be throttled or to wait is no failure. */
export function noneGivenUpForWaiting({ target, books, deadLetters, expired, maxAttempts, failedUnseen = 0, timeoutMs }: Remains): string[] {
  const failures = new Map<string, number>();
  for (const { at, delivery: { message }, end } of books.of(target)) {
    if (end?.how === 'FAILED' || !end || end.at - at >= timeoutMs) failures.set(message, (failures.get(message) ?? 0) + 1);
  }
  const unexplained = deadLetters.filter(({ reason }) => reason !== 'FAILED' && reason !== 'INVALID');
  const failed = new Set(deadLetters.filter(({ reason }) => reason === 'FAILED').map(({ text }) => text));
  const early = [...failed].filter((text) => (failures.get(text) ?? 0) < maxAttempts);
  const lacking = early.reduce((sum, text) => sum + maxAttempts - (failures.get(text) ?? 0), 0);
  const strange = expired.filter(({ reason }) => reason !== 'EXPIRED');
  return [
    ...(unexplained.length > 0 ? [`${target}: in the dead-letter queue without a failure: ${brief(unexplained.map(({ text, reason }) => `${text} (${reason})`))}`] : []),
    ...(lacking > failedUnseen ? [`${target}: given up before they failed ${maxAttempts} times: ${brief(early.map((text) => `${text} (${failures.get(text) ?? 0})`))}`] : []),
    ...(strange.length > 0 ? [`${target}: in the expired queue with another reason: ${brief(strange.map(({ text, reason }) => `${text} (${reason})`))}`] : []),
  ];
}

/** Each delivery has the priority that was published, or the lowest. */
export function prioritiesTold(target: string, books: Books, priorities: readonly string[]): string[] {
  const published = new Map(books.published.map(({ text, priority }) => [text, priority]));
  const lowest = priorities.at(-1);
  const wrong = books.of(target).filter(({ delivery: { message, priority } }) => {
    const wanted = published.get(message);
    return priority !== (wanted !== undefined && priorities.includes(wanted) ? wanted : lowest);
  });
  return wrong.length > 0 ? [`${target}: delivered with the wrong priority: ${brief(wrong.map(({ delivery }) => `${delivery.message} (${delivery.priority})`))}`] : [];
}

/**
 * While there is a backlog of `higher`, others get their aged share at most, and what was booked before. Where its own messages pause, because a
 * service was slow to hand them out, the rate is for the others.
 */
export function higherFirst(arrivals: readonly Arrival[], { higher, from, to, ratePerSecond, share }: {
  higher: string; from: number; to: number; ratePerSecond: number; share: number;
}): string[] {
  const highers = arrivals.filter(({ delivery }) => delivery.priority === higher).map(({ at }) => at);
  const pauseMs = SLOTS_OF_A_PAUSE * 1000 / ratePerSecond;
  const between = (after: number, before: number) => highers.some((at) => after < at && at < before);
  const flows = (at: number) => between(at - pauseMs, at) && between(at, at + pauseMs);
  const lower = arrivals.filter(({ at, delivery }) => at >= from && at < to && delivery.priority !== higher && flows(at)).length;
  const allowed = Math.ceil(ratePerSecond * (to - from) / 1000 * share) + BOOKED_BEFORE;
  return lower > allowed ? [`${arrivals[0]!.target}: ${lower} deliveries of lower priorities in ${to - from} ms of a backlog of '${higher}', at most ${allowed} may be`] : [];
}

const SLOTS_OF_A_PAUSE = 6;
/** A lower priority has its block when the first batch of the higher one comes, and when it is between two batches. */
const BOOKED_BEFORE = 3;

/** Nothing is delivered in a while. */
export function silent(target: string, arrivals: readonly Arrival[], from: number, to: number, why: string, most: number = 0): string[] {
  const found = arrivals.filter(({ at }) => at >= from && at < to).length;
  return found > most ? [`${target}: ${found} deliveries in ${to - from} ms while it was ${why}, at most ${most} may be`] : [];
}

/** How many deliveries the target had under way at once. One whose end nobody told is under way no longer than `timeoutMs`. */
export function mostAtOnce(arrivals: readonly Arrival[], timeoutMs: number): number {
  const changes = arrivals.flatMap(({ at, end }) => [[at, 1], [Math.min(end?.at ?? Infinity, at + timeoutMs), -1]] as [number, number][]);
  let underWay = 0;
  changes.sort(([one, first], [other, second]) => one - other || first - second);
  return changes.reduce((most, [, change]) => Math.max(most, underWay += change), 0);
}

function brief(texts: readonly string[]): string {
  return texts.length > 5 ? `${texts.slice(0, 5).join(', ')} and ${texts.length - 5} more` : texts.join(', ');
}
