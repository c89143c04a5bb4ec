import { type Claims, type Memory, readClaims } from './claims';
import type { StepKeys } from './request';

/** What is remembered changes twice at most, when an action and then its undo are quicker than we are. */
const ROUNDS = 3;

export interface Answer<T> {
  readonly answer: T;
}

/**
 * Answers from what is remembered, or attempts what is not there yet. An attempt that answers nothing has met somebody who was quicker, so that there is
 * something to remember now.
 *
 * An attempt that fails counts only if nothing is remembered then, either: its work may have failed because another attempt had just done it, and the saga
 * would take a failure that it knows for the certainty that nothing was done.
 */
export async function settle<T>(
  memory: Memory, keys: StepKeys, remembered: (claims: Claims) => Answer<T> | undefined, attempt: (claims: Claims) => Promise<Answer<T> | undefined>,
): Promise<T> {
  let failure: { readonly error: unknown } | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    const claims = await readClaims(memory, keys);
    const known = remembered(claims);
    if (known) return known.answer;
    if (failure) throw failure.error;
    try {
      const made = await attempt(claims);
      if (made) return made.answer;
    } catch (error) {
      failure = { error };
    }
  }
  throw failure?.error ?? new Error(`claims of '${keys.DO}' in table '${memory.tableName}' come and go; nobody but DynamoDB's time to live may delete them`);
}
