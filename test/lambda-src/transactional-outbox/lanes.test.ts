import fc from 'fast-check';
import { inLanes } from '../../../lambda-src/transactional-outbox/lanes';

const always = () => true;

describe('lanes', () => {
  it('never reorder, never start behind a failure, and answer all that is unfinished, however their work is interleaved', async () => {
    const item = fc.record({ lane: fc.integer({ min: 0, max: 15 }).map(String), fails: fc.integer({ min: 0, max: 9 }).map((n) => n === 0) });
    const items = fc.array(item, { maxLength: 60 });
    await fc.assert(fc.asyncProperty(items, fc.scheduler(), async (generated, scheduler) => {
      const all = generated.map((each, index) => ({ ...each, index }));
      const started: typeof all = [];
      const running = new Set<string>();
      let most = 0;
      const done = inLanes(all, {
        laneOf: ({ lane }) => lane,
        hasTime: always,
        work: async (each) => {
          expect(running.has(each.lane)).toBe(false);
          started.push(each);
          running.add(each.lane);
          most = Math.max(most, running.size);
          await scheduler.schedule(Promise.resolve());
          running.delete(each.lane);
          if (each.fails) throw new Error(String(each.index));
        },
      });
      await scheduler.waitFor(done);
      const unfinished = await done;
      expect(most).toBeLessThanOrEqual(10);
      for (const lane of new Set(all.map((each) => each.lane))) {
        const inLane = all.filter((each) => each.lane === lane);
        const failure = inLane.findIndex(({ fails }) => fails);
        const end = failure < 0 ? inLane.length : failure;
        expect(started.filter((each) => each.lane === lane)).toEqual(inLane.slice(0, end + 1));
        expect(unfinished.map((each) => each.item).filter((each) => each.lane === lane)).toEqual(inLane.slice(end));
      }
      expect(unfinished.map(({ index }) => index)).toEqual(unfinished.map((each) => each.item.index).sort((one, other) => one - other));
      for (const { item: each, error } of unfinished) {
        expect((error as Error | undefined)?.message).toBe(each.fails && started.includes(each) ? String(each.index) : undefined);
      }
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
