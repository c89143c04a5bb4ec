import { type Bar, type Group, type Lane, makespan, use } from './gantt';

/** One play. */
export interface Panel {
  readonly title: string;
  readonly lanes: readonly Lane[];
}

const WIDTH = 1120;
const LEFT = 76;
const RIGHT = 92;
const PLOT = WIDTH - LEFT - RIGHT;
const LANE = 15;
const BAR = 12;
const BETWEEN_GROUPS = 9;
const HEAD = 80;
const LEGEND = 50;
const SWATCH = 24;
/** About as wide as a letter is on average. */
const LETTER = 6.4;
const PANEL_HEAD = 44;
const AXIS = 34;
const MINUTE_MS = 60_000;

/** Of the groups, in their order, on light and on dark paper. */
const COLOURS = [
  { light: '#8250df', dark: '#a371f7' },
  { light: '#e36c1a', dark: '#f0883e' },
  { light: '#1a8a8a', dark: '#39b5b2' },
] as const;

const PAPER = {
  light: { paper: '#ffffff', ink: '#1f2328', soft: '#656d76', rule: '#d8dee4', lane: '#f3f5f8', stripe: '#ffffff', load: '#000000' },
  dark: { paper: '#0d1117', ink: '#e6edf3', soft: '#8d96a0', rule: '#30363d', lane: '#161b22', stripe: '#0d1117', load: '#000000' },
} as const;

/** The plays as Gantt charts, one below the other, along the same time: colours are where a frame was routed to, stripes say that it was stolen. */
export function picture(title: string, panels: readonly Panel[], groups: readonly Group[]): string {
  const lengthMs = Math.max(...panels.map(endOf));
  const tops = panels.reduce<number[]>((all, panel) => [...all, all.at(-1)! + heightOf(panel)], [HEAD]);
  const height = tops.at(-1)! + 8;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-size="12"`,
    '  font-family="system-ui, -apple-system, \'Segoe UI\', \'Helvetica Neue\', Arial, sans-serif" role="img">',
    `<title>${escaped(title)}</title>`,
    style(),
    '<defs><pattern id="stolen" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    + '<rect class="stripe" width="2.2" height="6"/></pattern></defs>',
    `<rect class="paper" width="${WIDTH}" height="${height}"/>`,
    text(LEFT, 30, title, 'ink', 'font-size="17" font-weight="600"'),
    ...legend(groups),
    ...panels.flatMap((panel, index) => drawPanel(panel, tops[index], groups, lengthMs)),
    '</svg>',
    '',
  ].join('\n');
}

function heightOf({ lanes }: Panel): number {
  return PANEL_HEAD + plotHeight(lanes) + AXIS;
}

function plotHeight(lanes: readonly Lane[]): number {
  return lanes.length * LANE + (new Set(lanes.map(({ group }) => group)).size - 1) * BETWEEN_GROUPS;
}

function endOf({ lanes }: Panel): number {
  return makespan(lanes.flatMap(({ bars }) => bars));
}

function legend(groups: readonly Group[]): string[] {
  const entries = [
    ...groups.map(({ name }, index) => ({ words: `routed to ${name}`, colour: index, over: '' })),
    { words: 'stolen by another group', colour: 1, over: 'fill="url(#stolen)"' },
    { words: 'loads the scene first', colour: 1, over: 'class="load"' },
  ];
  let x = LEFT;
  return entries.flatMap(({ words, colour, over }) => {
    const box = (attributes: string, width: number) => `<rect ${attributes} x="${left}" y="${LEGEND}" width="${width}" height="${BAR}" rx="1.5"/>`;
    const left = x;
    x += SWATCH + 7 + words.length * LETTER + 22;
    return [
      box(`class="home${colour}"`, SWATCH),
      ...(over === '' ? [] : [box(over, over.startsWith('class') ? SWATCH / 3 : SWATCH)]),
      text(left + SWATCH + 7, LEGEND + 10, words, 'soft'),
    ];
  });
}

function drawPanel(panel: Panel, top: number, groups: readonly Group[], lengthMs: number): string[] {
  const { lanes, title } = panel;
  const x = (ms: number) => round(LEFT + PLOT * ms / lengthMs);
  const plotTop = top + PANEL_HEAD;
  const bottom = plotTop + plotHeight(lanes);
  const end = endOf(panel);
  const order = groups.map(({ name }) => name);
  const yOf = (index: number) => plotTop + index * LANE + order.indexOf(lanes[index].group) * BETWEEN_GROUPS;
  const share = end < lengthMs ? `: ${Math.round(100 * end / lengthMs)} % of the time` : '';
  const ends = end < 0.8 * lengthMs ? { x: x(end) + 7, anchor: '' } : { x: x(end) - 7, anchor: 'text-anchor="end"' };
  return [
    text(LEFT, top + 28, title, 'ink', 'font-size="14" font-weight="600"'),
    text(WIDTH - RIGHT + 12, plotTop - 8, 'places in use', 'soft', 'font-size="11"'),
    ...minutesUpTo(lengthMs).flatMap((ms) => [
      `<path class="rule" d="M${x(ms)} ${plotTop - 4}V${bottom + 4}"/>`,
      text(x(ms), bottom + 18, `${ms / MINUTE_MS} min`, 'soft', 'text-anchor="middle" font-size="11"'),
    ]),
    ...lanes.flatMap((lane, index) => [
      `<rect class="lane" x="${LEFT}" y="${yOf(index)}" width="${PLOT}" height="${BAR}" rx="2"/>`,
      ...(lane.place === 1 ? groupLabels(lane.group, yOf(index), lanes, end) : []),
    ]),
    ...lanes.flatMap((lane, index) => lane.bars.flatMap((bar) => drawBar(bar, yOf(index), order.indexOf(bar.home), x))),
    `<path class="end" d="M${x(end)} ${plotTop - 10}V${bottom + 4}"/>`,
    text(ends.x, plotTop - 8, `done after ${clock(end)}${share}`, 'ink', `${ends.anchor} font-weight="600"`),
  ];
}

function groupLabels(group: string, y: number, lanes: readonly Lane[], end: number): string[] {
  const places = lanes.filter((lane) => lane.group === group).length;
  const middle = y + ((places - 1) * LANE + BAR) / 2 + 4;
  return [
    text(LEFT - 12, middle, group, 'ink', 'text-anchor="end" font-weight="600"'),
    text(WIDTH - RIGHT + 12, middle, `${Math.round(100 * use(lanes, group, end))} %`, 'soft'),
  ];
}

function drawBar({ frame, tenant, group, home, from, to, loadMs }: Bar, y: number, colour: number, x: (ms: number) => number): string[] {
  // A hair between one bar and the next.
  const width = round(Math.max(0.8, x(to) - x(from) - 0.8));
  const loading = round(Math.min(width, x(from + loadMs) - x(from)));
  const box = (attributes: string, left: number, wide: number) => `<rect ${attributes} x="${round(left)}" y="${y}" width="${round(wide)}" height="${BAR}" rx="1.5"/>`;
  const words = [
    `${frame} of ${tenant}, ${((to - from) / 1000).toFixed(1)} s`,
    home === group ? `at home in ${home}` : `stolen from ${home} by ${group}`,
    ...(loadMs > 0 ? [`the scene was loaded for ${(loadMs / 1000).toFixed(1)} s`] : []),
  ];
  return [
    `<g><title>${escaped(words.join('; '))}</title>`,
    box(`class="home${colour}"`, x(from), width),
    ...(home === group ? [] : [box('fill="url(#stolen)"', x(from) + loading, width - loading)]),
    ...(loadMs > 0 ? [box('class="load"', x(from), loading)] : []),
    '</g>',
  ];
}

function style(): string {
  const rules = (scheme: 'light' | 'dark') => {
    const { paper, ink, soft, rule, lane, stripe, load } = PAPER[scheme];
    return [
      `.paper{fill:${paper}}.ink{fill:${ink}}.soft{fill:${soft}}.rule{stroke:${rule}}.lane{fill:${lane}}.end{stroke:${ink};stroke-width:1.5}`,
      `.stripe{fill:${stripe};fill-opacity:.45}.load{fill:${load};fill-opacity:.34}`,
      ...COLOURS.map((colour, index) => `.home${index}{fill:${colour[scheme]}}`),
    ].join('');
  };
  return `<style>${rules('light')}@media (prefers-color-scheme:dark){${rules('dark')}}</style>`;
}

function minutesUpTo(lengthMs: number): number[] {
  return Array.from({ length: Math.floor(lengthMs / MINUTE_MS) + 1 }, (_, minute) => minute * MINUTE_MS);
}

/** `8 min 52 s` */
export function clock(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function text(x: number, y: number, words: string, tone: 'ink' | 'soft', attributes: string = ''): string {
  return `<text class="${tone}" x="${x}" y="${y}" ${attributes}>${escaped(words)}</text>`;
}

function escaped(words: string): string {
  return words.replace(/&/g, '&amp;').replace(/</g, '&lt;');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
