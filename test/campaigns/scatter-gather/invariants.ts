import type { Outcome } from '../../../simulator/src';
import { GATHERING_ITEM, type GatheringResult, REPLY_ITEM_PREFIX } from '../../../src/scatter-gather/contract';
import type { Violations } from '../campaign';
import type { Banks } from './banks';
import { CHEAP_RATE, FRIENDLY_LIMIT, type GatheringId, TIMEOUT_SECONDS } from './stack';
import { RESPONDERS, type Start, type StrayReply } from './workload';

/** What the simulated account holds when everything has come to rest. */
export interface Remains {
  readonly starts: readonly { readonly start: Start; readonly outcome: Outcome | undefined; readonly tookMs: number }[];
  readonly strays: readonly StrayReply[];
  readonly banks: Banks;
  /** Items of a gathering's table, as plain JSON. */
  readonly items: (gathering: GatheringId) => readonly Record<string, any>[];
  /** A sentence for each change of a gathering's item after its close. */
  readonly changesAfterClose: readonly string[];
  /** Details of late-reply events. */
  readonly late: (gathering: GatheringId) => readonly Record<string, any>[];
  /** Texts of messages in the dead-letter queue. */
  readonly deadLetters: (gathering: GatheringId) => readonly string[];
}

/** The promises of the pattern's page, held against the table, the queues and the banks' own books. */
export function checkInvariants(remains: Remains, violations: Violations) {
  for (const { start, outcome, tookMs } of remains.starts) {
    const name = `${start.gathering}/${start.correlationId}`;
    const twins = remains.starts.filter((other) => other.start.gathering === start.gathering && other.start.correlationId === start.correlationId);
    violations.expect(outcome !== undefined, () => `${name}: the execution has not ended`);
    if (!outcome) continue;
    if (outcome.status !== 'SUCCEEDED') {
      const refused = outcome.error === 'DuplicateCorrelationId' && twins.length > 1;
      violations.expect(refused, () => `${name}: the execution ended ${outcome.status} with ${outcome.error}: ${outcome.cause}`);
      continue;
    }
    violations.expect(twins.filter((twin) => twin.outcome?.status === 'SUCCEEDED').length === 1, () => `${name}: two executions have a result`);
    checkResult(name, start, outcome.output as GatheringResult, tookMs, remains, violations);
  }
  checkNothingIsOpen(remains, violations);
  for (const change of remains.changesAfterClose) violations.expect(false, () => change);
  checkNoReplyVanished(remains, violations);
  checkDeadLetters(remains, violations);
}

function checkResult(name: string, start: Start, result: GatheringResult, tookMs: number, remains: Remains, violations: Violations) {
  const items = remains.items(start.gathering).filter((item) => item.correlationId === start.correlationId);
  const gathering = items.find((item) => item.item === GATHERING_ITEM);
  if (!gathering) return violations.expect(false, () => `${name}: there is no gathering in the table`);
  const expected = RESPONDERS
    .filter((responder) => responder !== 'FriendlyBank' || start.request.amount < FRIENDLY_LIMIT)
    .filter((responder) => start.recipients?.includes(responder) ?? true);
  const replied = result.replies.map((reply) => reply.responder);
  const failed = result.failures.map((failure) => failure.responder);
  const answered = [...replied, ...failed, ...result.missing];

  violations.expect(same(gathering.expected, expected), () => `${name}: expected ${gathering.expected}, but the conditions select ${expected}`);
  violations.expect(same(answered, expected), () => `${name}: replies, failures and missing are ${answered}, but ${expected} were asked`);
  violations.expect(same(replied, gathering.replied ?? []), () => `${name}: the result has replies of ${replied}, the table of ${gathering.replied}`);
  violations.expect(same(failed, gathering.failed ?? []), () => `${name}: the result has failures of ${failed}, the table of ${gathering.failed}`);
  for (const reply of result.replies) {
    const stored = items.find((item) => item.item === REPLY_ITEM_PREFIX + reply.responder);
    violations.expect(stored?.payload === JSON.stringify(reply.payload),
      () => `${name}: ${reply.responder}'s reply is ${JSON.stringify(reply.payload)} in the result and ${stored?.payload} in the table`);
  }
  const everybody = result.missing.length === 0;
  const truth = {
    All: () => everybody ? 'ALL' : 'TIMEOUT',
    AtLeastTwo: () => replied.length >= 2 ? 'COUNT' : everybody ? 'ALL' : 'TIMEOUT',
    CheapOnAverage: () => averageRate(result) < CHEAP_RATE ? 'CONDITION' : everybody ? 'ALL' : 'TIMEOUT',
  }[start.gathering]();
  violations.expect(result.completedBy === truth, () => `${name}: completedBy is ${result.completedBy}, but the replies say ${truth}`);
  const satisfied = start.gathering === 'All' ? replied.length === expected.length : truth === 'COUNT' || truth === 'CONDITION';
  const status = replied.length === 0 ? 'EMPTY' : satisfied ? 'COMPLETE' : 'PARTIAL';
  violations.expect(result.status === status, () => `${name}: status is ${result.status}, but the replies say ${status}`);
  violations.expect(result.completedBy !== 'TIMEOUT' || gathering.closedBy === 'DEADLINE',
    () => `${name}: completedBy is TIMEOUT, but the table says that the gathering was closed by ${gathering.closedBy}`);
  violations.expect(gathering.closedBy !== 'DEADLINE' || tookMs >= TIMEOUT_SECONDS * 1000, () => `${name}: it was closed by its deadline after only ${tookMs} ms`);
  if (gathering.taskToken) {
    for (const responder of result.completedBy === 'TIMEOUT' ? expected : []) {
      violations.expect(remains.banks.wasAsked(start.gathering, start.correlationId, responder), () => `${name}: ${responder} was never asked`);
    }
  }
}

function averageRate({ replies }: GatheringResult): number {
  return replies.reduce((sum, { payload }) => sum + (payload as { rate: number }).rate, 0) / replies.length;
}

function checkNothingIsOpen({ starts, items }: Remains, violations: Violations) {
  for (const gathering of new Set(starts.map(({ start }) => start.gathering))) {
    for (const item of items(gathering)) {
      if (item.item === GATHERING_ITEM) violations.expect(item.status === 'CLOSED', () => `${gathering}/${item.correlationId}: the gathering is still ${item.status}`);
    }
  }
}

/** Each reply that a bank made is in a result, was reported as late, or waits in the dead-letter queue. */
function checkNoReplyVanished({ starts, banks, late, deadLetters }: Remains, violations: Violations) {
  for (const { gathering, correlationId, responder, quote } of banks.replies) {
    const name = `${gathering}/${correlationId}`;
    const inResult = starts.filter(({ start, outcome }) => start.gathering === gathering && start.correlationId === correlationId
      && (outcome?.output as GatheringResult | undefined)?.replies.some(({ payload }) => (payload as { quote: string }).quote === quote));
    const reported = late(gathering).some(({ payload }) => payload?.quote === quote);
    const dead = deadLetters(gathering).some((text) => text.includes(`"${quote}"`));
    violations.expect(inResult.length > 0 || reported || dead, () => `${name}: ${responder}'s reply ${quote} is nowhere`);
  }
}

function checkDeadLetters({ strays, deadLetters }: Remains, violations: Violations) {
  for (const stray of strays.filter(({ malformed }) => malformed)) {
    violations.expect(deadLetters(stray.gathering).length > 0, () => `${stray.gathering}: a malformed reply is not in the dead-letter queue`);
  }
}

function same(a: Iterable<string>, b: Iterable<string>): boolean {
  return JSON.stringify([...a].sort()) === JSON.stringify([...b].sort());
}
