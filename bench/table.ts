/** A Markdown table whose columns also line up in a terminal: the first column to the left, figures to the right. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[], align: 'figures' | 'text' = 'figures'): string {
  const widths = header.map((_, column) => Math.max(3, ...[header, ...rows].map((row) => row[column].length)));
  const right = (column: number) => align === 'figures' && column > 0;
  const line = (row: readonly string[]) => `| ${row.map((cell, column) => right(column) ? cell.padStart(widths[column]) : cell.padEnd(widths[column])).join(' | ')} |`;
  const rule = widths.map((width, column) => right(column) ? `${'-'.repeat(width + 1)}:` : '-'.repeat(width + 2));
  return [line(header), `|${rule.join('|')}|`, ...rows.map(line)].join('\n');
}
