import { readdirSync, readFileSync } from 'fs';
import * as path from 'path';

export type Templates = ReadonlyMap<string, unknown>;

/** The templates of a cloud assembly, by file name. */
export function templatesOf(assembly: string): Templates {
  const files = readdirSync(assembly).filter((name) => name.endsWith('.template.json')).sort();
  return new Map(files.map((file) => [file, JSON.parse(readFileSync(path.join(assembly, file), 'utf8'))]));
}

/** Where two sets of templates differ, a line each; nothing if they are the same. Assets are told by what is in them, so they must be the same, too. */
export function differences(expected: Templates, actual: Templates): string[] {
  if (expected.size === 0) return ['there are no templates to compare with'];
  return [...differ([...expected.keys()], [...actual.keys()], 'templates'), ...[...expected].flatMap(([file, template]) => (
    actual.has(file) ? differ(template, actual.get(file), file) : []
  ))];
}

function differ(expected: unknown, actual: unknown, where: string): string[] {
  if (isObject(expected) && isObject(actual)) {
    return [...new Set([...Object.keys(expected), ...Object.keys(actual)])].flatMap((key) => differ(expected[key], actual[key], `${where}.${key}`));
  }
  const [wanted, found] = [expected, actual].map((value) => JSON.stringify(value) ?? 'nothing');
  return wanted === found ? [] : [`${where}: expected ${wanted}, got ${found}`];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
