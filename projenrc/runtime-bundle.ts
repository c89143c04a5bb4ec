import { existsSync, readdirSync } from 'fs';
import * as path from 'path';
import * as ts from 'typescript';
import { bundleFiles, replaceContent, withNotices } from './handler-bundles';

export interface RuntimeBundleOptions {
  /** Directory with `<library>/index.ts`; directories without one are what the libraries share. */
  readonly sourceDir: string;
  /** Directory that gets `<library>/index.js` and its declarations; whatever else is in it is removed. */
  readonly outDir: string;
}

/**
 * Libraries for code that runs in functions, not at synthesis. They run with the oldest Node.js that the package supports, and are not minified:
 * they are in stack traces of people who did not write them.
 */
const TARGET = 'node20';

/**
 * Bundles every runtime library with its declarations and answers how many there are. The AWS SDK stays external and is loaded when it is
 * first needed.
 * @throws when esbuild warns, and when a declaration needs a type that does not ship with it
 */
export async function bundleRuntimeLibraries({ sourceDir, outDir }: RuntimeBundleOptions): Promise<number> {
  const libraries = runtimeLibraries(sourceDir);
  const bundles = await bundleFiles(
    libraries.map((name) => ({ file: path.join(sourceDir, name, 'index.ts'), outfile: path.resolve(outDir, name, 'index.js') })),
    { target: TARGET, tsconfig: path.join(sourceDir, 'tsconfig.json') },
  );
  const declarations = libraries.flatMap((name) => declarationsOf(path.join(sourceDir, name), path.resolve(outDir, name)));
  replaceContent(outDir, new Map([...withNotices(outDir, bundles), ...declarations]));
  return libraries.length;
}

/** The names of the libraries in a directory. */
export function runtimeLibraries(sourceDir: string): string[] {
  return readdirSync(sourceDir).filter((name) => existsSync(path.join(sourceDir, name, 'index.ts'))).sort();
}

/** The declarations that `index.d.ts` reaches, all in one directory, wherever their sources are. */
function declarationsOf(libraryDir: string, outDir: string): [string, string][] {
  const emitted = emitDeclarations(path.resolve(libraryDir, 'index.ts'));
  const taken = new Map<string, { readonly name: string; text: string }>();
  const take = (source: string): string => {
    const known = taken.get(source);
    if (known) return known.name;
    const text = emitted.get(source);
    if (text === undefined) throw new Error(`declaration of ${source} is missing`);
    const file = { name: nameFor(source, [...taken.values()].map(({ name }) => name)), text: '' };
    taken.set(source, file);
    // A comment may have an example that imports the library.
    file.text = text.replace(/\/\*[\s\S]*?\*\/|(from |import\()(['"])([^'"]+)\2/g, (found: string, before: string | undefined, quote: string, specifier: string) => {
      if (before === undefined) return found;
      if (!specifier.startsWith('.')) throw new Error(`${path.basename(source)} imports '${specifier}', which its readers need not have`);
      return `${before}${quote}./${take(path.resolve(path.dirname(source), `${specifier}.d.ts`))}${quote}`;
    });
    return file.name;
  };
  take(path.resolve(libraryDir, 'index.d.ts'));
  return [...taken.values()].map(({ name, text }) => [path.join(outDir, `${name}.d.ts`), text]);
}

/** Two sources may have the same name in two directories: the second one's is told by its directory. */
function nameFor(source: string, others: readonly string[]): string {
  const name = path.basename(source, '.d.ts');
  return others.includes(name) ? `${path.basename(path.dirname(source))}-${name}` : name;
}

/** Declarations of a file and of all that it imports, by where they would be beside their sources. */
function emitDeclarations(file: string): Map<string, string> {
  const configFile = path.join(path.dirname(path.dirname(file)), 'tsconfig.json');
  const config = ts.getParsedCommandLineOfConfigFile(configFile, { noEmit: false, emitDeclarationOnly: true, declaration: true }, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: (diagnostic) => { throw new Error(format([diagnostic])); },
  })!;
  const program = ts.createProgram([file], config.options);
  const emitted = new Map<string, string>();
  const { diagnostics } = program.emit(undefined, (name, text) => { emitted.set(path.resolve(name), text); }, undefined, true);
  const problems = [...ts.getPreEmitDiagnostics(program), ...diagnostics];
  if (problems.length > 0) throw new Error(format(problems));
  return emitted;
}

function format(diagnostics: readonly ts.Diagnostic[]): string {
  return ts.formatDiagnostics(diagnostics, { getCanonicalFileName: (name) => name, getCurrentDirectory: () => process.cwd(), getNewLine: () => '\n' });
}
