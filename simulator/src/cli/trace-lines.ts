import type { TraceEntry } from '../kernel/trace';

/** A trace for people: virtual time since the start, subject, event and details, in columns. */
export function traceLines(entries: readonly TraceEntry[], start: number): string[] {
  const rows = entries.map(({ at, subject, event, detail }) => [`${((at - start) / 1000).toFixed(3)} s`, subject, event, detailText(detail)]);
  const width = (column: number) => rows.reduce((most, row) => Math.max(most, row[column].length), 0);
  const [time, subject, event] = [width(0), width(1), width(2)];
  return rows.map((row) => `${row[0].padStart(time)}  ${row[1].padEnd(subject)}  ${row[2].padEnd(event)}  ${row[3]}`.trimEnd());
}

function detailText(detail: TraceEntry['detail']): string {
  return Object.entries(detail ?? {}).map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`).join(' ');
}
