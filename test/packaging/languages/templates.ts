import { readdirSync, readFileSync } from 'fs';
import * as path from 'path';

const SHOWN = 200;

export type Templates = ReadonlyMap<string, unknown>;

/** What a cloud assembly has to be deployed: its templates, and the manifests of portable ones, which have the sums of the assets. By file name. */
export function templatesOf(assembly: string): Templates {
  const names = readdirSync(assembly).sort();
  const files = [
    ...names.filter((name) => name.endsWith('.template.json')),
    ...names.filter((name) => name.endsWith('.portable')).map((name) => path.join(name, 'manifest.json')),
  ];
  return new Map(files.map((file) => [file, JSON.parse(readFileSync(path.join(assembly, file), 'utf8'))]));
}

/** Where two sets of templates differ, a line each; nothing if they are the same. Assets are told by what is in them, so they must be the same, too. */
export function differences(expected: Templates, actual: Templates): string[] {
  if (expected.size === 0) return ['there are no templates to compare with'];
  return differ(Object.fromEntries(expected), Object.fromEntries(actual), '');
}

function differ(expected: unknown, actual: unknown, where: string): string[] {
  if (isObject(expected) && isObject(actual) && Array.isArray(expected) === Array.isArray(actual)) {
    const keys = new Set([...Object.keys(expected), ...Object.keys(actual)]);
    return [...keys].flatMap((key) => differ(expected[key], actual[key], where ? `${where}.${key}` : key));
  }
  const [wanted, found] = [expected, actual].map((value) => JSON.stringify(value) ?? 'nothing');
  return wanted === found ? [] : [`${where}: expected ${shown(wanted)}, got ${shown(found)}`];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function shown(value: string): string {
  return value.length > SHOWN ? `${value.slice(0, SHOWN)}…` : value;
}
