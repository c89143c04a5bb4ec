/** A time of which the chart says something, in milliseconds. */
export interface Mark {
  readonly from: number;
  readonly to: number;
  /** One character of the terminal's chart. */
  readonly sign: string;
  readonly means: string;
}

/** What became of one target's messages. */
export interface Panel {
  readonly target: string;
  /** Deliveries a second. */
  readonly limit: number;
  /** Rates of the target, span by span, by what they are of: stacked, the first lowest. */
  readonly layers: readonly { readonly name: string; readonly rates: readonly number[] }[];
  /** The rate that was allowed, span by span. */
  readonly allowed: readonly number[];
  readonly marks: readonly Mark[];
}

export interface Axis {
  readonly spanMs: number;
  readonly lengthMs: number;
}

const BLOCKS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const LEVELS = BLOCKS.length - 1;
/** Of the bars up to the limit; one more is for what is above it. */
const ROWS = 3;
const LABEL = 9;

/** A panel as lines of text: bars, with the limit as a line of underscores where no bar is above it. */
export function drawn({ target, limit, layers, marks }: Panel, { spanMs, lengthMs }: Axis): string[] {
  const columns = Array.from({ length: Math.ceil(lengthMs / spanMs) }, (_, index) => layers.reduce((sum, { rates }) => sum + (rates[index] ?? 0), 0));
  const levels = columns.map((rate) => (rate > 0 ? Math.max(1, Math.round(rate / limit * ROWS * LEVELS)) : 0));
  const row = (above: number) => levels.map((level) => BLOCKS[Math.min(LEVELS, Math.max(0, level - above * LEVELS))]).join('');
  const bars = Array.from({ length: ROWS }, (_, index) => row(ROWS - 1 - index));
  const signs = columns.map((_, index) => marks.find(({ from, to }) => from < (index + 1) * spanMs && to > index * spanMs)?.sign ?? ' ').join('');
  return [
    `${`${limit}/s`.padStart(LABEL)} ${row(ROWS).replace(/ /g, '_')}`,
    ...bars.map((bar, index) => `${(index === 0 ? target : '').padEnd(LABEL)} ${bar}`),
    ...(signs.trim() === '' ? [] : [`${''.padEnd(LABEL)} ${signs}`]),
  ].map((line) => line.trimEnd());
}

/** The minutes below a panel, and what its signs mean. */
export function legend({ spanMs, lengthMs }: Axis, marks: readonly Mark[]): string[] {
  const everyMinute = 60_000 / spanMs;
  const minutes = Array.from({ length: Math.ceil(lengthMs / 60_000) }, (_, minute) => `|${minute} min`.slice(0, everyMinute).padEnd(everyMinute)).join('');
  const meanings = [...new Map(marks.map(({ sign, means }) => [sign, means]))].map(([sign, means]) => `${sign} ${means}`);
  return [`${''.padEnd(LABEL)} ${minutes.trimEnd()}`, ...(meanings.length > 0 ? [`${''.padEnd(LABEL)} ${meanings.join('   ')}`] : [])];
}
