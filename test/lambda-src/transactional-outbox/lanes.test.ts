import fc from 'fast-check';
import { inLanes } from '../../../lambda-src/transactional-outbox/lanes';

const always = () => true;

describe('lanes', () => {
  it('never reorder, never start behind a failure, and answer all that is unfinished, however their work is interleaved', async () => {
    const items = fc.array(fc.record({ lane: fc.integer({ min: 0, max: 15 }).map(String), fails: fc.integer({ min: 0, max: 9 }).map((n) => n === 0) }), { maxLength: 60 });
    await fc.assert(fc.asyncProperty(items, fc.scheduler(), async (generated, scheduler) => {
      const all = generated.map((item, index) => ({ ...item, index }));
      const started: typeof all = [];
      const running = new Set<string>();
      let most = 0;
      const done = inLanes(all, {
        laneOf: ({ lane }) => lane,
        hasTime: always,
        work: async (item) => {
          expect(running.has(item.lane)).toBe(false);
          started.push(item);
          running.add(item.lane);
          most = Math.max(most, running.size);
          await scheduler.schedule(Promise.resolve());
          running.delete(item.lane);
          if (item.fails) throw new Error(String(item.index));
        },
      });
      await scheduler.waitFor(done);
      const unfinished = await done;
      expect(most).toBeLessThanOrEqual(10);
      for (const lane of new Set(all.map((item) => item.lane))) {
        const inLane = all.filter((item) => item.lane === lane);
        const failure = inLane.findIndex(({ fails }) => fails);
        const end = failure < 0 ? inLane.length : failure;
        expect(started.filter((item) => item.lane === lane)).toEqual(inLane.slice(0, end + 1));
        expect(unfinished.filter(({ item }) => item.lane === lane).map(({ item }) => item)).toEqual(inLane.slice(end));
      }
      expect(unfinished.map(({ index }) => index)).toEqual(unfinished.map(({ item }) => item.index).sort((one, other) => one - other));
      for (const { item, error } of unfinished) expect((error as Error | undefined)?.message).toBe(item.fails && started.includes(item) ? String(item.index) : undefined);
    }));
  });

  it('run side by side, ten at a time', async () => {
    const waiting: (() => void)[] = [];
    const done = inLanes(Array.from({ length: 12 }, (_, lane) => lane), {
      laneOf: String, hasTime: always, work: () => new Promise<void>((resolve) => waiting.push(resolve)),
    });
    expect(waiting).toHaveLength(10);
    waiting.forEach((resolve) => resolve());
    await new Promise(setImmediate);
    expect(waiting).toHaveLength(12);
    waiting.forEach((resolve) => resolve());
    expect(await done).toEqual([]);
  });

  it('stop when there is no time left', async () => {
    const worked: number[] = [];
    const unfinished = await inLanes([1, 2, 3, 4], {
      laneOf: () => 'one', hasTime: () => worked.length < 2, work: async (item) => void worked.push(item),
    });
    expect({ worked, unfinished }).toEqual({ worked: [1, 2], unfinished: [{ item: 3, index: 2 }, { item: 4, index: 3 }] });
  });
});
