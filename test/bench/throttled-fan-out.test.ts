import { Excess, excessOf, rateBetween, reachesRate } from '../../bench/throttled-fan-out/arrivals';
import type { Backlog } from '../../bench/throttled-fan-out/backlog';
import { maximumConcurrency, reservedConcurrency } from '../../bench/throttled-fan-out/concurrency-stacks';
import { type CrossCheck, crossCheck, COMPARED } from '../../bench/throttled-fan-out/day/cross-check';
import { type Day, simulateDay } from '../../bench/throttled-fan-out/day/day';
import { dayOf, evenly } from '../../bench/throttled-fan-out/day/demand';
import { billRows, deviation } from '../../bench/throttled-fan-out/day/figures';
import { missedInCrossCheck, missedInDay } from '../../bench/throttled-fan-out/day/goals';
import { MessageQueue } from '../../bench/throttled-fan-out/day/message-queue';
import { deployedKinds, KINDS } from '../../bench/throttled-fan-out/day/target-kind';
import { TargetStudy } from '../../bench/throttled-fan-out/day/target-study';
import { VirtualTime } from '../../bench/throttled-fan-out/day/virtual-time';
import type { Design } from '../../bench/throttled-fan-out/design';
import { missedInBacklog, missedInFlood, missedInOutage } from '../../bench/throttled-fan-out/goals';
import { throttledFanOut } from '../../bench/throttled-fan-out/ours-stack';
import { Scene } from '../../bench/throttled-fan-out/scene';
import { visibilityLimiter } from '../../bench/throttled-fan-out/visibility-limiter-stack';
import { Random } from '../../simulator/src';

process.env.CDK_VALIDATION = 'false';

const design = { name: 'ours' } as Design;

describe('the bench of the fan-out', () => {
  it('finds the fullest window, wherever it begins', () => {
    const limit = { perSecond: 10, burst: 3 };
    expect(excessOf([0, 0, 0, 100, 200], limit)).toBe(0);
    expect(excessOf([0, 0, 0, 0], limit)).toBeCloseTo(1);
    expect(excessOf([0, 5_000, 5_000, 5_000, 5_050, 5_050], limit)).toBeCloseTo(1.5);
    const excess = new Excess(10, 3);
    for (const at of [0, 0, 0, 0, 9_000]) excess.add(at);
    expect(excess.worst).toBeCloseTo(1);
  });

  it('takes a rate between two times, and finds when it is first reached', () => {
    const times = [0, 1_000, 2_000, 2_500, 3_000, 3_500, 4_000];
    expect(rateBetween(times, 2_000, 4_000)).toBe(2);
    expect(reachesRate(times, 500, 3, 1_000)).toBe(2_000);
    expect(reachesRate(times, 500, 3, 2_000)).toBeUndefined();
    expect(reachesRate(times, 9_000, 1, 1_000)).toBeUndefined();
  });

  it('names each goal that is missed, and no other', () => {
    const backlog: Backlog = {
      design, utilisation: [0.95, 1], excess: 0, deadLettered: 0, messages: 100, arrivals: 100, limiterWrites: 10, units: {},
    };
    expect(missedInBacklog(backlog)).toEqual([]);
    expect(missedInBacklog({ ...backlog, utilisation: [0.94, 1], excess: 2, deadLettered: 1, arrivals: 99, limiterWrites: 11 })).toEqual([
      'ours uses 94.0 % of the rate in a backlog, at least 95.0 % are wanted',
      'ours is 2.0 deliveries above its limit in a window, none are allowed',
      'ours has dead-lettered 1 messages for being throttled, none may be',
      'ours has delivered 99 times, there are 100 messages',
      'ours takes 0.110 limiter writes a message, at most 0.1 are allowed',
    ]);
    const flood = { design, unloadedP99Ms: 300, floodedP99Ms: 600, missing: 0 };
    expect(missedInFlood(flood)).toEqual([]);
    expect(missedInFlood({ ...flood, floodedP99Ms: 630, missing: 2 })).toEqual([
      'ours has not delivered 2 critical messages', 'in a flood critical messages of ours wait 2.1 times as long, at most 2 are allowed',
    ]);
    const outage = { design, published: 10, refused: 3, deadLettered: 0, recoveryMs: 120_000 };
    expect(missedInOutage(outage)).toEqual([]);
    expect(missedInOutage({ ...outage, deadLettered: 1, recoveryMs: undefined })).toEqual([
      'ours is back at 90.0 % of its rate after no time, at most 120 s are allowed', 'ours has dead-lettered 1 messages because of an outage',
    ]);
    expect(missedInOutage({ ...outage, recoveryMs: 121_000 })).toEqual(['ours is back at 90.0 % of its rate after 121 s, at most 120 s are allowed']);
  });

  it.each([throttledFanOut, reservedConcurrency, maximumConcurrency, visibilityLimiter])('delivers through $name, and sees what it takes', async (each) => {
    const seen = await Scene.open(each, async (scene) => {
      scene.publish('critical', 5);
      scene.publish('bulk', 25);
      await scene.settle(60_000);
      const arrivals = new Set(scene.arrivals.map(({ message }) => message)).size;
      return { unsettled: scene.unsettled(), arrivals, writes: scene.limiterWrites, ...scene.units() };
    });
    expect(seen).toMatchObject({ unsettled: 0, arrivals: 30 });
    expect(seen.target['lambda.requests']).toBeGreaterThan(0);
    expect(seen.writes > 0).toBe(each.limiterWrite !== undefined);
    expect(seen.design['lambda.requests'] > 0).toBe(!each.direct);
  });

  it('tells failed deliveries from those that the target takes', async () => {
    const { refused, taken } = await Scene.open(maximumConcurrency, async (scene) => {
      scene.targetIsDown = true;
      scene.publish('normal', 1);
      await scene.pass(10_000);
      scene.targetIsDown = false;
      await scene.settle(60_000);
      return { refused: scene.times().length - scene.times(true).length, taken: scene.times(true).length };
    });
    expect([refused, taken]).toEqual([1, 1]);
  });
});

describe('the study of a day', () => {
  it('lets events happen by time, and promises settle in between', async () => {
    const time = new VirtualTime();
    const seen: string[] = [];
    time.schedule(20, () => seen.push(`b ${time.now}`));
    time.schedule(10, () => seen.push(`a ${time.now}`));
    time.schedule(20, () => seen.push(`c ${time.now}`));
    void (async () => {
      await time.sleep(10);
      for (let turn = 0; turn < 100; turn++) await Promise.resolve();
      await time.sleep(5);
      seen.push(`slept ${time.now}`);
    })();
    await time.run(15);
    expect([seen, time.now]).toEqual([['a 10', 'slept 15'], 15]);
    await time.run();
    expect(seen).toEqual(['a 10', 'slept 15', 'b 20', 'c 20']);
  });

  it('ends its run when an event fails', async () => {
    const time = new VirtualTime();
    time.schedule(1, () => { throw new Error('broken'); });
    await expect(time.run()).rejects.toThrow('broken');
  });

  it('has as many messages in a day as its mean says, fewest at night, and campaigns of bulk', () => {
    const HOUR = 3_600_000;
    const hours = dayOf(5, 24 * HOUR, new Random('day')).map((arrivals) => {
      const counts = Array<number>(24).fill(0);
      for (let at = arrivals(); at < Infinity; at = arrivals()) counts[Math.floor(at / HOUR)]++;
      return counts;
    });
    const [critical, normal, bulk] = hours.map((counts) => counts.reduce((sum, count) => sum + count));
    expect((critical + normal + bulk) / 86_400).toBeCloseTo(5, 1);
    expect(normal / critical).toBeCloseTo(5, 0);
    expect(Math.max(...hours[1]) / Math.min(...hours[1])).toBeGreaterThan(1.8);
    expect(Math.max(...hours[2])).toBeGreaterThan(5_000);
  });

  it('keeps messages that come back until it is their time', () => {
    const times = [10, 20, Infinity];
    const queue = new MessageQueue(() => times.shift()!);
    expect([queue.nextVisible(), queue.hasVisible(9), queue.receive(10, 25)]).toEqual([10, false, [10, 20]]);
    queue.comeBack(20, 90);
    queue.comeBack(10, 50);
    expect([queue.waiting, queue.nextVisible(), queue.receive(10, 60), queue.receive(10, 90), queue.waiting]).toEqual([2, 50, [10], [20], 0]);
    expect([queue.sent, queue.nextVisible()]).toEqual([2, Infinity]);
  });

  it('finishes a short day with no delivery above the limit and none lost', async () => {
    const progress: string[] = [];
    const day = await simulateDay(await deployedKinds(), (step) => progress.push(step), { targets: 2, hours: 0.1 });
    expect(day.sent).toBeGreaterThan(10_000);
    expect(missedInDay(day)).toEqual([]);
    expect(progress).toHaveLength(2);
    expect(day.units['lambda.requests']).toBeGreaterThan(500);
  });

  it('would see deliveries above a limit that is lower than the limiter\'s', async () => {
    const { id } = KINDS[0];
    const deployed = (await deployedKinds()).get(id)!;
    const study = new TargetStudy(deployed, evenly(100, 10_000, new Random('flood')), 'flood');
    const strict = new Excess(deployed.settings.limit.ratePerSecond / 2, deployed.settings.limit.burst / 2);
    jest.spyOn(study.excess, 'add').mockImplementation((at) => strict.add(at));
    await study.finish();
    expect(study.delivered).toBe(study.sent);
    expect(strict.worst).toBeGreaterThan(1);
  });

  it('uses what the simulator uses, within a few per cent', async () => {
    const check = await crossCheck(await deployedKinds(), KINDS.slice(2, 4));
    expect(missedInCrossCheck(check)).toEqual([]);
    expect(check.simulator.messages).toBeGreaterThan(6_000);
    expect(check.logBytesOfAnInvocation).toBeGreaterThan(500);
  }, 120_000);

  it('names what differs, and what was lost', () => {
    const minute = { messages: 100, units: Object.fromEntries(COMPARED.map((unit) => [unit, 50])) };
    const check: CrossCheck = { simulator: minute, study: { messages: 200, units: { ...minute.units, 'sqs.requests': 106 } }, logBytesOfAnInvocation: 1 };
    expect(deviation(check, 'sqs.requests')).toBeCloseTo(0.06);
    expect(missedInCrossCheck(check)).toContain('the study of a day is 6.0 % off the simulator in sqs.requests');
    const day = { sent: 10, delivered: 9, excess: 1 } as Day;
    expect(missedInDay(day)).toEqual(['in a day 10 messages were sent and 9 deliveries made', 'in a day a target got 1.0 messages more in a window than it may']);
  });

  it('bills every unit once, and fixed costs apart', () => {
    const units = { 'sns.requests': 2e6, 'sns.deliveries.sqs': 2e6, 'sqs.requests': 5e6, 'dynamodb.writeUnits': 1e6, 'lambda.requests': 1e6, 'lambda.gbSeconds': 3e4 };
    const rows = billRows({ day: { targets: 20, delivered: 2e6, units } as unknown as Day, logBytesOfAnInvocation: 1_000 });
    const dollars = Object.fromEntries(rows.map(([what, , cost]) => [what, Number(cost)]));
    expect(dollars.all).toBeCloseTo(1 + 2 + 0.625 + 0.2 + 0.4, 1);
    expect(rows.slice(0, 5).reduce((sum, [, , cost]) => sum + Number(cost), 0)).toBeCloseTo(dollars.all, 1);
    expect(dollars).toMatchObject({ 'apart: metrics': 3.55, 'apart: log of each invocation': 0.5 });
  });
});
