import { readdirSync, readFileSync } from 'fs';
import * as path from 'path';
import { ROOT } from './workspace';

/** What an example has of its own in each language. The rest, its functions and its inputs, are the same files in all of them. */
const OWN = /^(README\.md|cdk\.json|package\.json|package-lock\.json|requirements\.txt|[^/]+\.(ts|py))$/;

/** Whether a file or directory is one of the app's, and not left behind by those who tried it. */
export function isSource(file: string): boolean {
  return !/^(node_modules|cdk\.out|__pycache__|\..+)$/.test(path.basename(file));
}

/**
 * How the functions and inputs of an example differ from those it copies, a sentence each. Every example is complete by itself, so that people can take it away.
 * @param originals @param copies directories, in the repository
 */
export function differingCopies(originals: string, copies: string, root: string = ROOT): string[] {
  const [wanted, found] = [originals, copies].map((directory) => sourcesOf(path.join(root, directory)).filter((file) => !OWN.test(file)));
  const isSame = (file: string) => readFileSync(path.join(root, originals, file)).equals(readFileSync(path.join(root, copies, file)));
  return [
    ...wanted.filter((file) => !found.includes(file)).map((file) => `${copies}/${file} is missing: it is a copy of ${originals}/${file}`),
    ...found.filter((file) => !wanted.includes(file)).map((file) => `${copies}/${file} is a copy of nothing: there is no ${originals}/${file}`),
    ...wanted.filter((file) => found.includes(file) && !isSame(file)).map((file) => `${copies}/${file} differs from ${originals}/${file}: change both`),
  ];
}

function sourcesOf(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).filter(({ name }) => isSource(name)).flatMap((entry) => (
    entry.isDirectory() ? sourcesOf(path.join(directory, entry.name)).map((file) => `${entry.name}/${file}`) : [entry.name]
  ));
}
