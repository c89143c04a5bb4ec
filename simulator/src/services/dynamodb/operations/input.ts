/** Checks of request members that all operations share. */
import { validationError } from '../errors';

/** A member that is not simulated is refused by name, never ignored. */
export function checkMembers(operation: string, input: any, allowed: readonly string[]): void {
  for (const name of Object.keys(input)) {
    if (input[name] === undefined || allowed.includes(name)) continue;
    throw validationError(`the parameter ${name} of ${operation} is not simulated, only ${allowed.join(', ')}`);
  }
}

export function oneOf<T extends string>(value: unknown, member: string, allowed: readonly T[], fallback: T): T {
  if (value === undefined) return fallback;
  if ((allowed as readonly unknown[]).includes(value)) return value as T;
  throw validationError(`1 validation error detected: Value '${String(value)}' at '${member}' failed to satisfy constraint: `
    + `Member must satisfy enum value set: [${allowed.join(', ')}]`);
}

export function wholeNumber(value: unknown, member: string, minimum: number, maximum: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < minimum || value > maximum) {
    const bound = typeof value === 'number' && value > maximum ? `less than or equal to ${maximum}` : `greater than or equal to ${minimum}`;
    throw validationError(`1 validation error detected: Value '${String(value)}' at '${member}' failed to satisfy constraint: `
      + `Member must have value ${bound}`);
  }
  return value;
}

/** ReturnItemCollectionMetrics is accepted where it asks for nothing. */
export function refuseCollectionMetrics(input: { readonly ReturnItemCollectionMetrics?: unknown }): void {
  const wanted = oneOf(input.ReturnItemCollectionMetrics, 'returnItemCollectionMetrics', ['SIZE', 'NONE'], 'NONE');
  if (wanted === 'SIZE') throw validationError('ReturnItemCollectionMetrics: SIZE is not simulated');
}
