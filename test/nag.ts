import { mkdtempSync, readFileSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';

/** Names of cdk-nag's AwsSolutions rules that a stack violates, from the report that the CDK writes before it fails the synthesis. */
export function violations(build: (stack: Stack) => void): string[] {
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
