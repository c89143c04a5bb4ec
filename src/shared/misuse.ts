import { Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';

/**
 * An error for props that cannot work. The message says what was received, what is allowed and how to mend it; the
 * construct's path goes in front where there is one.
 */
export function misuse(scope: Construct | undefined, message: string): Error {
  return new Error(scope ? `${message} [${scope.node.path}]` : message);
}

/** Throws unless `value` is a whole number in the range; tokens pass, because nobody knows them yet. */
export function requireIntegerInRange(scope: Construct | undefined, name: string, value: number, minimum: number, maximum: number): void {
  if (Token.isUnresolved(value)) return;
  if (!Number.isInteger(value) || value < minimum || value > maximum) {
    throw misuse(scope, `${name} must be a whole number from ${minimum} to ${maximum}, received ${value}`);
  }
}
