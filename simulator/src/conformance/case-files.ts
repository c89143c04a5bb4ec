import { existsSync, readFileSync, statSync } from 'fs';
import * as path from 'path';

/** A directory or file of recorded cases that cannot be used. */
export class UnusableCases extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UnusableCases';
  }
}

/** The cases of a JSON Lines file, each checked to be an object that has the fields named. */
export function readCases<T>(directory: string, fileName: string, requiredFields: readonly string[]): T[] {
  if (!existsSync(directory) || !statSync(directory).isDirectory()) {
    throw new UnusableCases(`the directory of recorded cases does not exist: '${directory}'`);
  }
  const file = path.join(directory, fileName);
  if (!existsSync(file)) throw new UnusableCases(`the directory '${directory}' has no file '${fileName}'`);
  return readFileSync(file, 'utf8').split('\n').flatMap((line, index) => (line.trim() === '' ? [] : [parseCase<T>(line, `line ${index + 1} of '${file}'`, requiredFields)]));
}

function parseCase<T>(line: string, where: string, requiredFields: readonly string[]): T {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch (thrown) {
    throw new UnusableCases(`${where} is not JSON: ${(thrown as Error).message}`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw new UnusableCases(`${where} must be a JSON object`);
  const missing = requiredFields.find((field) => !(field in parsed));
  if (missing !== undefined) throw new UnusableCases(`${where} has no field '${missing}'`);
  return parsed as T;
}
