import { Duration, Token } from 'aws-cdk-lib';
import { Construct, IConstruct } from 'constructs';

/**
 * An error for props that cannot work. The message says what was received, what is allowed and how to mend it; the
 * construct's path goes in front where there is one.
 */
export function misuse(scope: IConstruct | undefined, message: string): Error {
  return new Error(scope ? `${message} [${scope.node.path}]` : message);
}

/** Throws unless `value` is a whole number in the range; tokens pass, because nobody knows them yet. */
export function requireIntegerInRange(scope: Construct | undefined, name: string, value: number, minimum: number, maximum: number): void {
  if (Token.isUnresolved(value)) return;
  if (!Number.isInteger(value) || value < minimum || value > maximum) {
    throw misuse(scope, `${name} must be a whole number from ${minimum} to ${maximum}, received ${value}`);
  }
}

/** Throws unless a duration is whole seconds, and at least one of them. */
export function wholeSeconds(scope: IConstruct | undefined, name: string, duration: Duration): number {
  if (duration.isUnresolved()) throw misuse(scope, `${name} must be known at synthesis, received a token; give it as a number`);
  const seconds = duration.toSeconds({ integral: false });
  if (!Number.isInteger(seconds) || seconds < 1) throw misuse(scope, `${name} must be whole seconds and at least 1, received ${seconds} s`);
  return seconds;
}
