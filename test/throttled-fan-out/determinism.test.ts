import { execFileSync } from 'child_process';
import { cpSync, mkdtempSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { Duration } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { assemble } from './scene';

const REPOSITORY = path.join(__dirname, '../..');
const PUBLISHER = `
const { SNSClient, PublishCommand } = require('@aws-sdk/client-sns');
const client = new SNSClient({});
exports.handler = async ({ count }) => {
  for (let index = 0; index < count; index++) {
    const priority = ['critical', 'normal', 'bulk'][index % 3];
    await client.send(new PublishCommand({
      TopicArn: process.env.TOPIC_ARN, Message: String(index), MessageAttributes: { priority: { DataType: 'String', StringValue: priority } },
    }));
  }
};`;

it('the same seed gives the same trace in two processes and two directories, another seed another one', () => {
  const first = assemble({
    more: (fanOut, stack) => {
      const publisher = new lambda.Function(stack, 'Publisher', {
        runtime: lambda.Runtime.NODEJS_22_X,
        handler: 'index.handler',
        code: lambda.Code.fromInline(PUBLISHER),
        timeout: Duration.minutes(1),
        environment: { TOPIC_ARN: fanOut.topic.topicArn },
      });
      fanOut.grantPublish(publisher);
    },
  });
  const second = mkdtempSync(path.join(tmpdir(), 'second-'));
  cpSync(first, second, { recursive: true });

  const hash = simulate(first, 7);
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(simulate(second, 7)).toBe(hash);
  expect(simulate(first, 8)).not.toBe(hash);
});

/** `npm run simulate`, as people type it. @returns the hash of the trace, from the JSON object in the last line */
function simulate(assembly: string, seed: number): string {
  const args = ['simulator/src/cli/simulate.ts', assembly, '--seed', String(seed), '--start', 'Publisher', '--input', '{"count":60}'];
  const output = execFileSync(process.execPath, ['--import', 'tsx', ...args], { cwd: REPOSITORY, encoding: 'utf8' });
  const { status, report } = JSON.parse(output.trim().split('\n').pop()!);
  expect({ status, denials: report.denials, lost: report.lost, undelivered: report.undelivered }).toEqual({ status: 'SUCCEEDED', denials: [], lost: [], undelivered: {} });
  expect(report.billable['lambda.requests']).toBeGreaterThan(60);
  return report.traceHash;
}
