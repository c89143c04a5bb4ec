import { existsSync, readFileSync } from 'fs';
import { join } from 'path';
import { EventPattern } from '../../src/services/events/pattern';

const RECORDED = join(__dirname, '../../../../shared/conformance/event-patterns.jsonl');

interface RecordedCase {
  readonly id: string;
  readonly event: unknown;
  readonly pattern: unknown;
  readonly expected: 'match' | 'no-match' | 'invalid';
}

function outcome({ pattern, event }: RecordedCase): RecordedCase['expected'] {
  let compiled: EventPattern;
  try {
    compiled = EventPattern.compile(pattern);
  } catch {
    return 'invalid';
  }
  return compiled.matches(event) ? 'match' : 'no-match';
}

describe('event patterns recorded on AWS', () => {
  if (!existsSync(RECORDED)) {
    // Not by console: jest prints nothing of a file whose tests are all skipped.
    process.stderr.write('SKIPPED: the event patterns recorded on AWS are not beside this repository, at ../shared/conformance\n');
    it.skip('SKIPPED because the recorded event patterns are not here', () => undefined);
    return;
  }
  const cases = readFileSync(RECORDED, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as RecordedCase);

  it.each(cases.map((recorded) => [recorded.id, recorded] as const))('%s', (_, recorded) => {
    expect(outcome(recorded)).toBe(recorded.expected);
  });
});
