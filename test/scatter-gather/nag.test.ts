import { mkdtempSync, readFileSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { App, Duration, Stack, Validations } from 'aws-cdk-lib';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks } from 'cdk-nag';
import { Responder, ScatterGather, ScatterGatherMode } from '../../src';

describe.each([ScatterGatherMode.STANDARD, ScatterGatherMode.EXPRESS])('cdk-nag AwsSolutions in %s mode', (mode) => {
  it('finds nothing with default props', () => {
    expect(violations((stack) => {
      const gathering = new ScatterGather(stack, 'Quotes', { timeout: Duration.seconds(10), mode });
      gathering.addResponder('Partner', Responder.function(
        LambdaFunction.fromFunctionArn(stack, 'Partner', 'arn:aws:lambda:us-east-1:123456789012:function:partner'),
      ));
    })).toEqual([]);
  });
});

it('cdk-nag would find something if there were something to find', () => {
  expect(violations((stack) => {
    const gathering = new ScatterGather(stack, 'Quotes', { timeout: Duration.seconds(10) });
    gathering.addResponder('Partner', Responder.target(new targets.SqsQueue(new Queue(stack, 'PlainQueue'))));
  })).toContain('AwsSolutions-SQS4');
});

/** Names of violated rules, from the report that the CDK writes before it fails the synthesis. */
function violations(build: (stack: Stack) => void): string[] {
  const app = new App({ outdir: mkdtempSync(path.join(tmpdir(), 'nag-')) });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  build(new Stack(app, 'Test'));
  let failed = false;
  try {
    app.synth();
  } catch {
    failed = true;
  }
  const report = JSON.parse(readFileSync(path.join(app.outdir, 'validation-report.json'), 'utf8'));
  const names = report.pluginReports.flatMap((plugin: any) => plugin.violations ?? []).map((violation: any) => violation.ruleName);
  expect(failed).toBe(names.length > 0);
  return names;
}
