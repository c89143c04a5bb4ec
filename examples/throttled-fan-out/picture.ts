import type { Axis, Mark, Panel } from './chart';

const WIDTH = 960;
const LEFT = 64;
const RIGHT = 16;
const TOP = 56;
const PANEL = 150;
const GAP = 54;
const PLOT = WIDTH - LEFT - RIGHT;
/** What is shown above the limit. */
const HEADROOM = 1.25;

const COLOURS: Readonly<Record<string, string>> = { critical: '#b3261e', normal: '#e69f00', bulk: '#7aa6c2', all: '#8a8f98', refused: '#3d3d3d' };
const SHADES = ['#f6dcd9', '#fbf0d0', '#e6e6ee'];

/** The panels as one SVG picture, one below the other. */
export function picture(title: string, panels: readonly Panel[], axis: Axis): string {
  const height = TOP + panels.length * (PANEL + GAP);
  const names = [...new Set(panels.flatMap(({ layers }) => layers.map(({ name }) => name)))];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    text(LEFT, 20, title, 'font-size="15" font-weight="bold"'),
    ...key(names),
    ...panels.flatMap((panel, index) => panelAt(TOP + 24 + index * (PANEL + GAP), panel, axis)),
    '</svg>',
    '',
  ].join('\n');
}

function key(names: readonly string[]): string[] {
  const boxes = names.flatMap((name, index) => [
    `<rect x="${LEFT + index * 88}" y="33" width="12" height="12" fill="${COLOURS[name]}"/>`,
    text(LEFT + index * 88 + 17, 43, name),
  ]);
  const lines = LEFT + names.length * 88;
  return [
    ...boxes,
    `<path d="M${lines} 39h26" stroke="#000" stroke-dasharray="6 4" fill="none"/>`, text(lines + 32, 43, 'limit'),
    `<path d="M${lines + 88} 39h26" stroke="#2b7a3d" stroke-width="1.5" fill="none"/>`, text(lines + 120, 43, 'rate that the target\'s answers allow'),
  ];
}

function panelAt(top: number, { target, limit, layers, allowed, marks }: Panel, { spanMs, lengthMs }: Axis): string[] {
  const x = (ms: number) => round(LEFT + PLOT * ms / lengthMs);
  const y = (rate: number) => round(top + PANEL * (1 - Math.min(rate, limit * HEADROOM) / (limit * HEADROOM)));
  const kinds = [...new Set(marks.map(({ means }) => means))];
  return [
    ...marks.flatMap((mark) => shade(mark, SHADES[kinds.indexOf(mark.means)], x, top)),
    ...stacked(layers, (from, to, name, index) => {
      const left = x(index * spanMs);
      const width = round(x(Math.min(lengthMs, (index + 1) * spanMs)) - left);
      return `<rect x="${left}" y="${y(to)}" width="${width}" height="${round(y(from) - y(to))}" fill="${COLOURS[name]}"/>`;
    }),
    `<path d="${steps(allowed, spanMs, x, y)}" stroke="#2b7a3d" stroke-width="1.5" fill="none"/>`,
    `<path d="M${LEFT} ${y(limit)}h${PLOT}" stroke="#000" stroke-dasharray="6 4" fill="none"/>`,
    `<path d="M${LEFT} ${top}v${PANEL}h${PLOT}" stroke="#555" fill="none"/>`,
    text(LEFT - 8, top - 6, `${target}: deliveries a second`, 'font-weight="bold"'),
    text(LEFT - 6, y(limit) + 4, String(limit), 'text-anchor="end"'),
    text(LEFT - 6, y(0) + 4, '0', 'text-anchor="end"'),
    ...Array.from({ length: Math.floor(lengthMs / 60_000) + 1 }, (_, minute) => text(x(minute * 60_000), top + PANEL + 16, `${minute} min`, 'text-anchor="middle"')),
  ];
}

function shade({ from, to, means }: Mark, colour: string, x: (ms: number) => number, top: number): string[] {
  return [
    `<rect x="${x(from)}" y="${top}" width="${round(x(to) - x(from))}" height="${PANEL}" fill="${colour}"/>`,
    text(x(from) + 4, top + 14, means, 'font-size="11" fill="#555"'),
  ];
}

function stacked(layers: Panel['layers'], box: (from: number, to: number, name: string, index: number) => string): string[] {
  const heights: number[] = [];
  return layers.flatMap(({ name, rates }) => rates.flatMap((rate, index) => {
    if (rate === 0) return [];
    const from = heights[index] ?? 0;
    heights[index] = from + rate;
    return [box(from, heights[index], name, index)];
  }));
}

function steps(values: readonly number[], spanMs: number, x: (ms: number) => number, y: (rate: number) => number): string {
  return values.map((value, index) => `${index === 0 ? 'M' : 'L'}${x(index * spanMs)} ${y(value)}H${x((index + 1) * spanMs)}`).join('');
}

function text(x: number, y: number, words: string, attributes: string = ''): string {
  const escaped = words.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  return `<text x="${x}" y="${y}" ${attributes}>${escaped}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
