import { spawnSync } from 'child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';

/** What a snippet became in another language. */
export interface Translated {
  /** File and line of the snippet, or what it documents. */
  readonly where: string;
  readonly language: string;
  readonly source: string;
}

/** A language's own parser, which says on its output `FILE:LINE…` and what is wrong. */
interface Parser {
  readonly language: string;
  readonly extension: string;
  readonly probe: readonly string[];
  readonly command: readonly string[];
  /** A file with the snippet in it. */
  wrapped(imports: string, rest: string): string;
}

const PARSERS: readonly Parser[] = [
  {
    language: 'python',
    extension: 'py',
    probe: ['python3', '--version'],
    command: ['python3', path.join(__dirname, 'parse.py')],
    wrapped: (imports, rest) => imports + rest,
  },
  {
    language: 'java',
    extension: 'java',
    probe: ['javac', '--version'],
    command: ['java', path.join(__dirname, 'Parse.java')],
    wrapped: (imports, rest) => `${imports}class Snippet { void snippet() {\n${rest}\n} }\n`,
  },
  {
    language: 'go',
    extension: 'go',
    probe: ['gofmt', '-h'],
    // Does not find all that does not compile: jsii-rosetta makes `Rate_*PerSecond(5)` of a static call inside another call, which parses as a product.
    command: ['gofmt', '-e'],
    wrapped: (imports, rest) => `package snippet\n${imports}func snippet() {\n${rest}\n}\n`,
  },
];

export interface Parsed {
  readonly faults: readonly string[];
  /** Languages whose parser this machine lacks. */
  readonly unparsed: readonly string[];
}

/** Has each translation parsed by the language itself, where it is on this machine. */
export function parse(translated: readonly Translated[]): Parsed {
  const faults = translated.filter(({ source }) => source.trim() === '').map(({ where, language }) => `${where}: nothing came out in ${language}`);
  const unparsed: string[] = [];
  const directory = mkdtempSync(path.join(tmpdir(), 'translations-'));
  for (const parser of PARSERS) {
    if (isMissing(parser.probe)) {
      unparsed.push(parser.language);
      continue;
    }
    const files = new Map(translated.filter(({ language }) => language === parser.language).map(({ where, source }, index) => {
      const file = path.join(directory, `${index}.${parser.extension}`);
      writeFileSync(file, parser.wrapped(...split(source)));
      return [file, where];
    }));
    if (files.size === 0) continue;
    const [command, ...args] = parser.command;
    const { status, stdout, stderr } = spawnSync(command, [...args, ...files.keys()], { encoding: 'utf8' });
    if (status === 0) continue;
    faults.push(...[...files].filter(([file]) => (stdout + stderr).includes(file)).map(([file, where]) => (
      `${where}: its translation does not parse as ${parser.language}\n${linesOf(stdout + stderr, file)}\n${readFileSync(file, 'utf8')}`
    )));
    if (faults.length === 0) faults.push(`${command} failed\n${stderr}`);
  }
  rmSync(directory, { recursive: true });
  return { faults, unparsed };
}

function isMissing([command, ...args]: readonly string[]): boolean {
  const { error, status } = spawnSync(command, args, { stdio: 'ignore' });
  // Some tools answer a question for help with 2; a launcher without the tool behind it, as on macOS, with 1.
  return error !== undefined || status === 1;
}

function split(source: string): [string, string] {
  const imports: string[] = [];
  const rest = source.replace(/^(import|from) .*\n/gm, (line) => {
    imports.push(line);
    return '';
  });
  return [imports.join(''), rest];
}

function linesOf(output: string, file: string): string {
  return output.split('\n').filter((line) => line.includes(file)).map((line) => line.replaceAll(`${file}:`, '  line ')).join('\n');
}
