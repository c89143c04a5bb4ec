import { FUNCTION_BANKS, type GatheringId, GATHERINGS, PARTNER } from './stack';
import type { Request } from './workload';
import type { FunctionOverride } from '../../../simulator/src';
import { DETAIL_TYPE, type RequestDetail } from '../../../src/scatter-gather/contract';

/** A reply that a bank has really made. */
export interface MadeReply {
  readonly gathering: GatheringId;
  readonly correlationId: string;
  readonly responder: string;
  /** Unique for every reply: a bank that is asked twice answers twice, differently. */
  readonly quote: string;
}

/** The banks' own books: the truth that the results are held against. */
export class Banks {
  readonly asked = new Set<string>();
  readonly replies: MadeReply[] = [];
  private quotes = 0;

  /** The banks as functions, by construct path. */
  overrides(busNames: Readonly<Record<GatheringId, () => string>>): Record<string, FunctionOverride> {
    return Object.fromEntries(GATHERINGS.flatMap((gathering) => [
      ...FUNCTION_BANKS.map((bank) => [gathering + bank, this.functionBank(gathering)]),
      [gathering + PARTNER, this.partner(gathering, busNames[gathering])],
    ]));
  }

  wasAsked(gathering: GatheringId, correlationId: string, responder: string): boolean {
    return this.asked.has(`${gathering}/${correlationId}/${responder}`);
  }

  private functionBank(gathering: GatheringId): FunctionOverride {
    return async (event: RequestDetail, _context, { sleep }) => {
      const { thinkMs, rate, fails } = this.ask(gathering, event);
      await sleep(thinkMs);
      if (fails) throw new Error('this bank has failed');
      const quote = this.newQuote();
      this.made(gathering, event, quote);
      return { rate, quote };
    };
  }

  private partner(gathering: GatheringId, busName: () => string): FunctionOverride {
    return async ({ detail }: { detail: RequestDetail }, _context, { sleep, call }) => {
      const { thinkMs, rate, fails, repliesAgainAfterMs } = this.ask(gathering, detail);
      const reply = async (content: Record<string, unknown>) => {
        const { request: _, deadline: __, ...address } = detail;
        const entry = { EventBusName: busName(), Source: 'partner', DetailType: DETAIL_TYPE.REPLY, Detail: JSON.stringify({ ...address, ...content }) };
        const { FailedEntryCount } = await call('events', 'PutEvents', { Entries: [entry] });
        if (FailedEntryCount > 0) throw new Error('the reply was refused; Lambda invokes this partner again');
      };
      await sleep(thinkMs);
      if (fails) return reply({ error: 'NoQuote', cause: 'this partner has failed' });
      const first = this.newQuote();
      await reply({ payload: { rate, quote: first } });
      this.made(gathering, detail, first);
      if (repliesAgainAfterMs === undefined) return;
      await sleep(repliesAgainAfterMs);
      const second = this.newQuote();
      await reply({ payload: { rate: 1, quote: second } });
      this.made(gathering, detail, second);
    };
  }

  private ask(gathering: GatheringId, { correlationId, responder, request }: RequestDetail) {
    this.asked.add(`${gathering}/${correlationId}/${responder}`);
    return (request as Request).behaviours[responder];
  }

  private newQuote(): string {
    return `q-${this.quotes++}`;
  }

  /** Enters a reply that is certainly on its way: returned, or accepted by the bus. */
  private made(gathering: GatheringId, { correlationId, responder }: RequestDetail, quote: string) {
    this.replies.push({ gathering, correlationId, responder, quote });
  }
}
