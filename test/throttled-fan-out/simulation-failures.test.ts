import { Duration } from 'aws-cdk-lib';
import type { Behaviour } from './books';
import { mostAtOnce, silent } from './invariants';
import { assemble, HOUR, messages, MINUTE, RATE, Scene, SECOND } from './scene';
import { ScriptedFaults } from '../../simulator/src';
import { AdaptiveRate, Rate } from '../../src';
import { Outage } from '../simulate';

const SLOW_RATE = 2;
const MAX_CONCURRENCY = 12;
const adaptiveLimits = [{ ratePerSecond: SLOW_RATE, burst: SLOW_RATE, from: -Infinity, to: Infinity }];
/** Two invocations of ten messages make so many before they have delivered half of them. */
const CALLS = 20;
const crashes = ['crash-before', 'crash-after'] as const;

let usual: string;
let adaptive: string;
beforeAll(() => {
  usual = assemble();
  adaptive = assemble({
    options: {
      rate: Rate.perSecond(SLOW_RATE),
      adaptive: AdaptiveRate.aimd({ floor: Rate.perSecond(0.2), latencyTarget: Duration.millis(1_500) }),
      maxConcurrency: MAX_CONCURRENCY,
    },
  });
});

it('a target that was down for an hour is back at 90 % of its rate within two minutes, and nothing was given up for waiting', async () => {
  let down = true;
  const scene = new Scene(adaptive, {
    behaviours: {
      SendMail: async (_, { sleep }) => {
        await sleep(50);
        if (down) throw new Error('down');
      },
    },
  });
  scene.publish(messages('normal', 350));
  await scene.pass(HOUR);
  const probes = scene.books.of('Mail').length;
  down = false;
  const back = scene.now;
  await scene.pass(2.5 * MINUTE);

  expect(scene.deliveries(back + 2 * MINUTE, back + 2.5 * MINUTE)).toBeGreaterThanOrEqual(0.9 * SLOW_RATE * 30);
  expect(probes).toBeLessThan(HOUR / (10 * SECOND) + 15);
  expect(probes).toBeGreaterThan(0.95 * HOUR / (10 * SECOND));
  expect(await scene.violations({ limits: adaptiveLimits })).toEqual([]);
  expect(await scene.givenUp('DeadLetters')).toEqual([]);
});

it('a target that slows instead of failing gets what it can take, and is at its rate again when it is well', async () => {
  let perDelivery = 1_200;
  let freeAt = 0;
  const oneByOne: Behaviour = async (_, { sleep, now }) => {
    freeAt = Math.max(freeAt, now()) + perDelivery;
    await sleep(freeAt - now());
  };
  const scene = new Scene(adaptive, { behaviours: { SendMail: oneByOne } });
  scene.publish(messages('normal', 450));
  await scene.pass(2 * MINUTE);
  const slowed = scene.deliveries(scene.now - MINUTE, scene.now);
  const settled = scene.books.of('Mail').filter(({ at, end }) => at > scene.now - MINUTE && end);
  perDelivery = 50;
  const well = scene.now;
  await scene.pass(2.5 * MINUTE);

  // It takes 50 a minute; more than that would be waiting at the target.
  expect(slowed).toBeGreaterThan(25);
  expect(slowed).toBeLessThan(55);
  expect(settled.filter(({ at, end }) => end!.at - at > 3 * SECOND)).toEqual([]);
  expect(mostAtOnce(scene.books.of('Mail'), 5 * SECOND)).toBeLessThanOrEqual(MAX_CONCURRENCY);
  expect(scene.deliveries(well + 2 * MINUTE, well + 2.5 * MINUTE)).toBeGreaterThanOrEqual(0.9 * SLOW_RATE * 30);
  expect(await scene.violations({ limits: adaptiveLimits })).toEqual([]);
  expect(await scene.givenUp('DeadLetters')).toEqual([]);
});

it.each(crashes)('a dispatcher that dies at any of its calls (%s) loses nothing, and the others go on', async (kind) => {
  let deaths = 0;
  for (let nth = 1; nth <= CALLS; nth++) {
    const faults = new ScriptedFaults([{ caller: 'Dispatch', nth, fault: { kind } }]);
    const scene = new Scene(usual, { simulation: { faults } });
    scene.publish(messages('normal', 30));
    const from = scene.now;
    await scene.pass(20 * SECOND);
    const arrivals = [from, ...scene.books.of('Mail').map(({ at }) => at)];
    const gaps = arrivals.slice(1).map((at, index) => at - arrivals[index]!);
    await scene.rest();
    deaths += faults.hits[0]!;

    expect([nth, await scene.violations()]).toEqual([nth, []]);
    expect(new Set(scene.books.delivered('Mail')).size).toBe(30);
    expect(scene.simulation.report().deadLetters).toEqual({});
    // The slots that it had booked pass unused. When it was the only one that knew the time, the others find that out after 3 s.
    expect(Math.max(...gaps)).toBeLessThan(4 * SECOND);
  }
  expect(deaths).toBe(CALLS);
});

it.each(['throttle', 'error-before'] as const)('while the limiter\'s item cannot be written (%s) nothing is delivered, and nothing is lost', async (kind) => {
  const { scene, from, to } = await withoutItem(kind);
  expect(silent('Mail', scene.books.of('Mail'), from + 2 * SECOND, to, 'without a limiter')).toEqual([]);
  expect(scene.deliveries(to + 10 * SECOND, to + 30 * SECOND)).toBeGreaterThan(20);
});

it('when the answers of the limiter\'s item are lost, its slots are used all the same, and nothing is lost', async () => {
  const { scene, from, to } = await withoutItem('error-after');
  expect(scene.deliveries(from, to)).toBeGreaterThan(20);
});

it('a poison message is given up after its attempts, with the reason, and holds up nobody', async () => {
  const scene = new Scene(usual, {
    behaviours: {
      SendMail: ({ message }) => {
        if (message === 'normal-3') throw new Error('cannot be read');
      },
    },
  });
  scene.publish(messages('normal', 30));
  await scene.rest();

  expect(await scene.violations()).toEqual([]);
  const tries = scene.books.of('Mail').filter(({ delivery }) => delivery.message === 'normal-3');
  expect(tries).toHaveLength(5);
  expect(await scene.givenUp('DeadLetters')).toEqual([{ text: 'normal-3', reason: 'FAILED', priority: 'normal', messageId: tries[0]!.delivery.id }]);
  expect(scene.books.delivered('Mail')).toHaveLength(29);
  expect(Math.max(...scene.waits('normal').filter((_, index) => index < 30))).toBeLessThan(5 * SECOND);
});

it('a target that asks for silence gets it from all workers, and being throttled is no attempt', async () => {
  const once = assemble({ options: { maxAttempts: 1 } });
  let throttledAt: number | undefined;
  const scene: Scene = new Scene(once, {
    behaviours: {
      SendMail: async (_, { sleep }) => {
        await sleep(20);
        // One delivery hears of it, the other workers only by the limiter.
        if (throttledAt !== undefined || scene.books.of('Mail').length <= 20) return undefined;
        throttledAt = scene.now;
        return { throttled: true, retryAfterSeconds: 20 };
      },
    },
  });
  for (const priority of ['critical', 'normal', 'bulk']) scene.publish(messages(priority, 40));
  await scene.rest();

  const arrivals = scene.books.of('Mail');
  expect(silent('Mail', arrivals, throttledAt! + 2 * SECOND, throttledAt! + 20 * SECOND, 'to be left alone')).toEqual([]);
  expect(scene.deliveries(throttledAt! + 20 * SECOND, throttledAt! + 26 * SECOND)).toBeGreaterThan(0.8 * RATE * 5);
  expect(await scene.violations({ maxAttempts: 1 })).toEqual([]);
  expect(new Set(scene.books.delivered('Mail')).size).toBe(120);
  expect(scene.simulation.report().deadLetters).toEqual({});
});

it('messages that become too old go to the expired queue with the reason, and not to the target', async () => {
  const scene = new Scene(assemble({ options: { maxAge: Duration.minutes(1), ageing: Duration.seconds(30) } }));
  scene.publish(messages('bulk', 900));
  await scene.rest();

  expect(scene.simulation.report().undelivered).toEqual({ 'Notify/Mail/Expired': expect.any(Number) });
  expect(Math.max(...scene.waits('bulk'))).toBeLessThan(MINUTE + 2 * SECOND);
  expect(scene.books.of('Mail').length).toBeGreaterThan(0.95 * RATE * 58);
  const expired = await scene.givenUp('Expired');
  expect(expired.length + scene.books.of('Mail').length).toBe(900);
  expect(expired[0]).toEqual({ text: expect.stringMatching(/^bulk-\d+$/), reason: 'EXPIRED', priority: 'bulk', messageId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  expect(await scene.violations()).toEqual([]);
});

/** Two messages a second for two minutes, and 40 seconds of them without the limiter's item. */
async function withoutItem(kind: 'throttle' | 'error-before' | 'error-after') {
  const outage = new Outage({ service: 'dynamodb', operation: 'PutItem', caller: 'Dispatch' }, { kind });
  const scene = new Scene(usual, { simulation: { faults: outage } });
  scene.stream('normal', 2, 2 * MINUTE);
  await scene.pass(20 * SECOND);
  outage.down = true;
  const from = scene.now;
  await scene.pass(40 * SECOND);
  outage.down = false;
  const to = scene.now;
  await scene.rest();

  expect(outage.hits).toBeGreaterThan(20);
  expect(await scene.violations()).toEqual([]);
  expect(new Set(scene.books.delivered('Mail')).size).toBe(240);
  expect(scene.simulation.report().deadLetters).toEqual({});
  return { scene, from, to };
}
