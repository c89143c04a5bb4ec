import { group, NOW, planned, steals } from './groups';
import { NO_HISTORY, type WorkerView } from '../../../../lambda-src/work-stealing-pool/planning/plan';

const SECOND = 1_000;

describe('an idle group', () => {
  it('steals from one whose tasks wait, in proportion to its places', () => {
    // 80 tasks of 5 s: with 4 + 4 places each of the two does half of them.
    expect(planned([group('a', { waiting: 80 }), group('b', { idle: true })]).grants).toEqual([{ thief: 'b', victim: 'a', tasks: 40, gainSeconds: 100 }]);
  });

  it('steals nothing that its own group would begin within the gain', () => {
    expect(steals(planned([group('a', { waiting: 1, meanSeconds: 8 }), group('b', { idle: true })]))).toEqual([]);
    expect(steals(planned([group('a', { waiting: 1, meanSeconds: 8.1 }), group('b', { idle: true })]))).toEqual(['b ← a: 1']);
  });

  it('takes only as many places as end the wait within the gain', () => {
    expect(steals(planned([group('a', { waiting: 10, meanSeconds: 1.9 }), group('b', { idle: true, capacity: 100 })]))).toEqual(['b ← a: 6']);
  });

  it('leaves what the victim\'s own free places take at once', () => {
    const victim = (waiting: number) => group('a', { waiting, capacity: 4, free: 3, meanSeconds: 60 });
    expect(steals(planned([victim(3), group('b', { idle: true })]))).toEqual([]);
    expect(steals(planned([victim(4), group('b', { idle: true })]))).toEqual(['b ← a: 1']);
  });

  it('helps those first who would end last', () => {
    const groups = [group('a', { waiting: 40 }), group('b', { waiting: 80 }), group('c', { idle: true, capacity: 3 })];
    expect(steals(planned(groups))).toEqual(['c ← b: 34']);
    expect(steals(planned([...groups, group('d', { idle: true, capacity: 8 })]))).toEqual(['d ← a: 13', 'c ← b: 18', 'd ← b: 36']);
  });

  it('leaves a victim to those that can do nothing else', () => {
    const groups = [
      group('a', { waiting: 2, meanSeconds: 60 }), group('b', { waiting: 2, meanSeconds: 60, capacity: 5 }),
      group('c', { idle: true, capacity: 2 }), group('d', { idle: true, capacity: 2, stealsFrom: ['a'] }),
    ];
    expect(steals(planned(groups))).toEqual(['d ← a: 2', 'c ← b: 2']);
  });

  it('is still a thief while all its places are busy with what it stole', () => {
    expect(steals(planned([group('a', { waiting: 80 }), group('b', { idle: true, free: 0 })]))).toEqual(['b ← a: 40']);
  });

  it('gives free places before those that are busy', () => {
    const groups = [group('a', { waiting: 2, meanSeconds: 60 }), group('b', { idle: true, free: 0 }), group('c', { idle: true })];
    expect(steals(planned(groups))).toEqual(['c ← a: 2']);
  });

  it('is told apart by its workers', () => {
    const workers: readonly WorkerView[] = [
      { worker: 'one', capacity: 2, free: 2, idle: true, dry: {} },
      { worker: 'two', capacity: 2, free: 0, idle: false, dry: {} },
      { worker: 'three', capacity: 2, free: 2, idle: true, dry: { a: NOW - SECOND } },
    ];
    expect(steals(planned([group('a', { waiting: 80 }), group('b', { workers })]))).toEqual(['b/one ← a: 26']);
  });
});

describe('costs that differ a lot', () => {
  it('are taken for as long as a place in use is met: E[S²] ÷ 2 E[S]', () => {
    const victim = (meanSquareSeconds?: number) => group('a', { waiting: 2, meanSeconds: 3.8, meanSquareSeconds });
    expect(steals(planned([victim(), group('b', { idle: true })]))).toEqual([]);
    // Nine of 2 s and one of 20 s.
    expect(steals(planned([victim(43.6), group('b', { idle: true })]))).toEqual(['b ← a: 2']);
  });
});

describe('a group in which nobody works', () => {
  const dead = group('a', { waiting: 3, meanSeconds: 0.1, alive: false, capacity: 0, workers: [] });
  const retired = group('a', { waiting: 3, meanSeconds: 0.1, retired: true, idle: true });

  test.each([['dead', dead], ['retired', retired]])('is stolen empty whatever the gain: %s', (_, victim) => {
    expect(planned([victim, group('b', { idle: true })]).grants).toEqual([{ thief: 'b', victim: 'a', tasks: 3, gainSeconds: expect.closeTo(0.3) }]);
  });

  test.each([['dead', dead], ['retired', retired]])('comes before all others: %s', (_, victim) => {
    expect(steals(planned([victim, group('b', { waiting: 1_000 }), group('c', { idle: true, capacity: 1 })]))).toEqual(['c ← a: 3']);
  });

  it('is stolen from although it stole a moment ago', () => {
    expect(steals(planned([retired, group('b', { idle: true })], { history: { ...NO_HISTORY, thiefAt: { a: NOW - SECOND } } }))).toEqual(['b ← a: 3']);
  });

  it('takes nothing from anybody', () => {
    expect(steals(planned([group('a', { retired: true, idle: true }), group('b', { waiting: 100 })]))).toEqual([]);
  });
});

describe('a group without a free place', () => {
  const pressed = group('a', { waiting: 0 });
  const since = (ms: number) => ({ history: { ...NO_HISTORY, pressedSince: { a: NOW - ms } } });

  it('for longer than the gain is looked into, whatever the reading of its depth says', () => {
    // As many as four places do in an interval.
    expect(steals(planned([pressed, group('b', { idle: true })], since(3 * SECOND)))).toEqual(['b ← a: 12']);
    expect(steals(planned([pressed, group('b', { idle: true })], since(2 * SECOND)))).toEqual([]);
  });

  it('shares those that have nothing better to do with others like it, by its places', () => {
    const pool = [pressed, group('b', { capacity: 8 }), group('c', { idle: true, capacity: 6 }), group('d', { waiting: 5_000, stealsFrom: [] })];
    const history = { ...NO_HISTORY, pressedSince: { a: NOW - 3 * SECOND, b: NOW - 3 * SECOND } };
    expect(steals(planned([pool[0]!, pool[1]!, pool[2]!], { history }))).toEqual(['c ← a: 6', 'c ← b: 12']);
    expect(steals(planned(pool, { history }))).toEqual([expect.stringMatching(/^c ← d: /)]);
  });

  it('is left alone by who has just found nothing there', () => {
    expect(steals(planned([pressed, group('b', { idle: true, dry: { a: NOW - 14 * SECOND } })], since(3 * SECOND)))).toEqual([]);
    expect(steals(planned([pressed, group('b', { idle: true, dry: { a: NOW - 15 * SECOND } })], since(3 * SECOND)))).toEqual(['b ← a: 12']);
  });

  it('is remembered from the first look until a place is free', () => {
    const first = planned([pressed]).history;
    expect(first.pressedSince).toEqual({ a: NOW });
    expect(planned([pressed], { now: NOW + SECOND, history: first }).history.pressedSince).toEqual({ a: NOW });
    expect(planned([group('a', { free: 1 })], { now: NOW + SECOND, history: first }).history.pressedSince).toEqual({});
  });
});

describe('damping', () => {
  const stole = { ...NO_HISTORY, thiefAt: { a: NOW - 14 * SECOND } };

  it('keeps who stole within the interval from being stolen from', () => {
    const groups = [group('a', { waiting: 10 }), group('b', { idle: true })];
    expect(steals(planned(groups))).toEqual(['b ← a: 5']);
    expect(steals(planned(groups, { history: stole }))).toEqual([]);
    expect(steals(planned(groups, { history: { ...stole, thiefAt: { a: NOW - 15 * SECOND } } }))).toEqual(['b ← a: 5']);
  });

  it('gives way where the wait is longer than the interval', () => {
    expect(steals(planned([group('a', { waiting: 13 }), group('b', { idle: true })], { history: stole }))).toEqual(['b ← a: 6']);
  });

  it('lets two groups never do each other\'s tasks, although each reading shows a backlog that is long gone', () => {
    const [a, b] = [group('a', { waiting: 10, idle: true, free: 0 }), group('b', { waiting: 10, idle: true, free: 0 })];
    let history = planned([{ ...a, waiting: 0 }, b]).history;
    const seen = new Set<string>();
    for (let look = 1; look < 40; look++) {
      const next = planned([a, b], { now: NOW + look * 3 * SECOND, history });
      next.grants.forEach(({ thief, victim }) => seen.add(`${thief} ← ${victim}`));
      history = next.history;
    }
    expect([...seen]).toEqual(['a ← b']);
  });
});

describe('the load', () => {
  it('is how long a task that came now would wait', () => {
    const { load } = planned([
      group('a', { waiting: 8, meanSeconds: 5, meanSquareSeconds: 30 }), group('b', { idle: true }), group('c', { free: 1, waiting: 4 }),
      group('d', { waiting: 7, retired: true }),
    ]);
    expect(load).toEqual({
      a: { waiting: 8, running: 4, capacity: 4, meanSeconds: 5, backlogSeconds: (8 * 5 + 3) / 4 },
      b: { waiting: 0, running: 0, capacity: 4, meanSeconds: 5, backlogSeconds: 0 },
      c: { waiting: 4, running: 3, capacity: 4, meanSeconds: 5, backlogSeconds: 5 },
      d: { waiting: 7, running: 0, capacity: 0, meanSeconds: 5, backlogSeconds: 40 },
    });
  });
});
