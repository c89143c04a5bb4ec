import { type Bar, drawn, type Group, lanes, makespan, mostAtOnce, use } from '../../examples/work-stealing-pool/gantt';
import { clock, picture } from '../../examples/work-stealing-pool/picture';
import { frameId, framesOf } from '../../examples/work-stealing-pool/typescript/functions/frame';

const GROUPS: readonly Group[] = [{ name: 'Gpu', places: 1, sign: 'G' }, { name: 'Cpu', places: 2, sign: 'C' }];

function bar(group: string, home: string, fromSecond: number, toSecond: number, loadSeconds: number = 0): Bar {
  return { frame: `${home}/${fromSecond}`, tenant: 'acme', group, home, from: fromSecond * 1000, to: toSecond * 1000, loadMs: loadSeconds * 1000 };
}

describe('the frames of a job', () => {
  const frames = framesOf({ tenantId: 'acme', scene: 'boots', frames: 200, broken: [2] });

  it('have names of their own and take from 3 to 20 seconds, most of them rather 3', () => {
    expect(new Set(frames.map(frameId)).size).toBe(200);
    expect(frameId(frames[6])).toBe('boots/0007');
    const times = frames.map(({ seconds }) => seconds).sort((one, other) => one - other);
    expect([times[0], times[199]]).toEqual([3, 19.9]);
    expect(times[100]).toBeLessThan(8);
  });

  it('are broken where the job says so', () => {
    expect(frames.filter(({ broken }) => broken).map(({ frame }) => frame)).toEqual([2]);
  });
});

describe('the lanes of a group', () => {
  const bars = [bar('Cpu', 'Cpu', 4, 9), bar('Cpu', 'Cpu', 0, 4), bar('Cpu', 'Cpu', 1, 3), bar('Gpu', 'Cpu', 0, 5)];

  it('have one frame after the other, in the first place that is free', () => {
    const all = lanes(bars, GROUPS);
    expect(all.map(({ group, place }) => `${group} ${place}`)).toEqual(['Gpu 1', 'Cpu 1', 'Cpu 2']);
    expect(all.map((lane) => lane.bars.map(({ from }) => from / 1000))).toEqual([[0], [0, 4], [1]]);
  });

  it('are as many as its places although nobody uses them, and more where more were used', () => {
    expect(lanes([], GROUPS)).toHaveLength(3);
    expect(lanes([...bars, bar('Cpu', 'Cpu', 2, 5)], GROUPS)).toHaveLength(4);
  });

  it('tell how many frames were under way at once, and how much of the time', () => {
    expect(GROUPS.map((group) => mostAtOnce(bars, group))).toEqual([1, 2]);
    expect(mostAtOnce([...bars, bar('Cpu', 'Cpu', 2, 5)], GROUPS[1])).toBe(3);
    expect(makespan(bars)).toBe(9_000);
    expect(use(lanes(bars, GROUPS), 'Cpu', 9_000)).toBeCloseTo(11 / 18);
    expect(use(lanes(bars, GROUPS), 'Cpu', 2_000)).toBeCloseTo(3 / 4);
  });
});

describe('the chart', () => {
  const bars = [bar('Gpu', 'Gpu', 0, 20), bar('Gpu', 'Cpu', 30, 70, 10), bar('Cpu', 'Cpu', 0, 65)];
  const all = lanes(bars, GROUPS);

  it('has a line for each place, and small letters where a frame was stolen', () => {
    expect(drawn(all, GROUPS, { spanMs: 10_000, lengthMs: 70_000 })).toEqual([
      'Gpu    GG·cccc',
      'Cpu    CCCCCC·',
      '       ·······',
      '       |0 min|1 min',
    ]);
  });

  it('as a picture has stripes over what was stolen, but not over the loading of its scene', () => {
    const svg = picture('Boots & shoes', [{ title: 'One', lanes: all }], GROUPS);
    expect(svg).toContain('<title>Boots &amp; shoes</title>');
    const inside = /<g><title>Cpu\/30 of acme, 40\.0 s; stolen from Cpu by Gpu; the scene was loaded for 10\.0 s<\/title>([^]*?)<\/g>/.exec(svg)![1];
    const boxes = [...inside.matchAll(/<rect (class="\w+"|fill="url\(#stolen\)") x="([0-9.]+)" y="[0-9.]+" width="([0-9.]+)"/g)]
      .map(([, what, x, width]) => ({ what, x: Number(x), width: Number(width) }));
    expect(boxes.map(({ what }) => what)).toEqual(['class="home1"', 'fill="url(#stolen)"', 'class="load"']);
    const [box, stripes, load] = boxes;
    expect([load.x, stripes.x]).toEqual([box.x, expect.closeTo(box.x + load.width)]);
    expect(load.width + stripes.width).toBeCloseTo(box.width);
    expect(load.width / box.width).toBeCloseTo(1 / 4, 2);
    expect(svg.split('url(#stolen)').length - 1).toBe(2);
  });

  it('has all plays along the same time, and says how much of the longest each took', () => {
    const shorter = lanes([bar('Cpu', 'Cpu', 0, 35)], GROUPS);
    const svg = picture('Boots', [{ title: 'One', lanes: all }, { title: 'Other', lanes: shorter }], GROUPS);
    expect(svg).toContain('>done after 1 min 10 s<');
    expect(svg).toContain('>done after 0 min 35 s: 50 % of the time<');
    const ends = [...svg.matchAll(/class="end" d="M([0-9.]+) /g)].map(([, x]) => Number(x));
    const zero = Number(/class="rule" d="M([0-9.]+) /.exec(svg)![1]);
    expect(ends[1] - zero).toBeCloseTo((ends[0] - zero) / 2, 0);
    expect(clock(119_600)).toBe('2 min 0 s');
  });

  it('has colours for dark paper, too', () => {
    expect(picture('Boots', [{ title: 'One', lanes: all }], GROUPS)).toMatch(/@media \(prefers-color-scheme:dark\)\{\.paper\{fill:#0d1117\}/);
  });
});
