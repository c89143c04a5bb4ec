import { type Books, canonical, type CommittedEvent } from './books';
import type { ReplayRun } from './driver';
import type { Effect } from './environment';
import { CHANGE_OUTBOXES, type ChangeOutboxId, isOrdered, isRows, OUTBOXES, type OutboxId, ROW_OUTBOXES, type RowOutboxId } from './stack';
import type { Outage } from './workload';
import type { Report } from '../../../simulator/src';
import type { ReplayProgress } from '../../../src/transactional-outbox/contract';
import type { Violations } from '../campaign';

/** What the simulated account holds when everything has come to rest. */
export interface Remains {
  readonly books: Books;
  readonly outages: readonly Outage[];
  readonly replays: readonly ReplayRun[];
  /** Bodies of the messages in an outbox's dead-letter queue. */
  readonly deadLetters: (outbox: OutboxId) => readonly string[];
  /** Ids in a consumer's inbox. */
  readonly claims: (outbox: OutboxId) => readonly string[];
  readonly report: Report;
}

/** The promises of the pattern's page, held against the writers' books, the consumers' ledger and the queues. */
export function checkInvariants(remains: Remains, violations: Violations) {
  for (const outbox of ROW_OUTBOXES) checkEvents(outbox, remains, violations);
  for (const outbox of CHANGE_OUTBOXES) checkChanges(outbox, remains, violations);
  for (const outbox of OUTBOXES) checkOnce(outbox, remains, violations);
  checkDeadLetters('RowsToBus', remains, violations);
  checkDeadLetters('RowsToFifo', remains, violations);
  for (const outbox of ['RowsParked', ...CHANGE_OUTBOXES] as const) checkNoDeadLetters(outbox, remains, violations);
  checkReplays(remains, violations);
  checkNothingVanished(remains, violations);
}

/** Each event that was committed took effect as it was written, unless it is poison; nothing else did. */
function checkEvents(outbox: RowOutboxId, { books }: Remains, violations: Violations) {
  const committed = new Map(books.events[outbox].map((event) => [event.id, event]));
  const effects = books.firstEffects(outbox);
  const byId = new Map(effects.map((effect) => [effect.id, effect]));
  for (const { id, aggregate, digest, fate } of committed.values()) {
    const effect = byId.get(id);
    if (fate === 'GIVEN_UP') violations.expect(!effect, () => `${outbox}: ${id} of ${aggregate} is poison, and took effect`);
    else violations.expect(effect !== undefined, () => `${outbox}: ${id} of ${aggregate} was committed, and never took effect`);
    if (!effect) continue;
    violations.expect(effect.subject === aggregate, () => `${outbox}: ${id} of ${aggregate} arrived as one of ${effect.subject}`);
    violations.expect(effect.digest === digest, () => `${outbox}: the payload of ${id} of ${aggregate} is not what was written`);
  }
  for (const { id, subject } of effects) violations.expect(committed.has(id), () => `${outbox}: ${id} of ${subject} took effect, and was never committed`);
  if (isOrdered(outbox)) checkOrder(outbox, books.events[outbox], effects, violations);
}

/** Consumers of a FIFO queue see each aggregate's events in the order of their commits. */
function checkOrder(outbox: RowOutboxId, committed: readonly CommittedEvent[], effects: readonly Effect[], violations: Violations) {
  for (const aggregate of new Set(committed.map((event) => event.aggregate))) {
    const place = new Map(committed.filter((event) => event.aggregate === aggregate).map(({ id }, index) => [id, index]));
    const own = effects.filter(({ subject }) => subject === aggregate);
    own.slice(1).forEach(({ id, sequence }, index) => {
      const before = own[index];
      violations.expect(place.get(before.id)! < place.get(id)!, () => `${outbox}: ${id} of ${aggregate} took effect after ${before.id}, which was committed later`);
      violations.expect(before.sequence < sequence, () => `${outbox}: ${aggregate} has sequence ${sequence} after ${before.sequence}`);
    });
  }
}

/** Each item's changes arrived, all of them, with what was there before and after; on a FIFO queue in their order. */
function checkChanges(outbox: ChangeOutboxId, { books }: Remains, violations: Violations) {
  const effects = books.firstEffects(outbox).filter(({ type }) => type !== 'ItemSnapshot');
  for (const item of new Set([...books.changes.map((change) => change.item), ...effects.map(({ subject }) => subject)])) {
    const own = effects.filter(({ subject }) => subject === item);
    const sorted = [...own].sort((a, b) => (a.sequence < b.sequence ? -1 : 1));
    const expected = books.changes.filter((change) => change.item === item).map(({ change }) => change);
    const arrived = (isOrdered(outbox) ? own : sorted).map(({ change }) => canonical(JSON.parse(change)));
    violations.expect(arrived.length === expected.length, () => `${outbox}: ${item} was changed ${expected.length} times, and ${arrived.length} changes took effect`);
    const wrong = arrived.findIndex((change, index) => change !== expected[index]);
    violations.expect(wrong === -1, () => `${outbox}: change ${wrong + 1} of ${item} was ${brief(expected[wrong])}, and what took effect is ${brief(arrived[wrong])}`);
  }
}

/** The inbox and the effects are of the same transactions: what is claimed took effect, once. */
function checkOnce(outbox: OutboxId, { books, claims }: Remains, violations: Violations) {
  const effects = books.effects[outbox].map(({ event }) => event);
  const twice = [...new Set(effects.filter((event, index) => effects.indexOf(event) !== index))];
  violations.expect(twice.length === 0, () => `${outbox}: took effect more than once: ${twice.join(', ')}`);
  const claimed = new Set(claims(outbox));
  const without = [...claimed].filter((event) => !effects.includes(event));
  violations.expect(without.length === 0, () => `${outbox}: the inbox knows events that took no effect: ${without.join(', ')}`);
  const unclaimed = effects.filter((event) => !claimed.has(event));
  violations.expect(unclaimed.length === 0, () => `${outbox}: events took effect that the inbox does not know: ${unclaimed.join(', ')}`);
}

interface DeadLetter {
  readonly context: { readonly condition: string };
  readonly DDBStreamBatchInfo: { readonly batchSize: number; readonly approximateArrivalOfFirstRecord: string; readonly startSequenceNumber: string };
}

/** What was given up is poison, each poison event was given up alone, and the queue points to the second in which it was written. */
function checkDeadLetters(outbox: RowOutboxId, { books, outages, deadLetters }: Remains, violations: Violations) {
  const letters: DeadLetter[] = deadLetters(outbox).map((body) => JSON.parse(body));
  const down = outages.some((outage) => outage.outbox === outbox);
  const exhausted = letters.filter(({ context }) => context.condition === 'RetryAttemptsExhausted');
  const aged = letters.filter(({ context }) => context.condition === 'RecordAgeExceeded');
  violations.expect(exhausted.length + aged.length === letters.length, () => `${outbox}: dead letters of unknown kinds: ${JSON.stringify(letters)}`);
  violations.expect(down || aged.length === 0, () => `${outbox}: gave up ${aged.length} records for their age, and its pipe was never down`);
  const poison = books.events[outbox].filter(({ fate }) => fate !== 'ARRIVES');
  const records = new Map(exhausted.map(({ DDBStreamBatchInfo: info }) => [info.startSequenceNumber, info]));
  for (const { batchSize } of records.values()) violations.expect(batchSize === 1, () => `${outbox}: ${batchSize} records were given up together`);
  const expected = poison.map(({ at }) => Math.floor(at / 1000)).sort();
  const pointed = [...records.values()].map((info) => Date.parse(info.approximateArrivalOfFirstRecord) / 1000).sort();
  if (down) violations.expect(pointed.every((second) => expected.includes(second)), () => `${outbox}: gave up what is no poison, of ${pointed}; poison is of ${expected}`);
  else violations.expect(String(pointed) === String(expected), () => `${outbox}: poison was written at ${expected}, and the dead letters point to ${pointed}`);
}

/** Poison is parked, and changes have none. */
function checkNoDeadLetters(outbox: OutboxId, { outages, deadLetters }: Remains, violations: Violations) {
  const down = outages.some((outage) => outage.outbox === outbox);
  const letters: DeadLetter[] = deadLetters(outbox).map((body) => JSON.parse(body));
  const unexplained = letters.filter(({ context }) => !down || context.condition !== 'RecordAgeExceeded');
  violations.expect(unexplained.length === 0, () => `${outbox}: has dead letters: ${JSON.stringify(unexplained)}`);
}

/** Replays end, and refuse nothing but poison and what waits behind it. */
function checkReplays({ books, replays }: Remains, violations: Violations) {
  for (const { outbox, request, run: { outcome } } of replays) {
    const name = `${outbox}: replay ${JSON.stringify(request)}`;
    violations.expect(outcome?.status === 'SUCCEEDED', () => `${name} ended ${outcome?.status} with ${outcome?.error}: ${outcome?.cause}`);
    if (outcome?.status !== 'SUCCEEDED') continue;
    const { refusals } = outcome.output as ReplayProgress;
    const poison = isRows(outbox) ? books.events[outbox].filter(({ fate }) => fate !== 'ARRIVES') : [];
    const refused = refusals.filter((refusal) => !poison.some(({ id, aggregate }) => (
      outbox === 'RowsParked' ? aggregate === refusal.aggregate : id === refusal.eventId)));
    violations.expect(refused.length === 0, () => `${name} refused ${JSON.stringify(refused)}`);
  }
}

/** No service lost anything but what a stream forgets in a day, nobody was denied anything, no queue holds anything. */
function checkNothingVanished({ outages, report }: Remains, violations: Violations) {
  const forgotten = (subject: string) => outages.some(({ outbox }) => subject.startsWith(`${outbox}/`));
  for (const { subject, event, detail } of report.lost) {
    violations.expect(event === 'pipes.lost' && forgotten(subject), () => `${subject}: ${event} ${JSON.stringify(detail)}`);
  }
  for (const denial of report.denials) violations.expect(false, () => `access was denied: ${denial.name} ${denial.action} ${denial.resource}`);
  const left = Object.entries(report.undelivered).filter(([queue]) => !OUTBOXES.some((outbox) => queue === `${outbox}/DeadLetters`));
  for (const [queue, messages] of left) violations.expect(false, () => `${messages} messages are left in ${queue}`);
}

/** Without what all items have. */
function brief(change: string | undefined): string {
  if (change === undefined) return 'none';
  const { old, new: fresh } = JSON.parse(change);
  const revision = (image: any) => (image === null ? 'nothing' : image === undefined ? 'absent' : `revision ${image.revision}`);
  return `from ${revision(old)} to ${revision(fresh)}`;
}
