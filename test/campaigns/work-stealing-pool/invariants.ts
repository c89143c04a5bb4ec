import { isGone } from './books';
import type { Driver } from './driver';
import { FLEET_CAPACITY, FUNCTION_GROUPS, type Group, GROUPS, INTERVAL_MS, LEASE_MS, MAX_RECEIVES, PLACES, POOL, TASK_TIMEOUT_MS } from './environment';
import type { PoolFaults } from './faults';
import { SECOND, type SubmittedTask, type Workload } from './workload';
import type { Simulation } from '../../../simulator/src';
import type { QueuedTask } from '../../../src/work-stealing-pool/contract';
import { operate } from '../../simulate';
import type { Violations } from '../campaign';

/** What the simulated account holds when everything has come to rest. */
export interface AccountRemains {
  readonly start: number;
  readonly plan: Workload;
  readonly driver: Driver;
  readonly faults: PoolFaults;
  readonly simulation: Simulation;
  readonly settled: { readonly empty: boolean; readonly quiet: boolean };
}

interface DeadLetter {
  readonly id: string;
  readonly body: string;
  /** Absent for what was no task. */
  readonly group: Group | undefined;
}

/** The promises of the pattern's page, held against what users, queues and tables saw. */
export async function checkInvariants(account: AccountRemains, violations: Violations) {
  const { driver: { books, plans }, settled, simulation } = account;
  const dead = await deadLetters(simulation);
  violations.list.push(...new Set([...books.outrages, ...plans.outrages]));
  violations.expect(settled.empty, () => `tasks are left in queues: ${JSON.stringify(simulation.report().undelivered)}`);
  violations.expect(settled.quiet, () => 'somebody runs on for ever, although there is nothing to do');
  for (const { task, times } of books.submitted.values()) checkTask(task, times, dead, account, violations);
  checkDeadLetters(dead, account, violations);
  checkFences(account, violations);
  checkPlaces(account, violations);
  checkRetired(account, violations);
  checkAffinity(account, violations);
  checkIdleness(account, violations);
  checkContention(account, violations);
  checkNothingVanished(account, violations);
}

/** Done, once, or given up; and each of its messages is accounted for. */
function checkTask(
  { id, payload: { kind } }: SubmittedTask, times: number, dead: readonly DeadLetter[], account: AccountRemains, violations: Violations,
) {
  const { plan, driver: { books } } = account;
  const given = dead.filter(({ body }) => taskIn(body)?.id === id);
  const messages = books.messagesOf(id);
  const done = books.items.get(id)?.state === 'DONE';
  const effects = books.effects.get(id)?.times ?? 0;
  const expected = done && kind !== 'returns' ? 1 : 0;
  violations.expect(done || given.length > 0, () => (
    `${id} is neither done nor given up; it is ${books.items.get(id)?.state ?? 'not begun'}, and had ${messages.length} message(s)`));
  violations.expect(effects === expected, () => `${id} is ${done ? 'done' : 'not done'}, and its effect happened ${effects} times`);
  // Who dies between the end of the last attempt and the deletion leaves a message that is given up; without that, it takes a second message.
  const lastAttempt = plan.weather !== 'CALM' && messages.some(({ receives }) => receives >= MAX_RECEIVES);
  violations.expect(!done || given.length === 0 || messages.length > 1 || lastAttempt, () => `${id} is done, and its only message was given up`);
  violations.expect(kind !== 'poison' || !done, () => `${id} never succeeds, and is done`);
  for (const message of messages) {
    const kept = given.some((each) => each.id === message.id);
    violations.expect(isGone(message) || kept, () => `a message of ${id} is neither deleted nor given up`);
  }
  // Nobody passes tasks on: there are as many messages as the router has sent, for what it was handed.
  const handed = books.routed.get(id) ?? 0;
  violations.expect(plan.weather !== 'CALM' || messages.length <= handed, () => `${id} had ${messages.length} messages, and the router was handed it ${handed} times`);
  if (plan.weather === 'CALM') checkInCalm(id, times, given, books, violations);
}

/** Where nothing fails but tasks themselves, each is begun once and for each failure once more, however long it takes. */
function checkInCalm(id: string, times: number, given: readonly DeadLetter[], books: Driver['books'], violations: Violations) {
  const { payload: { kind, failures = 0 } } = books.submitted.get(id)!.task;
  const begun = books.notesOf(id, 'BEGUN');
  if (kind === 'poison') {
    const attempts = begun.map(({ attempt }) => attempt).sort((one, other) => one - other);
    const all = Array.from({ length: MAX_RECEIVES }, (_, index) => index + 1);
    // A message that comes while another one of the task is under way is no attempt.
    violations.expect(times > 1 || String(attempts) === String(all), () => `${id} is poison and was begun as attempts ${attempts}`);
    return;
  }
  violations.expect(given.length === 0, () => `${id} was given up in ${given.map(({ group }) => group)} though nothing failed but ${failures} attempt(s)`);
  violations.expect(begun.length <= failures * times + 1, () => `${id} was begun ${begun.length} times and failed ${failures} time(s)`);
}

/** A task that is given up is in the dead-letter queue of its home, after as many receives as it may have; what is no task is kept too. */
function checkDeadLetters(dead: readonly DeadLetter[], { driver: { books, garbage } }: AccountRemains, violations: Violations) {
  for (const { id, body, group } of dead) {
    if (group === undefined) continue;
    const message = books.messages.get(id);
    violations.expect(message?.home === group, () => `the dead-letter queue of ${group} has ${taskIn(body)?.id}, whose home is ${message?.home ?? 'nowhere'}`);
    violations.expect((message?.receives ?? 0) >= MAX_RECEIVES, () => `${taskIn(body)?.id} was given up after ${message?.receives} receives`);
  }
  const kept = dead.filter(({ group }) => group === undefined).map(({ body }) => body);
  for (const text of garbage) violations.expect(kept.includes(text), () => `what is no task is gone: ${text}`);
  for (const body of kept) violations.expect(garbage.includes(body), () => `a task was given up before it was routed: ${body}`);
}

/** Each beginning has a fence of its own, and only the last one may commit. */
function checkFences({ driver: { books } }: AccountRemains, violations: Violations) {
  const seen = new Set<string>();
  for (const { what, task, fence } of books.notes) {
    if (what !== 'BEGUN') continue;
    violations.expect(!seen.has(`${task} ${fence}`), () => `${task} was begun twice with fence ${fence}`);
    seen.add(`${task} ${fence}`);
  }
  for (const [task, { fence }] of books.effects) {
    const item = books.items.get(task);
    violations.expect(item?.fence === fence, () => `${task} took effect with fence ${fence}, and has ${item?.fence}`);
  }
}

/** What was left behind goes on for as long as a task may take; after that a runner's places are all that are in use. */
function checkPlaces({ plan, start, driver: { places, plans, books }, faults }: AccountRemains, violations: Violations) {
  for (const group of FUNCTION_GROUPS) {
    const deaths = faults.troubles.filter(({ who, kind }) => who === `${POOL}/${group}/Run` && kind.startsWith('crash')).map(({ at }) => start + at);
    const left = [...deaths, ...plans.takeovers.filter((each) => each.group === group).map(({ at }) => at)];
    for (const { at, underWay, group: where } of places.peaks) {
      if (where !== group) continue;
      const before = (times: readonly number[]) => times.filter((one) => one <= at && at < one + TASK_TIMEOUT_MS + LEASE_MS).length;
      const allowed = plan.weather === 'CALM' ? PLACES[group] : PLACES[group] * (1 + before(left)) + before(books.takenAway);
      violations.expect(underWay <= allowed, () => `${group} had ${underWay} tasks under way, and ${allowed} were allowed`);
    }
  }
  const most = places.mostOfOneWorker();
  violations.expect(most <= FLEET_CAPACITY, () => `a worker had ${most} tasks under way, and has ${FLEET_CAPACITY} places`);
}

/** The router looks every second, workers with each heartbeat. */
const IN_FORCE_AFTER_MS = LEASE_MS / 3 + 5 * SECOND;

/** A group that is retired gets no tasks, and takes none. */
function checkRetired({ plan, start, driver: { books } }: AccountRemains, violations: Violations) {
  if (plan.weather === 'UNSTEADY') return;
  for (const { group, fromMs, toMs } of plan.retirements) {
    const within = (at: number) => start + fromMs + IN_FORCE_AFTER_MS <= at && at < start + toMs;
    const sent = [...books.messages.values()].filter((message) => message.home === group && within(message.sentAt));
    violations.expect(sent.length === 0, () => `${group} got ${sent.length} tasks while it was retired`);
    const begun = books.notes.filter((note) => note.what === 'BEGUN' && note.group === group && within(note.at));
    violations.expect(begun.length === 0, () => `${group} began ${begun.length} tasks while it was retired`);
  }
}

/** A key is one group's, as long as the operator leaves the groups as they are. */
function checkAffinity({ plan, driver: { books } }: AccountRemains, violations: Violations) {
  if (plan.retirements.length > 0) return;
  const homes = new Map<string, Set<Group>>();
  for (const { task, home } of books.messages.values()) {
    const { payload: { key }, groups } = books.submitted.get(task)!.task;
    if (key === undefined || groups) continue;
    homes.set(key, (homes.get(key) ?? new Set()).add(home));
  }
  for (const [key, groups] of homes) violations.expect(groups.size === 1, () => `tasks of ${key} were sent to ${[...groups].join(' and ')}`);
}

/** Two intervals, and what it takes to wake somebody, to look and to poll. */
const IDLE_MS = 2 * INTERVAL_MS;

/** Nobody idles for long while others have more than they can do: where readings are true, and nobody has died. */
function checkIdleness({ plan, start, driver: { places } }: AccountRemains, violations: Violations) {
  if (plan.weather !== 'CALM' || plan.depthLagMs > 0) return;
  for (const { group, victim, from, to } of places.idleness) {
    const retired = plan.retirements.some(({ fromMs, toMs }) => start + fromMs - SECOND <= to && from <= start + toMs + IN_FORCE_AFTER_MS);
    violations.expect(retired || to - from <= IDLE_MS, () => `${group} idled for ${(to - from) / SECOND} s from ${(from - start) / SECOND} s on, while ${victim} had more than it could do`);
  }
}

/** Writes that were refused: claims of duplicates, roles that others had. */
function checkContention({ plan, driver: { books } }: AccountRemains, violations: Violations) {
  if (plan.weather !== 'CALM') return;
  const refused = [...books.refusals.values()].reduce((sum, count) => sum + count, 0);
  const most = 20 + books.messages.size;
  violations.expect(refused <= most, () => `${refused} conditional writes were refused for ${books.messages.size} messages: ${JSON.stringify([...books.refusals])}`);
}

/** No service lost anything but wakes, nobody was denied anything. */
function checkNothingVanished({ simulation }: AccountRemains, violations: Violations) {
  const { lost, denials } = simulation.report();
  for (const { subject, event, detail } of lost) {
    // A runner or a leader that died, or a tick that did not come through: who looks next, or the next minute's tick, wakes another one.
    if (event === 'lambda.eventDropped' || subject === `${POOL}/Tick`) continue;
    violations.expect(false, () => `${subject}: ${event} ${JSON.stringify(detail)}`);
  }
  for (const denial of denials) violations.expect(false, () => `access was denied: ${denial.name} ${denial.action} ${denial.resource}`);
}

async function deadLetters(simulation: Simulation): Promise<DeadLetter[]> {
  const queues = [...GROUPS.map((group) => ({ group, id: `${POOL}/${group}/DeadLetters` })), { group: undefined, id: `${POOL}/SubmitDeadLetters` }];
  const found: DeadLetter[] = [];
  for (const { group, id } of queues) {
    const QueueUrl = simulation.find(id, ['AWS::SQS::Queue']).provisioned.ref;
    for (;;) {
      const { Messages = [] } = await operate(simulation, 'sqs', 'ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 43_200 });
      if (Messages.length === 0) break;
      found.push(...Messages.map(({ MessageId, Body }: any) => ({ id: MessageId, body: Body, group })));
    }
  }
  return found;
}

function taskIn(body: string): QueuedTask | undefined {
  try {
    return JSON.parse(body) as QueuedTask;
  } catch {
    return undefined;
  }
}
