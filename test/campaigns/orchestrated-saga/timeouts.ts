import { readdirSync, readFileSync, writeFileSync } from 'fs';
import * as path from 'path';
import { recovers, withDefinitions } from './definitions';

/** Seconds after which an execution of a transfer times out as a whole, mid-way: its own bound is an hour and more. */
const EXECUTION_TIMEOUT_SECONDS = 25;

/** Shortens the timeout of one shape's own state machine in the synthesized templates. */
export function shortenTimeouts(assembly: string) {
  for (const file of readdirSync(assembly).filter((name) => name.endsWith('.template.json')).map((name) => path.join(assembly, name))) {
    const template = withDefinitions(JSON.parse(readFileSync(file, 'utf8')), (definition) => {
      if (definition.States.Debit && !recovers(definition)) definition.TimeoutSeconds = EXECUTION_TIMEOUT_SECONDS;
    });
    writeFileSync(file, JSON.stringify(template));
  }
}
