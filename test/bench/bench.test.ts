import { costOf, PRICES, UNPRICED } from '../../bench/prices';
import { percentile } from '../../bench/statistics';
import { markdownTable } from '../../bench/table';

describe('a bench', () => {
  it('takes a percentile by nearest rank, in whatever order the values come', () => {
    const values = [5, 1, 4, 2, 3];
    expect([50, 99, 100, 0].map((percent) => percentile(values, percent))).toEqual([3, 5, 5, 1]);
    expect(values).toEqual([5, 1, 4, 2, 3]);
    expect(() => percentile([], 50)).toThrow('there is no percentile of no values');
  });

  it('prints tables that read as Markdown, with figures to the right', () => {
    expect(markdownTable(['', 'ours'], [['time', '1.5'], ['cost', '10.25']])).toBe([
      '|      |  ours |',
      '|------|------:|',
      '| time |   1.5 |',
      '| cost | 10.25 |',
    ].join('\n'));
  });

  it('prices every unit, and says so when it cannot', () => {
    expect(costOf({ 'states.transitions': 4_000, 'lambda.requests': 1_000_000 })).toBeCloseTo(0.3);
    expect(costOf(Object.fromEntries(Object.keys(UNPRICED).map((unit) => [unit, 1])))).toBe(0);
    expect(() => costOf({ 'mainframe.seconds': 1 })).toThrow("billable unit 'mainframe.seconds' has no price in bench/prices.ts");
    for (const { source } of Object.values(PRICES)) expect(source).toMatch(/^https:/);
  });
});
