/** What a design says about a saga in the end. PARKED: somebody has been told to look after it. */
export type End = 'COMPLETED' | 'COMPENSATED' | 'PARKED';

/**
 * Holds what was told about a saga against the services' books.
 * @param told by each execution or registry that says something
 * @param left the steps whose effect is there
 * @returns what is wrong; undefined when the saga ended consistently
 */
export function inconsistency(told: readonly End[], left: readonly string[], steps: readonly string[]): string | undefined {
  if (told.length === 0) return `nobody says how it ended, with ${effects(left)}`;
  for (const end of told) {
    const expected = { COMPLETED: steps, COMPENSATED: [], PARKED: left }[end];
    if (expected.length !== left.length) return `${end}, with ${effects(left)}`;
  }
  return undefined;
}

function effects(left: readonly string[]): string {
  return left.length === 0 ? 'no effect' : `the effects of ${left.join(', ')}`;
}
