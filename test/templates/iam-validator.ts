import { spawnSync } from 'child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'fs';
import * as path from 'path';
import type { Finding } from './finding';
import type { Policy } from './policies';
import type { Linters } from './python';

const CONFIG = path.join(__dirname, 'iam-validator.yaml');

interface Report {
  readonly results: ReadonlyArray<{
    readonly policy_file: string;
    readonly issues: ReadonlyArray<{ readonly check_id: string; readonly message: string; readonly statement_index: number }>;
  }>;
  readonly parsing_errors: ReadonlyArray<unknown>;
}

/** What iam-policy-validator says about policies, whatever severity it gives it. */
export function validatePolicies(linters: Linters, policies: readonly Policy[], scratch: string): Map<Policy, Finding[]> {
  const directory = mkdtempSync(path.join(scratch, 'policies-'));
  const report = path.join(directory, 'report.json');
  const files = new Map(policies.map((policy, index) => [writePolicy(path.join(directory, 'policies'), policy, index), policy]));
  const [python, script] = linters.script('iam-validator');
  const { status, stdout, stderr, error } = spawnSync(python, [
    script, 'validate', '--path', path.join(directory, 'policies'), '--config', CONFIG, '--aws-services-dir', linters.serviceReference,
    '--format', 'json', '--output', report,
  ], { cwd: directory, encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (error) throw error;
  const complaint = `iam-policy-validator ended with ${status}: ${stdout}${stderr}`;
  if (status !== 0 && status !== 1) throw new Error(complaint);
  const { results, parsing_errors: unread }: Report = JSON.parse(readFileSync(report, 'utf8'));
  if (unread.length > 0 || results.length !== files.size) throw new Error(`of ${files.size} policies, ${results.length} were read; ${complaint}`);
  return new Map(results.map(({ policy_file: file, issues }) => {
    const policy = files.get(file)!;
    return [policy, issues.map((issue) => ({
      rule: issue.check_id,
      where: policy.where,
      message: `${issue.message} (${[policy.property, 'Statement', issue.statement_index].filter((part) => part !== '').join('.')})`,
    }))];
  }));
}

/** Its directory tells its kind, as the configuration says. */
function writePolicy(directory: string, { kind, document }: Policy, index: number): string {
  mkdirSync(path.join(directory, kind), { recursive: true });
  const file = path.join(directory, kind, `${index}.json`);
  writeFileSync(file, JSON.stringify(document));
  return file;
}
