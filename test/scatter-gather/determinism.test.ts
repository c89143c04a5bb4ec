import { execFileSync } from 'child_process';
import { cpSync, mkdtempSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { App } from 'aws-cdk-lib';
import { LoanBrokerStack } from '../../examples/scatter-gather/typescript/loan-broker-stack';

const REPOSITORY = path.join(__dirname, '../..');
const INPUT = path.join(REPOSITORY, 'examples/scatter-gather/typescript/input.json');

it('the same seed gives the same trace in two processes and two directories, another seed another one', () => {
  const app = new App({ outdir: mkdtempSync(path.join(tmpdir(), 'first-')) });
  new LoanBrokerStack(app, 'LoanBroker');
  const first = app.synth().directory;
  const second = mkdtempSync(path.join(tmpdir(), 'second-'));
  cpSync(first, second, { recursive: true });

  const hash = simulate(first, 7);
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(simulate(second, 7)).toBe(hash);
  expect(simulate(first, 8)).not.toBe(hash);
});

/** `npm run simulate`, as people type it. @returns the hash of the trace, from the JSON object in the last line */
function simulate(assembly: string, seed: number): string {
  const args = ['simulator/src/cli/simulate.ts', assembly, '--seed', String(seed), '--start', 'LoanQuotes', '--input', `@${INPUT}`];
  const output = execFileSync(process.execPath, ['--import', 'tsx', ...args], { cwd: REPOSITORY, encoding: 'utf8' });
  const { status, output: result, report } = JSON.parse(output.trim().split('\n').pop()!);
  expect({ status, result: result.status }).toEqual({ status: 'SUCCEEDED', result: 'COMPLETE' });
  return report.traceHash;
}
