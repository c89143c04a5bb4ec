import { readFileSync } from 'fs';
import * as path from 'path';
import type { TypeScriptSnippet } from 'jsii-rosetta';

/** Its snippets stand in a stack's constructor, and are translated into every language; those with another one are code that runs on Node.js. */
export const CONSTRUCTS = 'default';

/** A snippet as its reader sees it. */
export interface Snippet {
  readonly file: string;
  /** Of its first line, for people. */
  readonly line: number;
  readonly source: string;
  /** What the reader does not see, `rosetta/<fixture>.ts-fixture`. */
  readonly fixture: string;
}

/** The fenced snippets of a document: ```` ```ts ````, or ```` ```ts fixture=handler ````. */
export function snippetsOfMarkdown(file: string, markdown: string): Snippet[] {
  return [...markdown.matchAll(/^(?<indent> *)```(?:ts|typescript)\b(?<parameters>.*)\n(?<source>[^]*?)^\k<indent>```$/gm)].map(({ index, groups }) => ({
    file,
    line: lineAt(markdown, index) + 1,
    source: groups!.source,
    fixture: /\bfixture=(\S+)/.exec(groups!.parameters)?.[1] ?? CONSTRUCTS,
  }));
}

/** The `@example`s of docstrings that are not in the assembly. */
export function snippetsOfDocstrings(file: string, code: string, fixture: string): Snippet[] {
  return [...code.matchAll(/^ *\* @example\n(?<lines>(?: *\*(?!\/)(?! @).*\n)+)/gm)].map(({ index, groups }) => ({
    file,
    line: lineAt(code, index) + 1,
    source: groups!.lines.replace(/^ *\* ?/gm, ''),
    fixture,
  }));
}

/** The snippet in its fixture, as jsii-rosetta does it: imports go to the top, the rest to where the fixture says. */
export function completed({ file, line, source, fixture }: Snippet, fixtures: string): TypeScriptSnippet {
  const around = readFileSync(path.join(fixtures, `${fixture}.ts-fixture`), 'utf8');
  const place = /^ *\/\/\/ here$/m;
  if (!place.test(around)) throw new Error(`a fixture must say where its snippets go, by a line '/// here': ${fixture}.ts-fixture does not`);
  const imports: string[] = [];
  const rest = source.replace(/^import [^;]*;\n/gm, (found) => {
    imports.push(found);
    return '';
  });
  const shown = (lines: string) => `/// !show\n${lines}/// !hide\n`;
  return {
    visibleSource: source.trimEnd(),
    completeSource: shown(imports.join('')) + around.replace(place, () => shown(rest)),
    location: { api: { api: 'file', fileName: file }, field: { field: 'markdown', line } },
    strict: true,
  };
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}
