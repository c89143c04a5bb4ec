import type { AttributeMap } from '../simulator/src';

/** `   1.234 s` */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(3).padStart(8)} s`;
}

/** ` 30:00:01.2`: hours, minutes, seconds. */
export function hours(ms: number): string {
  const tenths = Math.floor(ms / 100);
  const two = (value: number) => String(value).padStart(2, '0');
  const [hour, minute, second] = [Math.floor(tenths / 36_000), Math.floor(tenths / 600) % 60, Math.floor(tenths / 10) % 60];
  return `${String(hour).padStart(3)}:${two(minute)}:${two(second)}.${tenths % 10}`;
}

/** Rows as aligned lines, with the columns' names first; a row without a column leaves it empty. */
export function table(rows: readonly Readonly<Record<string, unknown>>[]): string[] {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const lines = [columns, ...rows.map((row) => columns.map((column) => cell(row[column])))];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index].length)));
  return lines.map((line) => line.map((text, index) => text.padEnd(widths[index])).join('  ').trimEnd());
}

function cell(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** DynamoDB's typed values as plain ones; a number that JavaScript would round stays text. */
export function plain(value: AttributeMap[string]): any {
  if (value.M) return Object.fromEntries(Object.entries(value.M).map(([name, member]) => [name, plain(member)]));
  if (value.L) return value.L.map(plain);
  if (value.NULL) return null;
  if (value.N !== undefined) return String(Number(value.N)) === value.N ? Number(value.N) : value.N;
  return value.S ?? value.BOOL ?? value.SS ?? value.NS ?? value.B ?? value.BS;
}
