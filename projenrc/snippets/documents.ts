import { execFileSync } from 'child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'fs';
import * as path from 'path';
import { BatchSnippetTranslator, CSharpVisitor, GoVisitor, JavaVisitor, PythonVisitor } from 'jsii-rosetta';
import * as ts from 'typescript';
import { completed, CONSTRUCTS, type Snippet, snippetsOfDocstrings, snippetsOfMarkdown } from './snippet';
import type { Translated } from './translations';

const VISITORS = { python: PythonVisitor, java: JavaVisitor, csharp: CSharpVisitor, go: GoVisitor };
/** The assembly has the first one; the second one is generated from it, with excerpts that are none of ours to write. */
const ELSEWHERE = ['README.md', 'API.md'];

/** Every snippet that is not in the assembly: documents, and docstrings of the runtime libraries. */
export function snippetsOfDocuments(root: string): Snippet[] {
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md', 'runtime-src/*.ts'], { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter((file) => file !== '' && !ELSEWHERE.includes(file) && existsSync(path.join(root, file)));
  return files.sort().flatMap((file) => {
    const text = readFileSync(path.join(root, file), 'utf8');
    return file.endsWith('.md') ? snippetsOfMarkdown(file, text) : snippetsOfDocstrings(file, text, 'handler');
  });
}

export interface Compiled {
  /** What the compiler and the translators object to. */
  readonly faults: readonly string[];
  readonly translated: readonly Translated[];
}

/** Compiles snippets, and translates those about constructs. */
export function compile(snippets: readonly Snippet[], root: string): Compiled {
  const sources = snippets.map((snippet) => completed(snippet, path.join(root, 'rosetta')));
  const batch = new BatchSnippetTranslator(sources, { compilationDirectory: projectOfUser(root), includeCompilerDiagnostics: true });
  const faults: string[] = [];
  const translated: Translated[] = [];
  let position = 0;
  for (const [, translator] of batch) {
    const snippet = snippets[position++];
    if (snippet.fixture === CONSTRUCTS) {
      for (const [language, Visitor] of Object.entries(VISITORS)) {
        translated.push({ where: `${snippet.file}:${snippet.line}`, language, source: translator.renderUsing(new Visitor()) });
      }
    }
    faults.push(...translator.diagnostics.map((diagnostic) => fault(snippet, diagnostic)));
  }
  return { faults, translated };
}

function fault(snippet: Snippet, { file, start, messageText }: ts.Diagnostic): string {
  const message = ts.flattenDiagnosticMessageText(messageText, '\n  ');
  if (!file || start === undefined) return `${snippet.file}:${snippet.line}: ${message}`;
  const text = file.text.split('\n')[file.getLineAndCharacterOfPosition(start).line];
  const offset = snippet.source.split('\n').indexOf(text);
  return `${offset < 0 ? `rosetta/${snippet.fixture}.ts-fixture` : `${snippet.file}:${snippet.line + offset}`}: ${message}\n    ${text.trim()}`;
}

/** A directory in which snippets are what a user writes: ES modules of a project that has the package installed. */
export function projectOfUser(root: string): string {
  const directory = path.join(root, '.cache/snippets');
  const installed = path.join(directory, 'node_modules/cdk-integration-patterns');
  mkdirSync(path.dirname(installed), { recursive: true });
  writeFileSync(path.join(directory, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  rmSync(installed, { force: true });
  symlinkSync(root, installed);
  return directory;
}
