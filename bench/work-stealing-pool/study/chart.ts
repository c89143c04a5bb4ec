import { type Cell, FIXED, POOL, POOL_LATE, SHARED, type StudyDesign } from './measure';
import { percentile } from '../../statistics';

const WIDTH = 960;
const LEFT = 52;
const TOP = 92;
const PLOT = { width: 258, height: 220, gap: 48 };
const HEIGHT = TOP + PLOT.height + 64;
const HIGHEST = 1.5;
const TICKS = [1, 1.1, 1.2, 1.3, 1.4, 1.5];

/** Colours that are told apart on white and on black, and by those who see few colours; dashes tell them apart as well. */
const LINES: readonly (readonly [StudyDesign, string, string])[] = [
  [FIXED, '#d55e00', '2 3'], [SHARED, '#8c8c8c', '7 4'], [POOL, '#0091d5', ''], [POOL_LATE, '#12a37a', '9 3 2 3'],
];

/** Makespan ÷ bound over the number of places: a panel for each workload, a line for each design, medians. */
export function chart(panels: readonly (readonly Cell[])[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    '<style>.ink { fill: #1f2328 } .rule { stroke: #1f2328; stroke-opacity: 0.18 } .paper { fill: #ffffff }',
    '@media (prefers-color-scheme: dark) { .ink { fill: #e6edf3 } .rule { stroke: #e6edf3; stroke-opacity: 0.25 } .paper { fill: #0d1117 } }</style>',
    `<rect class="paper" width="${WIDTH}" height="${HEIGHT}"/>`,
    text(LEFT, 24, 'Makespan ÷ the best that any schedule can do, by places', 'font-size="15" font-weight="bold"'),
    ...LINES.flatMap(([{ name }, colour, dashes], index) => [
      `<path d="M${LEFT + index * 200} 46h30" stroke="${colour}" stroke-width="2.5" stroke-dasharray="${dashes}" fill="none"/>`,
      text(LEFT + index * 200 + 37, 50, name),
    ]),
    ...panels.flatMap((cells, index) => panel(LEFT + index * (PLOT.width + PLOT.gap), cells)),
    '</svg>',
    '',
  ].join('\n');
}

function panel(left: number, cells: readonly Cell[]): string[] {
  const x = (places: number) => round(left + PLOT.width * (Math.log2(places) - 2) / 8);
  const y = (ratio: number) => round(TOP + PLOT.height * (HIGHEST - ratio) / (HIGHEST - 1));
  const points = (design: StudyDesign) => cells
    .map(({ places, runs }) => [places, percentile(runs.get(design)!.map(({ ratio }) => ratio), 50)] as const);
  const above = points(FIXED).filter(([, ratio]) => ratio > HIGHEST).map(([, ratio]) => ratio);
  return [
    text(left, TOP - 12, cells[0].workload.name, 'font-weight="bold"'),
    ...TICKS.flatMap((ratio) => [
      `<path class="rule" d="M${left} ${y(ratio)}h${PLOT.width}"/>`,
      text(left - 6, y(ratio) + 4, ratio.toFixed(1), 'text-anchor="end" font-size="11"'),
    ]),
    ...cells.map(({ places }) => text(x(places), TOP + PLOT.height + 18, String(places), 'text-anchor="middle" font-size="11"')),
    text(left + PLOT.width / 2, TOP + PLOT.height + 38, 'places', 'text-anchor="middle" font-size="11"'),
    ...above.slice(0, 1).map(() => {
      return text(left + PLOT.width, TOP + 14, `fixed queues: up to ${Math.max(...above).toFixed(1)}`, 'text-anchor="end" font-size="11"');
    }),
    `<clipPath id="at-${left}"><rect x="${left - 4}" y="${TOP}" width="${PLOT.width + 8}" height="${PLOT.height}"/></clipPath>`,
    `<g clip-path="url(#at-${left})">`,
    ...LINES.flatMap(([design, colour, dashes]) => {
      const line = points(design).map(([places, ratio], index) => `${index === 0 ? 'M' : 'L'}${x(places)} ${y(ratio)}`).join('');
      return [
        `<path d="${line}" stroke="${colour}" stroke-width="2.5" stroke-dasharray="${dashes}" fill="none"/>`,
        ...points(design).map(([places, ratio]) => `<circle cx="${x(places)}" cy="${y(ratio)}" r="3" fill="${colour}"/>`),
      ];
    }),
    '</g>',
  ];
}

function text(x: number, y: number, words: string, attributes: string = ''): string {
  return `<text class="ink" x="${x}" y="${y}" ${attributes}>${words}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
