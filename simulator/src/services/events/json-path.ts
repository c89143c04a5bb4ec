/** A step of a JSON path: a member's name, an element's index, or every member or element. */
type Step = string | number | { readonly all: true };

const ALL = { all: true } as const;

/** The subset of JSON path that EventBridge evaluates in input paths and dynamic path parameters. */
export class JsonPath {
  /**
   * Dot notation with letters, digits, dashes, underscores and slashes; array indices; wildcards; quoted names in brackets.
   * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html (note at the top)
   */
  static parse(path: string): JsonPath {
    if (!path.startsWith('$')) throw new Error(`JSON path '${path}' must start with $`);
    const steps: Step[] = [];
    let rest = path.slice(1);
    while (rest !== '') {
      const match = /^\.([A-Za-z0-9_/-]+)|^\[(\d+)\]|^\.\*|^\[\*\]|^\['([^']+)'\]|^\["([^"]+)"\]/.exec(rest);
      if (!match) throw new Error(`JSON path '${path}' is not supported at '${rest}': allowed are .name, [0], ['name'], .* and [*]`);
      const name = match[1] ?? match[3] ?? match[4];
      steps.push(name ?? (match[2] === undefined ? ALL : Number(match[2])));
      rest = rest.slice(match[0].length);
    }
    return new JsonPath(path, steps);
  }

  private constructor(readonly text: string, private readonly steps: readonly Step[]) {}

  /** The value at the path; undefined when there is none. A wildcard makes an array of whatever it finds. */
  evaluate(root: unknown): unknown {
    let found: unknown[] = [root];
    let many = false;
    for (const step of this.steps) {
      if (typeof step === 'object') {
        many = true;
        found = found.flatMap((value) => (value !== null && typeof value === 'object' ? Object.values(value) : []));
      } else {
        found = found.flatMap((value) => {
          const child = member(value, step);
          return child === undefined ? [] : [child];
        });
      }
    }
    return many ? found : found[0];
  }
}

function member(value: unknown, step: string | number): unknown {
  if (value === null || typeof value !== 'object') return undefined;
  if (Array.isArray(value)) return typeof step === 'number' ? value[step] as unknown : undefined;
  return Object.prototype.hasOwnProperty.call(value, step) ? (value as Record<string, unknown>)[step] : undefined;
}
