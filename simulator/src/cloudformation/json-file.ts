import { readFileSync } from 'fs';

/** The content of a JSON file; what is wrong with the file is one sentence. */
export function readJson(file: string): any {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error: any) {
    throw new Error(`cannot read ${file}: ${error?.code === 'ENOENT' ? 'it does not exist' : error?.message}`);
  }
  try {
    return JSON.parse(text);
  } catch (error: any) {
    throw new Error(`${file} is not valid JSON: ${error?.message}`);
  }
}
