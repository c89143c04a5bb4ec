import { execFileSync } from 'child_process';
import { cpSync, mkdtempSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { row, rowsOf, synthesizeShop } from './scene';
import { PoisonPolicy } from '../../src';

const REPOSITORY = path.join(__dirname, '../..');

it.each([PoisonPolicy.SKIP, PoisonPolicy.PARK_KEY])('the same seed gives the same trace in two processes and two directories, another seed another one (%s)', (onPoison) => {
  const first = synthesizeShop({ library: true, destination: 'FIFO_QUEUE', props: { onPoison } });
  const second = mkdtempSync(path.join(tmpdir(), 'second-'));
  cpSync(first, second, { recursive: true });

  const hash = simulate(first, 7);
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(simulate(second, 7)).toBe(hash);
  expect(simulate(first, 8)).not.toBe(hash);
});

/** `npm run simulate`, as people type it. @returns the hash of the trace, from the JSON object in the last line */
function simulate(assembly: string, seed: number): string {
  const input = JSON.stringify({ rows: [...rowsOf('a', 5), ...rowsOf('b', 5), row('large', 1, { payload: JSON.stringify('x'.repeat(300_000)) })] });
  const args = ['simulator/src/cli/simulate.ts', assembly, '--seed', String(seed), '--start', 'Writer', '--input', `@${fileWith(input)}`];
  const output = execFileSync(process.execPath, ['--import', 'tsx', ...args], { cwd: REPOSITORY, encoding: 'utf8' });
  const { status, report } = JSON.parse(output.trim().split('\n').pop()!);
  expect({ status, denials: report.denials, lost: report.lost, undelivered: report.undelivered }).toEqual({ status: 'SUCCEEDED', denials: [], lost: [], undelivered: {} });
  return report.traceHash;
}

function fileWith(text: string): string {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'input-')), 'input.json');
  writeFileSync(file, text);
  return file;
}
