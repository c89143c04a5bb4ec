/** The parts of `$states` that only some fields can read. */
export type ReservedPart = 'result' | 'errorOutput';

interface AstNode {
  readonly type?: unknown;
  readonly value?: unknown;
  readonly steps?: readonly AstNode[];
}

/**
 * The restricted parts of `$states` that a parsed expression reads by name: `$states.result.x` reads `result`.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 */
export function reservedPartsOf(ast: unknown, found = new Set<ReservedPart>(), seen = new Set<unknown>()): Set<ReservedPart> {
  if (typeof ast !== 'object' || ast === null || seen.has(ast)) return found;
  seen.add(ast);
  const { type, steps } = ast as AstNode;
  if (type === 'path' && steps?.[0].type === 'variable' && steps[0].value === 'states' && steps[1]?.type === 'name') {
    const part = steps[1].value;
    if (part === 'result' || part === 'errorOutput') found.add(part);
  }
  for (const child of Object.values(ast)) reservedPartsOf(child, found, seen);
  return found;
}
