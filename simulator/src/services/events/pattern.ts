import { compileValueTest, type Leaf, type PatternDialect, type ValueTest } from './value-tests';
import { checkWildcardComplexity } from './wildcard';

export type { PatternDialect } from './value-tests';

/** One alternative of a pattern: every field, by its dotted path, must pass one of its tests. */
type Alternative = Map<string, ValueTest[]>;

/** Where in the event's arrays of objects a value stands: the index taken in each array. */
type ArrayPosition = ReadonlyMap<number, number>;

interface PlacedLeaf {
  readonly leaf: Leaf;
  readonly position: ArrayPosition;
}

/** @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html (EventPattern, at most 4,096 characters) */
const LONGEST_PATTERN = 4_096;
/** @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html#eb-filtering-complex-example-or */
const MOST_ALTERNATIVES = 1_000;

/** Words that Event Ruler keeps for itself inside `$or`: a field of that name there is most likely a misplaced operator. */
const RESERVED_IN_OR = new Set([
  'exactly', 'equals-ignore-case', 'prefix', 'suffix', 'anything-but', 'exists', 'wildcard', 'numeric', 'cidr',
  '=', '<', '<=', '>', '>=', 'regex', 'not-wildcard', 'not-equals-ignore-case', 'date-after', 'date-on-or-after', 'date-before',
  'date-on-or-before', 'in-date-range', 'ip-address-in-range', 'ip-address-not-in-range',
]);

/** An event pattern that has been checked, ready to be asked about many events. */
export class EventPattern {
  /**
   * @param pattern the pattern as JSON text or as its value
   * @throws Error with one sentence when EventBridge would refuse the pattern with an InvalidEventPatternException
   */
  static compile(pattern: unknown, dialect: PatternDialect = 'event-bus'): EventPattern {
    const value = typeof pattern === 'string' ? parse(pattern) : pattern;
    if (!isObject(value)) throw new Error(`event pattern must be an object, not ${JSON.stringify(value)}`);
    const length = typeof pattern === 'string' ? pattern.length : JSON.stringify(value).length;
    if (length > LONGEST_PATTERN) throw new Error(`event pattern has ${length} characters, at most ${LONGEST_PATTERN} are allowed`);
    let alternatives: Alternative[] = [new Map()];
    alternatives = compileObject(value, '', alternatives, dialect, false);
    for (const tests of alternatives.flatMap((alternative) => [...alternative.values()])) {
      checkWildcardComplexity(tests.flatMap((test) => (test.wildcard ? [test.wildcard] : [])));
    }
    return new EventPattern(alternatives);
  }

  /** The paths that the pattern looks at, and the paths on the way to them. */
  private readonly wanted = new Set<string>();
  private readonly passed = new Set<string>();

  private constructor(private readonly alternatives: readonly Alternative[]) {
    for (const path of alternatives.flatMap((alternative) => [...alternative.keys()])) {
      this.wanted.add(path);
      for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) this.passed.add(path.slice(0, dot));
    }
  }

  /** @param event the event as its parsed value; anything but an object matches nothing */
  matches(event: unknown): boolean {
    if (!isObject(event)) return false;
    const leaves = new Map<string, PlacedLeaf[]>();
    this.collect(event, '', new Map(), leaves, { arrays: 0 });
    return this.alternatives.some((alternative) => matchesAlternative([...alternative], 0, leaves, new Map()));
  }

  /** Flattens the event as Event Ruler does: a leaf's name is its path, so a key with a dot reads like two keys. */
  private collect(value: object, prefix: string, position: ArrayPosition, leaves: Map<string, PlacedLeaf[]>, seen: { arrays: number }) {
    for (const [key, child] of Object.entries(value)) {
      const path = prefix === '' ? key : `${prefix}.${key}`;
      if (this.wanted.has(path) || this.passed.has(path)) this.collectValue(child, path, position, leaves, seen);
    }
  }

  private collectValue(value: unknown, path: string, position: ArrayPosition, leaves: Map<string, PlacedLeaf[]>, seen: { arrays: number }) {
    if (Array.isArray(value)) {
      const array = seen.arrays++;
      value.forEach((element: unknown, index) => {
        const inside = element !== null && typeof element === 'object' ? new Map(position).set(array, index) : position;
        this.collectValue(element, path, inside, leaves, seen);
      });
    } else if (isObject(value)) {
      this.collect(value, path, position, leaves, seen);
    } else if (this.wanted.has(path)) {
      const known = leaves.get(path);
      const placed = { leaf: value as Leaf, position };
      if (known) known.push(placed);
      else leaves.set(path, [placed]);
    }
  }
}

/** @throws Error with one sentence when the pattern is not valid */
export function validatePattern(pattern: unknown): void {
  EventPattern.compile(pattern);
}

/** Whether an event bus would match the event with the pattern. For many events compile the pattern once. */
export function matchesPattern(pattern: unknown, event: unknown): boolean {
  return EventPattern.compile(pattern).matches(event);
}

/** As `validatePattern`, for the filters of pipes and of Lambda event source mappings, which have fewer operators. */
export function validateFilterPattern(pattern: unknown): void {
  EventPattern.compile(pattern, 'filter');
}

export function matchesFilterPattern(pattern: unknown, event: unknown): boolean {
  return EventPattern.compile(pattern, 'filter').matches(event);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`event pattern is not valid JSON: ${(error as Error).message}`);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function compileObject(
  pattern: Record<string, unknown>, prefix: string, before: Alternative[], dialect: PatternDialect, insideOr: boolean,
): Alternative[] {
  const entries = Object.entries(pattern);
  if (entries.length === 0) throw new Error(`empty objects are not allowed${prefix ? ` (at '${prefix}')` : ''}`);
  let alternatives = before;
  for (const [key, value] of entries) {
    const path = prefix === '' ? key : `${prefix}.${key}`;
    if (key === '$or') {
      alternatives = compileOr(value, prefix, alternatives, dialect);
    } else if (insideOr && RESERVED_IN_OR.has(key)) {
      throw new Error(`'${key}' is a reserved field name which cannot be used inside $or`);
    } else if (Array.isArray(value)) {
      if (value.length === 0) throw new Error(`empty arrays are not allowed (at '${path}')`);
      const tests = value.map((element) => compileValueTest(element, path, dialect));
      alternatives.forEach((alternative) => alternative.set(path, tests));
    } else if (isObject(value)) {
      alternatives = compileObject(value, path, alternatives, dialect, insideOr);
    } else {
      throw new Error(`'${path}' must be an object or an array, not ${JSON.stringify(value)}`);
    }
  }
  return alternatives;
}

/** `$or` multiplies what has been read so far: one alternative for each of its objects. */
function compileOr(value: unknown, prefix: string, before: Alternative[], dialect: PatternDialect): Alternative[] {
  if (!Array.isArray(value)) throw new Error(`$or must be an array, not ${JSON.stringify(value)}`);
  if (value.length < 2) throw new Error(`$or must have at least 2 objects, not ${value.length}`);
  const result: Alternative[] = [];
  for (const option of value) {
    if (!isObject(option)) throw new Error(`only objects are allowed in $or, not ${JSON.stringify(option)}`);
    result.push(...compileObject(option, prefix, before.map((alternative) => new Map(alternative)), dialect, true));
    if (result.length > MOST_ALTERNATIVES) throw new Error(`$or makes more than ${MOST_ALTERNATIVES} combinations`);
  }
  return result;
}

/**
 * Each field needs a leaf that passes, and the chosen leaves must not come from different elements of the same array.
 * @see https://github.com/aws/event-ruler#array-consistent-matching (Matching and arrays)
 */
function matchesAlternative(
  fields: ReadonlyArray<[string, ValueTest[]]>, index: number, leaves: Map<string, PlacedLeaf[]>, taken: ArrayPosition,
): boolean {
  if (index === fields.length) return true;
  const [path, tests] = fields[index];
  const candidates = leaves.get(path);
  if (!candidates) return tests.some((test) => test.absent) && matchesAlternative(fields, index + 1, leaves, taken);
  const tried = new Set<string>();
  return candidates.some(({ leaf, position }) => {
    if (!tests.some((test) => test.matches(leaf))) return false;
    for (const [array, element] of position) if (taken.has(array) && taken.get(array) !== element) return false;
    const together = position.size === 0 ? taken : new Map([...taken, ...position]);
    const key = [...together].join(';');
    if (tried.has(key)) return false;
    tried.add(key);
    return matchesAlternative(fields, index + 1, leaves, together);
  });
}
