import { encodeCursor, type Cursor } from './cursor';
import type { ReplayProgress } from '../../src/transactional-outbox/contract';

type Refused = ReplayProgress['refusals'][number];

/** Named are this many, of at most this many characters each: a state machine's state has 256 KiB. */
const NAMED_REFUSALS = 20;
const LONGEST_TEXT = 500;

/** Counts what a replay did, step after step. */
export class ReplayTally {
  private scanned: number;
  private published: number;
  private refused: number;
  private readonly refusals: Refused[];

  constructor(before: ReplayProgress | undefined) {
    this.scanned = before?.scanned ?? 0;
    this.published = before?.published ?? 0;
    this.refused = before?.refused ?? 0;
    this.refusals = [...before?.refusals ?? []];
  }

  scan(items: number) {
    this.scanned += items;
  }

  publish() {
    this.published++;
  }

  refuse({ eventId, aggregate, reason }: Refused) {
    this.refused++;
    if (this.refusals.length < NAMED_REFUSALS) this.refusals.push({ eventId: cut(eventId), aggregate: cut(aggregate), reason: cut(reason) });
  }

  /** Without a cursor the replay is done. */
  progress(cursor: Cursor | undefined): ReplayProgress {
    const { scanned, published, refused, refusals } = this;
    return { done: cursor === undefined, cursor: cursor ? encodeCursor(cursor) : null, scanned, published, refused, refusals };
  }
}

function cut(text: string): string {
  return text.slice(0, LONGEST_TEXT);
}
