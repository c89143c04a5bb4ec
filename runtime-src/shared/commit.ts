import type { Client } from './client';
import { documentSdk } from './document-sdk';
import { cancellationCodes, MAXIMUM_TRANSACTION_ITEMS } from './transactions';

/**
 * What became of a transaction. CLAIMED: nothing was written, because the claims are not what they were thought to be. REFUSED: nothing was written,
 * because a condition of the writes themselves does not hold.
 */
export type Commit = { readonly outcome: 'COMMITTED' | 'CLAIMED' } | { readonly outcome: 'REFUSED'; readonly error: unknown };

export type Pause = (milliseconds: number) => Promise<void>;

const ATTEMPTS = 5;
const LONGEST_FIRST_PAUSE_MS = 50;
/**
 * Others were writing the same items, or the table was at its limit. The SDK tries again what is throttled as a whole, but no cancelled transaction.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-conflict-handling
 */
const TEMPORARY = ['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'];
const CONDITION = 'ConditionalCheckFailed';

/** Makes the writes in one transaction with what claims the right to make them: all are entries of `TransactItems` of lib-dynamodb's `TransactWriteCommand`. */
export async function commit(client: Client, claims: readonly object[], writes: readonly object[], pause: Pause): Promise<Commit> {
  if (!Array.isArray(writes)) throw new TypeError(`writes must be an array of entries of TransactWriteCommand, received ${typeof writes}; [] for none`);
  const most = MAXIMUM_TRANSACTION_ITEMS - claims.length;
  if (writes.length > most) throw new RangeError(`at most ${most} writes fit into one transaction with their claim, received ${writes.length}`);
  for (let attempt = 1; ; attempt++) {
    try {
      await client.send(new (documentSdk().TransactWriteCommand)({ TransactItems: [...claims, ...writes] }));
      return { outcome: 'COMMITTED' };
    } catch (error) {
      const codes = cancellationCodes(error);
      if (codes.slice(0, claims.length).includes(CONDITION)) return { outcome: 'CLAIMED' };
      if (!codes.some((code) => TEMPORARY.includes(code))) {
        if (codes.includes(CONDITION)) return { outcome: 'REFUSED', error };
        throw error;
      }
      if (attempt === ATTEMPTS) throw error;
      await pause(Math.random() * LONGEST_FIRST_PAUSE_MS * 2 ** (attempt - 1));
    }
  }
}
