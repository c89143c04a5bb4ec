import type { SQSRecord } from 'aws-lambda';
import type { Deferral } from './deferral';
import type { GiveUp, GivenUp } from './give-up';
import type { Message } from './message';
import type { GivenUpReason } from '../../src/throttled-fan-out/contract';

/** When messages come again that could not be taken to where they belong. */
const NOT_KEPT_MS = 30_000;

export interface Settled {
  /** Ids of the messages that their queue has to keep. */
  readonly comingBack: readonly string[];
  readonly expired: number;
  readonly deadLettered: number;
}

/** What becomes of the messages that an invocation has not delivered. */
export class Undelivered {
  private readonly later: { readonly record: SQSRecord; readonly at: number }[] = [];
  private readonly givenUp: GivenUp[];

  /** @param now of any clock that does not jump */
  constructor(invalid: readonly GivenUp[], private readonly now: () => number) {
    this.givenUp = [...invalid];
  }

  comeBack(record: SQSRecord, inMs: number): void {
    this.later.push({ record, at: this.now() + inMs });
  }

  give({ record, attributes, delivery }: Message, reason: GivenUpReason): void {
    this.givenUp.push({ record, attributes, messageId: delivery.id, priority: delivery.priority, reason });
  }

  /** Takes all where they belong. What is given up leaves its queue only when it is kept elsewhere. */
  async settle(giveUp: GiveUp, deferral: Deferral): Promise<Settled> {
    const kept: ReadonlySet<GivenUp> = this.givenUp.length > 0 ? await giveUp.keep(this.givenUp) : new Set();
    for (const message of this.givenUp) {
      if (!kept.has(message)) this.comeBack(message.record, NOT_KEPT_MS);
    }
    const now = this.now();
    if (this.later.length > 0) await deferral.comeBack(this.later.map(({ record, at }) => ({ record, inMs: Math.max(0, at - now) })));
    const expired = [...kept].filter(({ reason }) => reason === 'EXPIRED').length;
    return { comingBack: this.later.map(({ record }) => record.messageId), expired, deadLettered: kept.size - expired };
  }
}
