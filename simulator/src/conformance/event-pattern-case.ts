import { CaseResult } from './result';
import { matchesPattern, validatePattern } from '../services/events/pattern';

export interface EventPatternCase {
  readonly id: string;
  readonly event: unknown;
  readonly pattern: unknown;
  readonly expected: 'match' | 'no-match' | 'invalid';
}

export const EVENT_PATTERN_CASE_FIELDS = ['id', 'event', 'pattern', 'expected'];

export function runEventPatternCase(recorded: EventPatternCase): CaseResult {
  const actual = verdict(recorded);
  return { id: recorded.id, passed: actual === recorded.expected, expected: recorded.expected, actual };
}

function verdict({ event, pattern }: EventPatternCase): EventPatternCase['expected'] {
  try {
    validatePattern(pattern);
  } catch {
    return 'invalid';
  }
  return matchesPattern(pattern, event) ? 'match' : 'no-match';
}
