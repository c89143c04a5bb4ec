import { VirtualTime } from './virtual-time';
import { DistantStore, limiterAt, seeded, settingsOf } from './workers';
import { type Acquisition, NO_OUTCOMES, type Outcomes } from '../../../../lambda-src/throttled-fan-out/limiter/acquisition';

const PROBE_EVERY_MS = 10_000;
const settings = settingsOf({
  killSwitch: { errorShare: 0.5, minimumDeliveries: 5, windowMs: 30_000, probeEveryMs: PROBE_EVERY_MS },
  adaptive: { floorPerSecond: 5, increasePerSecond: 1, decrease: 0.5 },
});

/** Some workers of one limiter, and the time in which they live. */
function workers(count: number) {
  const time = new VirtualTime();
  const random = seeded(1);
  const store = new DistantStore(time, () => 2);
  const limiters = Array.from({ length: count }, () => limiterAt(time, { settings, store, random }));
  const pass = async (ms: number) => {
    void time.sleep(ms);
    await time.run(time.now + ms);
  };
  const ask = async (worker: number, outcomes: Partial<Outcomes> = {}): Promise<Acquisition> => {
    let answer: Acquisition | undefined;
    const request = { rank: 0, wanted: 100, more: false, aged: false, outcomes: { ...NO_OUTCOMES, ...outcomes } };
    void limiters[worker]!.acquire(request).then((acquisition) => answer = acquisition);
    await pass(100);
    return answer!;
  };
  /** Takes all that there is, so that whoever asks next has to wait. */
  const takeAll = async (worker: number) => {
    while ((await ask(worker)).kind === 'GRANTED');
  };
  return { store, ask, pass, takeAll };
}

test('a switch that opens while its worker has to wait is open for all, and is probed when it is time', async () => {
  const { ask, pass } = workers(2);
  await ask(0);
  expect(await ask(0, { failed: 10 })).toMatchObject({ kind: 'WAIT', reason: 'KILL_SWITCH' });
  expect(await ask(1)).toMatchObject({ kind: 'WAIT', reason: 'KILL_SWITCH' });
  for (let asked = 0; asked < 4; asked++) {
    await pass(PROBE_EVERY_MS / 5);
    expect(await ask(0)).toMatchObject({ kind: 'WAIT', reason: 'KILL_SWITCH' });
  }
  await pass(PROBE_EVERY_MS / 5);
  expect(await ask(0)).toMatchObject({ kind: 'GRANTED', probe: true });
});

test('a drop that is told while its worker has to wait lowers the rate of all, once', async () => {
  const { store, ask, takeAll } = workers(1);
  const rate = () => store.items.get(0)!.state.pace.share * settings.limit.ratePerSecond;
  await takeAll(0);
  const { writes } = store;
  expect(await ask(0, { failed: 2 })).toMatchObject({ kind: 'WAIT' });
  expect(rate()).toBe(25);
  expect(await ask(0)).toMatchObject({ kind: 'WAIT' });
  expect(store.writes - writes).toBe(1);
  expect(rate()).toBe(25);
});

test('a wait without a drop writes nothing', async () => {
  const { store, ask, takeAll } = workers(1);
  await takeAll(0);
  const { writes } = store;
  expect(await ask(0, { delivered: 2 })).toMatchObject({ kind: 'WAIT' });
  expect(store.writes).toBe(writes);
});
