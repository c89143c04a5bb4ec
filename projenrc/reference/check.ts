/**
 * Fails if anything that the assembly makes public is not documented: API.md, and the documentation of the packages in all languages, are made of it.
 *
 *   npm run check:reference
 */
import { readFileSync } from 'fs';
import * as path from 'path';
import { undocumented } from './undocumented';

const found = undocumented(JSON.parse(readFileSync(path.join(__dirname, '../../.jsii'), 'utf8')));
for (const gap of found) console.error(gap);
console.log(found.length === 0 ? 'everything public is documented' : `${found.length} gaps in the reference`);
process.exitCode = found.length === 0 ? 0 : 1;
