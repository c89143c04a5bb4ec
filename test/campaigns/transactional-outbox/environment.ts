/** What the campaign's handlers find in their environment, and what its writer is told. No CDK here: the handlers bundle it. */

export type WriterEnv = { readonly OUTBOX: string; readonly STATE_TABLE: string };
export type ConsumerEnv = { readonly OUTBOX: string; readonly LEDGER_TABLE: string };

/** `sk` of an aggregate's state, which in `RowsToFifo` lies beside its events. */
export const STATE_KEY = 'STATE';

/** One transaction: the aggregate's next version, and its event. */
export interface WriteCommand {
  readonly command: string;
  readonly aggregateType: string;
  readonly aggregateId: string;
  readonly type: string;
  /** JSON text, exactly as the consumer must get it. */
  readonly payload: string;
  /** Time between reading the state and writing it, in which others may write. */
  readonly thinkMs: number;
  /** The transaction has one more condition, which does not hold. */
  readonly rollBack: boolean;
  readonly retentionSeconds?: number;
}

/** An aggregate's state: the writer's books, which say what was committed. */
export interface StateItem {
  readonly pk: string;
  readonly sk: typeof STATE_KEY;
  readonly version: number;
  /** The event that was written with this version, and by which command. */
  readonly lastEvent: string;
  readonly command: string;
}

/** One effect of one delivery: an event that took effect twice has two. */
export interface Effect {
  /** The event's source and id, as the inbox has it. */
  readonly event: string;
  /** Unique for every attempt. */
  readonly effect: string;
  readonly outbox: string;
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly sequence: string;
  /** SHA-256 of the payload's text. */
  readonly digest: string;
  /** The whole payload, where it is no text that was written: of changes. */
  readonly change: string;
}
