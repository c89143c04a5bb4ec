import { spawn } from 'child_process';
import { mkdtempSync, readFileSync } from 'fs';
import * as path from 'path';
import type { Finding } from './finding';
import type { Linters } from './python';
import type { TemplateFile } from './template';

/** What a region lacks is found for each of them; the second one gets new services and properties later. */
const REGIONS = ['us-east-1', 'eu-central-1'];

/** Bits for errors, warnings and remarks; any other code is a failure of its own. https://github.com/aws-cloudformation/cfn-lint#exit-codes */
const SUCCESS = [0, 2, 4, 6, 8, 10, 12, 14];

interface Match {
  readonly Filename: string;
  readonly Location: { readonly Path: ReadonlyArray<string | number> | null };
  readonly Message: string;
  readonly Rule: { readonly Id: string };
}

/** Errors, warnings and remarks of cfn-lint. */
export async function cfnLint(linters: Linters, templates: readonly TemplateFile[], scratch: string): Promise<Map<TemplateFile, Finding[]>> {
  // Of its own, so that no configuration of the repository's or a user's directory is found.
  const cwd = mkdtempSync(path.join(scratch, 'cfn-lint-'));
  const options = ['--include-checks', 'I', '--regions', ...REGIONS, '--format', 'json', '--output-file', 'findings.json'];
  const [python, script] = linters.script('cfn-lint');
  await run(python, [script, ...options, '--', ...templates.map(({ file }) => file)], cwd);
  const matches: Match[] = JSON.parse(readFileSync(path.join(cwd, 'findings.json'), 'utf8'));
  const stray = matches.find(({ Filename }) => !templates.some(({ file }) => file === Filename));
  if (stray) throw new Error(`cfn-lint: ${stray.Message}`);
  return new Map(templates.map((template) => [
    template, matches.filter(({ Filename }) => Filename === template.file).map((match) => finding(match, template)),
  ]));
}

function finding({ Location, Message: message, Rule: { Id: rule } }: Match, template: TemplateFile): Finding {
  const [section, name, ...rest] = Location.Path ?? [];
  return { rule, message, where: section === 'Resources' && name !== undefined ? template.pathOf(String(name)) : [section, name, ...rest].join('/') };
}

function run(command: string, args: readonly string[], cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text) => complaint += text);
    child.once('error', reject);
    child.once('close', (code) => code !== null && SUCCESS.includes(code) ? resolve() : reject(new Error(`cfn-lint ended with ${code}: ${complaint}`)));
  });
}
