/**
 * `npm run lint:templates`: judges every synthesized template, by cfn-lint, and every policy in it, by iam-policy-validator. What stays is in exceptions.ts.
 * Before it says that they are clean, it finds the faults of seeds.ts. Exit code 0: all clean; 1: findings, or something failed; 69: this machine lacks Python.
 */
import { mkdtempSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { cfnLint } from './cfn-lint';
import { EXCEPTIONS } from './exceptions';
import type { Finding } from './finding';
import { validatePolicies } from './iam-validator';
import { policiesAt, type Policy } from './policies';
import { findPython, Linters, WANTED } from './python';
import { missedFaults } from './seeds';
import { templatesToLint } from './sources';
import { type TemplateFile, templatesAt } from './template';
import { Verdict } from './verdict';

const MISSING_TOOLCHAIN = 69;

async function main(): Promise<number> {
  const python = findPython();
  if (!python) {
    console.error(`the templates were not judged, because this machine lacks ${WANTED}`);
    return MISSING_TOOLCHAIN;
  }
  const linters = Linters.install(python);
  const scratch = mkdtempSync(path.join(tmpdir(), 'templates-'));
  try {
    return await judge(linters, scratch);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function judge(linters: Linters, scratch: string): Promise<number> {
  const policies = new Map<TemplateFile, Policy[]>();
  for (const [index, source] of templatesToLint().entries()) {
    for (const location of source.synthesize(path.join(scratch, String(index)))) {
      for (const [template, own] of policiesAt(location, templatesAt(location, source.name))) policies.set(template, own);
    }
  }
  const [ofTemplates, seeds] = await Promise.all([cfnLintInTwo(linters, [...policies.keys()], scratch), missedFaults(linters, scratch)]);
  const ofPolicies = validatePolicies(linters, [...policies.values()].flat(), scratch);

  const verdict = new Verdict(EXCEPTIONS);
  const found = [...policies].map(([template, own]) => {
    const findings = verdict.remaining([...ofTemplates.get(template)!, ...own.flatMap((policy) => ofPolicies.get(policy)!)]);
    console.log(`${findings.length === 0 ? 'clean ' : 'FOUND '} ${template.name}  (${sizeOf(template)} resources, ${own.length} policies)`);
    for (const { where, message, rule } of findings) console.log(`  ${where}: ${message} [${rule}]`);
    return findings.length;
  });
  const unused = verdict.unused();
  for (const { rule, where, reason } of unused) console.log(`UNUSED an exception of rule ${rule} at ${where}: ${reason}`);
  for (const fault of seeds.missed) console.log(`MISSED the seeded fault ${fault}`);
  const findings = total(found);
  console.log([
    `${policies.size} templates, ${total([...policies.keys()].map(sizeOf))} resources, ${ofPolicies.size} policies: ${findings} findings`,
    `${EXCEPTIONS.length} exceptions, ${unused.length} of no use`,
    `${seeds.faults} seeded faults, ${seeds.missed.length} missed`,
  ].join('; '));
  return findings + unused.length + seeds.missed.length === 0 ? 0 : 1;
}

/** It uses one core only, and is what takes longest. */
async function cfnLintInTwo(linters: Linters, templates: readonly TemplateFile[], scratch: string): Promise<Map<TemplateFile, Finding[]>> {
  const halves = [0, 1].map((half) => cfnLint(linters, templates.filter((_, index) => index % 2 === half), scratch));
  return new Map((await Promise.all(halves)).flatMap((each) => [...each]));
}

function sizeOf({ resources }: TemplateFile): number {
  return Object.keys(resources).length;
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0);
}

main().then((code) => {
  process.exitCode = code;
}, (error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
