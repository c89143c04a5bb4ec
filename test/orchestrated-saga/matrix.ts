import { type Cell, nameOf, pairs, singles } from './matrix-cells';
import { runCells } from './matrix-run';

/**
 * Runs the whole failure matrix: `npx tsx test/orchestrated-saga/matrix.ts [--singles | --part 1/20]`. A part is every twentieth cell, beginning with the
 * first, for as many processes.
 */
async function main() {
  const whole: (readonly Cell[])[] = [...singles().map((cell) => [cell]), ...(process.argv.includes('--singles') ? [] : pairs())];
  const [part, parts] = (process.argv[process.argv.indexOf('--part') + 1] ?? '').split('/').map(Number);
  const all = parts ? whole.filter((_, index) => index % parts === part! - 1) : whole;
  const statuses: Record<string, number> = {};
  let consistent = 0;
  for (const cells of all) {
    const { status, violations, unmet } = await runCells(cells);
    statuses[status] = (statuses[status] ?? 0) + 1;
    // A fault of a single that had no occasion has tested nothing; in a pair, one may keep the other from it.
    const idle = cells.length === 1 && unmet.length > 0 ? ['the fault never happened'] : [];
    if (violations.length + idle.length === 0) consistent++;
    else console.log(`${nameOf(cells)}: ${[...violations, ...idle].join('; ')}`);
  }
  console.log(Object.entries(statuses).map(([status, count]) => `${count} ${status}`).join(', '));
  console.log(`${consistent} of ${all.length} end consistent`);
  process.exitCode = consistent === all.length ? 0 : 1;
}

void main();
