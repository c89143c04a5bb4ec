import { execFileSync } from 'child_process';
import { cpSync, mkdtempSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { Duration } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { assemble } from './assembly';
import { Scene, SECOND, tasks } from './scene';

const REPOSITORY = path.join(__dirname, '../..');
const SUBMITTER = `
const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs');
const client = new SQSClient({});
exports.handler = async ({ count }) => {
  for (let index = 0; index < count; index++) {
    const task = { id: 'task-' + index, payload: { seconds: 1 + index % 3, commits: true }, groups: index % 4 === 0 ? ['B'] : ['A'] };
    await client.send(new SendMessageCommand({ QueueUrl: process.env.QUEUE_URL, MessageBody: JSON.stringify(task) }));
  }
};`;

it('the same seed gives the same trace in two processes and two directories, another seed another one', () => {
  const first = assemble({
    more: (pool, stack) => {
      const submitter = new lambda.Function(stack, 'Submitter', {
        runtime: lambda.Runtime.NODEJS_22_X,
        handler: 'index.handler',
        code: lambda.Code.fromInline(SUBMITTER),
        timeout: Duration.minutes(1),
        environment: { QUEUE_URL: pool.submitQueue.queueUrl },
      });
      pool.grantSubmit(submitter);
    },
  });
  const second = mkdtempSync(path.join(tmpdir(), 'second-'));
  cpSync(first, second, { recursive: true });

  const hash = simulate(first, 7);
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(simulate(second, 7)).toBe(hash);
  expect(simulate(first, 8)).not.toBe(hash);
});

it('the same seed gives the same trace with workers outside, of which one is killed', async () => {
  const assembly = assemble({ groups: { A: { maxConcurrency: 2 }, Fleet: { external: true } } });
  const play = async (seed: number) => {
    const scene = new Scene(assembly, { seed, faults: { throttle: 0.02, duplicate: 0.05, errorAfter: 0.02, slow: 0.05 } });
    const [killed] = ['one', 'two'].map((name) => scene.worker('Fleet', { name }));
    scene.submit(tasks(40, { seconds: 3, commits: true }));
    scene.at(10 * SECOND, () => killed!.kill());
    await scene.pass(90 * SECOND);
    return scene.simulation.report().traceHash;
  };
  const hash = await play(7);
  expect(await play(7)).toBe(hash);
  expect(await play(8)).not.toBe(hash);
});

/** `npm run simulate`, as people type it. @returns the hash of the trace, from the JSON object in the last line */
function simulate(assembly: string, seed: number): string {
  const args = ['simulator/src/cli/simulate.ts', assembly, '--seed', String(seed), '--start', 'Submitter', '--input', '{"count":40}'];
  const output = execFileSync(process.execPath, ['--import', 'tsx', ...args], { cwd: REPOSITORY, encoding: 'utf8' });
  const { status, report } = JSON.parse(output.trim().split('\n').pop()!);
  expect({ status, denials: report.denials, lost: report.lost, undelivered: report.undelivered }).toEqual({ status: 'SUCCEEDED', denials: [], lost: [], undelivered: {} });
  expect(report.billable['lambda.requests']).toBeGreaterThan(45);
  return report.traceHash;
}
