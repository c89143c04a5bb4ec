import { mkdirSync, writeFileSync } from 'fs';
import * as path from 'path';
import { cfnLint } from './cfn-lint';
import { type Faults, IN_POLICIES, IN_TEMPLATES, SOUND } from './faults';
import type { Finding } from './finding';
import { validatePolicies } from './iam-validator';
import { policiesAt } from './policies';
import type { Linters } from './python';
import { type TemplateFile, templatesAt } from './template';
import { Verdict } from './verdict';

/**
 * Has templates judged that have a fault in each of many resources: what is not found there would not be found elsewhere.
 * @returns how many faults there are, and which were missed
 */
export async function missedFaults(linters: Linters, scratch: string): Promise<{ readonly faults: number; readonly missed: string[] }> {
  const ofNoUse = { rule: 'E3002', where: /^SoundPolicy$/, reason: 'there is no such finding' };
  const verdict = new Verdict([ofNoUse]);
  const [template, withPolicies] = Object.entries({ IN_TEMPLATES, IN_POLICIES }).map(([name, faults]) => seeded(name, faults, scratch));
  const inTemplate = (await cfnLint(linters, [template], scratch)).get(template)!;
  const inPolicies = [...validatePolicies(linters, policiesAt(withPolicies.file, [withPolicies]).get(withPolicies)!, scratch).values()].flat();
  const missed = [...missing(IN_TEMPLATES, verdict.remaining(inTemplate)), ...missing(IN_POLICIES, verdict.remaining(inPolicies))];
  if (!verdict.unused().includes(ofNoUse)) missed.push('an exception of no use');
  return { faults: Object.keys(IN_TEMPLATES).length + Object.keys(IN_POLICIES).length + 1, missed };
}

function seeded(name: string, faults: Faults, scratch: string): TemplateFile {
  const directory = path.join(scratch, name);
  mkdirSync(directory);
  const file = path.join(directory, 'template.json');
  const faulty = Object.fromEntries(Object.entries(faults).map(([id, { resource }]) => [id, resource]));
  writeFileSync(file, JSON.stringify({ Resources: { ...SOUND, ...faulty } }));
  return templatesAt(file, name)[0];
}

function missing(faults: Faults, findings: readonly Finding[]): string[] {
  return Object.entries(faults).flatMap(([id, { rule, says = /^/ }]) => {
    const there = findings.filter(({ where }) => where === id);
    if (there.some((finding) => finding.rule === rule && says.test(finding.message))) return [];
    return [`${id}, of rule ${rule}; found: ${there.map((finding) => `${finding.message} [${finding.rule}]`).join('; ') || 'nothing'}`];
  });
}
