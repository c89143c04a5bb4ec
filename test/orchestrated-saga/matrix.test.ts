import { type Cell, nameOf, pairs, singles } from './matrix-cells';
import { runCells } from './matrix-run';
import { Random } from '../../simulator/src';

/** Of some ten thousand pairs, all of which `npx tsx test/orchestrated-saga/matrix.ts` runs. */
const SAMPLED_PAIRS = 40;

async function inconsistencies(all: readonly (readonly Cell[])[]): Promise<string[]> {
  const found: string[] = [];
  for (const cells of all) {
    const { violations, unmet } = await runCells(cells);
    if (violations.length > 0) found.push(`${nameOf(cells)}: ${violations.join('; ')}`);
    // One fault may keep another from happening; one alone that does not happen tests nothing.
    if (cells.length === 1 && unmet.length > 0) found.push(`${nameOf(cells)} never happened`);
  }
  return found;
}

function summary(all: readonly unknown[], found: readonly string[]): string {
  return `${all.length - found.length} of ${all.length} end consistent`;
}

test('every saga ends consistent, whatever single fault meets whichever step in whichever direction', async () => {
  const all = singles().map((cell) => [cell]);
  const found = await inconsistencies(all);
  console.info(summary(all, found));
  expect(found).toEqual([]);
}, 600_000);

test('pairs of faults as well: a sample of them, the same each time', async () => {
  const random = new Random('pairs');
  const all = Array.from({ length: SAMPLED_PAIRS }, () => random.pick(pairs()));
  const found = await inconsistencies(all);
  console.info(summary(all, found));
  expect(found).toEqual([]);
}, 600_000);
