import { INBOX, INBOX_ENV } from '../../src/transactional-outbox/contract';
import type { Client } from '../shared/client';
import { documentSdk } from '../shared/document-sdk';
import { positiveInteger, setting } from '../shared/environment';
import { cancellationCodes, MAXIMUM_TRANSACTION_ITEMS } from '../shared/transactions';

/** Options that `Inbox.addConsumer` gives by the environment. */
export interface InboxOptions {
  /** `INBOX_TABLE_NAME` unless given. */
  readonly tableName?: string | undefined;
  /** How long the event is remembered; `INBOX_RETENTION_SECONDS`, or 14 days, unless given. */
  readonly retentionSeconds?: number | undefined;
  /** The time; the clock's unless given. */
  readonly now?: Date | undefined;
}

/** An entry of `TransactItems` of lib-dynamodb's `TransactWriteCommand`. */
export interface InboxClaim {
  readonly Put: {
    readonly TableName: string;
    readonly Item: { readonly id: string; readonly expiration: number };
    readonly ConditionExpression: string;
  };
}

/** What became of an event: its writes were made now, or had been made before. */
export type Effect = 'APPLIED' | 'DUPLICATE';

/** What tells events apart, of an `OutboxEvent` or of any other CloudEvent. */
export interface EventIdentity {
  readonly source: string;
  readonly id: string;
}

const DEFAULT_RETENTION_SECONDS = 14 * 24 * 60 * 60;

/** Claims an event inside a transaction of one's own, which is cancelled when the event was handled before. */
export function inboxClaim({ source, id }: EventIdentity, options: InboxOptions = {}): InboxClaim {
  const retention = positiveInteger('retentionSeconds', options.retentionSeconds, INBOX_ENV.RETENTION_SECONDS, DEFAULT_RETENTION_SECONDS);
  return {
    Put: {
      TableName: setting(options.tableName, INBOX_ENV.TABLE_NAME, 'Inbox.addConsumer'),
      Item: { id: `${source}#${id}`, expiration: Math.floor((options.now ?? new Date()).getTime() / 1000) + retention },
      // An item that has expired but is not deleted yet still counts: the event was handled.
      ConditionExpression: `attribute_not_exists(${INBOX.PARTITION_KEY})`,
    },
  };
}

/**
 * Makes the writes that an event asks for, once: they are in one transaction with the claim of the event. At most 99 writes, as they are in
 * lib-dynamodb's `TransactWriteCommand`.
 *
 * Any other error is thrown, and the event may be delivered again: a write's own condition that failed, a conflict, a throttle.
 */
export async function applyOnce(
  documentClient: Client, event: EventIdentity, writes: readonly object[], options: InboxOptions = {},
): Promise<Effect> {
  if (writes.length >= MAXIMUM_TRANSACTION_ITEMS) {
    throw new Error(`an event may ask for at most ${MAXIMUM_TRANSACTION_ITEMS - 1} writes beside its claim, received ${writes.length}`);
  }
  try {
    await documentClient.send(new (documentSdk().TransactWriteCommand)({ TransactItems: [inboxClaim(event, options), ...writes] }));
    return 'APPLIED';
  } catch (error) {
    // Reasons are in the order of the items: the first is the claim's.
    if (cancellationCodes(error)[0] === 'ConditionalCheckFailed') return 'DUPLICATE';
    throw error;
  }
}
