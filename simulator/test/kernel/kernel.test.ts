import { DEFAULT_START, Kernel } from '../../src/kernel/kernel';

const kernel = () => new Kernel({ seed: 1 });

describe('the virtual clock', () => {
  it('lets events happen in the order of their time, and of their scheduling where that is the same', async () => {
    const clock = kernel();
    const seen: string[] = [];
    const at = (ms: number, name: string) => clock.schedule(ms, () => seen.push(`${name}@${clock.now - DEFAULT_START}`));
    at(20, 'c');
    at(10, 'a');
    at(20, 'd');
    at(10, 'b');
    expect(await clock.run()).toBe('quiet');
    expect(seen).toEqual(['a@10', 'b@10', 'c@20', 'd@20']);
  });

  it('orders many events like a sorted list', async () => {
    const clock = kernel();
    const seen: number[] = [];
    const delays = Array.from({ length: 500 }, () => clock.random.integer(0, 100));
    delays.forEach((delay, index) => clock.schedule(delay, () => seen.push(delay * 1000 + index)));
    await clock.run();
    expect(seen).toEqual(delays.map((delay, index) => delay * 1000 + index).sort((a, b) => a - b));
  });

  it('takes no real time for long waits', async () => {
    const clock = kernel();
    let done = false;
    void clock.sleep(365 * 86_400_000).then(() => { done = true; });
    await clock.run();
    expect(done).toBe(true);
    expect(clock.now - DEFAULT_START).toBe(365 * 86_400_000);
  });

  it('does not let a cancelled event happen, nor wait for it', async () => {
    const clock = kernel();
    const event = clock.schedule(1000, () => { throw new Error('cancelled events do not happen'); });
    event.cancel();
    event.cancel();
    expect(await clock.run()).toBe('quiet');
    expect(clock.now).toBe(DEFAULT_START);
  });

  it('keeps its order when most events are cancelled', async () => {
    const clock = kernel();
    const seen: number[] = [];
    const events = Array.from({ length: 5000 }, (_, index) => {
      const delay = clock.random.integer(1, 1000);
      return { delay, event: clock.schedule(delay, () => seen.push(delay * 10_000 + index)), index };
    });
    const kept = events.filter(({ event, index }) => {
      if (index % 10 === 0) return true;
      event.cancel();
      return false;
    });
    expect(await clock.run()).toBe('quiet');
    expect(seen).toEqual(kept.map(({ delay, index }) => delay * 10_000 + index).sort((a, b) => a - b));
    expect(clock.now - DEFAULT_START).toBe(Math.max(...kept.map(({ delay }) => delay)));
  });

  it('counts a late cancellation as nothing', async () => {
    const clock = kernel();
    const event = clock.schedule(1, () => {});
    clock.schedule(2, () => event.cancel());
    clock.schedule(3, () => {});
    await clock.run();
    expect(clock.now - DEFAULT_START).toBe(3);
  });

  it('wakes a sleeper never when its signal is cancelled', async () => {
    const clock = kernel();
    const callbacks: Array<() => void> = [];
    const signal = { cancelled: false, onCancel: (callback: () => void) => { callbacks.push(callback); } };
    let woken = false;
    void clock.sleep(100, signal).then(() => { woken = true; });
    clock.schedule(50, () => callbacks.forEach((callback) => callback()));
    await clock.run();
    expect(woken).toBe(false);
    expect(clock.now - DEFAULT_START).toBe(50);
  });

  it('lets promises settle between two events', async () => {
    const clock = kernel();
    const seen: string[] = [];
    clock.schedule(1, () => { void (async () => { for (let i = 0; i < 50; i++) await null; seen.push('promises'); })(); });
    clock.schedule(1, () => seen.push('next event'));
    await clock.run();
    expect(seen).toEqual(['promises', 'next event']);
  });

  it('stands still while simulated code does real work', async () => {
    const clock = kernel();
    clock.schedule(1, () => {
      clock.enterHost();
      setTimeout(() => {
        seenAt = clock.now;
        clock.leaveHost();
      }, 20);
    });
    clock.schedule(2, () => {});
    let seenAt = 0;
    await clock.run();
    expect(seenAt - DEFAULT_START).toBe(1);
  });

  it('refuses to schedule into the past', () => {
    expect(() => kernel().schedule(-1, () => {})).toThrow('cannot schedule an event -1 ms from now: the delay must be 0 or more');
    expect(() => kernel().schedule(NaN, () => {})).toThrow('NaN');
  });
});

describe('a run', () => {
  it('is quiet when only background events are left, which happen as long as it goes on', async () => {
    const clock = kernel();
    let ticks = 0;
    const tick = () => {
      ticks++;
      clock.schedule(10, tick, { background: true });
    };
    clock.schedule(10, tick, { background: true });
    clock.schedule(35, () => {});
    expect(await clock.run()).toBe('quiet');
    expect(ticks).toBe(3);
  });

  it('stops as soon as its condition holds', async () => {
    const clock = kernel();
    let count = 0;
    for (let i = 1; i <= 5; i++) clock.schedule(i, () => count++);
    expect(await clock.run({ until: () => count === 2 })).toBe('until');
    expect(clock.now - DEFAULT_START).toBe(2);
    await clock.run();
    expect(count).toBe(5);
  });

  it('goes exactly to its deadline, background events included', async () => {
    const clock = kernel();
    const seen: number[] = [];
    for (const ms of [10, 20, 30]) clock.schedule(ms, () => seen.push(ms), { background: true });
    expect(await clock.run({ deadline: DEFAULT_START + 25 })).toBe('quiet');
    expect(seen).toEqual([10, 20]);
    expect(clock.now).toBe(DEFAULT_START + 25);
    clock.schedule(100, () => {});
    expect(await clock.run({ deadline: DEFAULT_START + 50 })).toBe('deadline');
    expect(clock.now).toBe(DEFAULT_START + 50);
  });
});
