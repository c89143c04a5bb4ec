/** One position of a wildcard pattern: a literal character, or any run of characters. */
export type WildcardToken = { readonly literal: string } | 'any';

/**
 * Reads a wildcard pattern: `*` stands for any run of characters, `\*` and `\\` for themselves. Consecutive wildcards and
 * other escapes are not allowed.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html#eb-filtering-wildcard-matching
 */
export function parseWildcard(pattern: string): WildcardToken[] {
  const tokens: WildcardToken[] = [];
  const characters = [...pattern];
  for (let i = 0; i < characters.length; i++) {
    const [character, next] = [characters[i], characters[i + 1]];
    if (character === '*') {
      if (next === '*') throw new Error(`wildcard '${pattern}' has consecutive wildcard characters at position ${i}`);
      tokens.push('any');
    } else if (character === '\\') {
      if (next !== '*' && next !== '\\') {
        throw new Error(`wildcard '${pattern}' has an invalid escape at position ${i}: only \\* and \\\\ are allowed`);
      }
      tokens.push({ literal: next });
      i++;
    } else {
      tokens.push({ literal: character });
    }
  }
  return tokens;
}

/** A regular expression for a pattern; lazy runs of any characters, separated by literals, so no nested repetition. */
export function wildcardToRegExp(tokens: readonly WildcardToken[]): RegExp {
  const source = tokens.map((token) => (token === 'any' ? '[^]*' : token.literal.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')));
  return new RegExp(`^${source.join('')}$`, 'u');
}

/** How many prefixes of wildcard patterns may match some value at once before a rule is refused. */
const MOST_SIMULTANEOUS_PREFIXES = 10;
/** Bounds the search for the worst value. */
const MOST_STATES = 2_000;

/**
 * Refuses one field's wildcard patterns that are too costly together. Event Ruler's measure is the largest number of pattern
 * prefixes that one value can match at the same time, which many or repetitive wildcards drive up.
 * @see https://github.com/aws/event-ruler/blob/main/src/main/software/amazon/event/ruler/MachineComplexityEvaluator.java
 */
export function checkWildcardComplexity(patterns: ReadonlyArray<readonly WildcardToken[]>) {
  const literals = new Set(patterns.flatMap((tokens) => tokens.flatMap((token) => (token === 'any' ? [] : [token.literal]))));
  const alphabet: Array<string | undefined> = [...literals, undefined];
  // A state is the set of prefixes that the value so far matches, each as [pattern, tokens consumed].
  let frontier: Array<Array<[number, number]>> = [patterns.map((_, index) => [index, 0])];
  const seen = new Set<string>();
  while (frontier.length > 0) {
    const next: typeof frontier = [];
    for (const state of frontier) {
      for (const character of alphabet) {
        const reached = advance(patterns, state, character);
        if (reached.length === 0) continue;
        if (reached.length > MOST_SIMULTANEOUS_PREFIXES) {
          throw new Error(
            'the rule is too complex: use fewer wildcard characters or fewer repeating character sequences after a wildcard character');
        }
        const key = reached.map((prefix) => prefix.join(':')).join(',');
        if (seen.has(key)) continue;
        if (seen.size >= MOST_STATES) return;
        seen.add(key);
        next.push(reached);
      }
    }
    frontier = next;
  }
}

/** The prefixes that match after one more character; `undefined` stands for any character that no pattern names. */
function advance(
  patterns: ReadonlyArray<readonly WildcardToken[]>, state: ReadonlyArray<[number, number]>, character: string | undefined,
): Array<[number, number]> {
  const reached = new Map<string, [number, number]>();
  const reach = (pattern: number, consumed: number) => {
    reached.set(`${pattern}:${consumed}`, [pattern, consumed]);
    // A value that matches `foo` matches `foo*` as well.
    if (patterns[pattern][consumed] === 'any') reached.set(`${pattern}:${consumed + 1}`, [pattern, consumed + 1]);
  };
  const step = (pattern: number, consumed: number) => {
    const token = patterns[pattern][consumed];
    if (token !== undefined && token !== 'any' && token.literal === character) reach(pattern, consumed + 1);
  };
  for (const [pattern, consumed] of state) {
    const tokens = patterns[pattern];
    if (tokens[consumed - 1] === 'any') reached.set(`${pattern}:${consumed}`, [pattern, consumed]);
    if (tokens[consumed] === 'any') {
      reached.set(`${pattern}:${consumed + 1}`, [pattern, consumed + 1]);
      step(pattern, consumed + 1);
    } else {
      step(pattern, consumed);
    }
  }
  return [...reached.values()].sort(([a, b], [c, d]) => a - c || b - d);
}
