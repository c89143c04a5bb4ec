import { type Axis, drawn, legend, type Panel } from '../../examples/throttled-fan-out/chart';
import { backAfter, excess, percentile, rates } from '../../examples/throttled-fan-out/measure';
import { picture } from '../../examples/throttled-fan-out/picture';

/** So many, evenly, from a time on. */
function evenly(from: number, count: number, everyMs: number): number[] {
  return Array.from({ length: count }, (_, index) => from + index * everyMs);
}

describe('what the demo measures', () => {
  it('a rate is that of its span, and what comes after the end is in none', () => {
    expect(rates([0, 1_999, 2_000, 4_500, 5_000], 2_000, 5_000)).toEqual([1, 0.5, 0.5]);
  });

  it('a percentile is one of the values', () => {
    const values = evenly(1, 100, 1).reverse();
    expect([percentile(values, 0.5), percentile(values, 0.99), percentile(values, 1), percentile([7], 0.5)]).toEqual([50, 99, 100, 7]);
    expect(() => percentile([], 0.5)).toThrow('no percentile of nothing');
  });

  it('a burst and the rate after it are within the limit; one more is one too many, in whichever window it is', () => {
    const limit = { ratePerSecond: 5, burst: 10 };
    const within = [...evenly(0, 10, 0), ...evenly(200, 100, 200)];
    expect(excess(within, limit)).toBeCloseTo(0);
    expect(excess([...within, 20_000], limit)).toBeCloseTo(1);
    expect(excess([...evenly(0, 10, 0), ...evenly(60_000, 11, 0)], limit)).toBeCloseTo(1);
    expect(excess(evenly(0, 100, 300), limit)).toBeCloseTo(-9);
  });

  it('a target is back when a whole span had the rate, not before', () => {
    expect(backAfter([...evenly(0, 10, 1_000), ...evenly(10_000, 50, 250)], 0, 4, 10_000)).toBe(19_750);
    expect(backAfter([...evenly(0, 1000, 100)], 5_000, 4, 10_000)).toBe(3_900);
    expect(backAfter(evenly(0, 100, 300), 0, 4, 10_000)).toBeUndefined();
  });
});

describe('what the demo draws', () => {
  const axis: Axis = { spanMs: 20_000, lengthMs: 120_000 };
  const panel: Panel = {
    target: 'Sms',
    limit: 6,
    layers: [{ name: 'critical', rates: [2, 0, 0, 0.1, 4, 4] }, { name: 'bulk', rates: [4, 1, 0, 0, 0, 4] }],
    allowed: [6, 3, 1, 1, 4, 6],
    marks: [{ from: 20_000, to: 60_000, sign: '×', means: 'provider fails' }],
  };

  it('a full bar is the limit, the least delivery is seen, and what is above the limit is above its line', () => {
    expect(drawn(panel, axis)).toEqual([
      '      6/s _____█',
      'Sms       █    █',
      '          █   ██',
      '          █▄ ▁██',
      '           ××',
    ]);
  });

  it('tells the minutes, and what its signs mean', () => {
    expect(legend(axis, panel.marks)).toEqual(['          |0 |1', '          × provider fails']);
  });

  it('in the picture a bar of the limit ends at its line, and lies on those below it', () => {
    const svg = picture('Deliveries & limits', [panel], axis);
    expect(svg).toContain('Deliveries &amp; limits');
    const [, line] = /<path d="M64 ([0-9.]+)h880" stroke="#000" stroke-dasharray/.exec(svg) ?? [];
    const bars = [...svg.matchAll(/<rect x="64" y="([0-9.]+)" width="146.7" height="([0-9.]+)" fill="#/g)].map(([, y, height]) => [Number(y), Number(height)]);
    const [[lower, lowerHeight], [upper, upperHeight]] = bars;
    expect(upper).toBe(Number(line));
    expect(upper + upperHeight).toBe(lower);
    expect(upperHeight).toBe(2 * lowerHeight);
  });
});
