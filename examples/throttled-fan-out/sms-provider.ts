import type { Arrival } from './measure';
import type { EndpointHandler } from '../../simulator/src';
import type { Delivery } from '../../src/throttled-fan-out/contract';

/** WELL takes everything, DOWN fails, BUSY takes two a second and refuses the rest. */
export type Health = 'WELL' | 'DOWN' | 'BUSY';

const ANSWERS_AFTER_MS = 150;
const BUSY_PER_SECOND = 2;

/** A provider outside AWS, of whose health the story decides. */
export class SmsProvider {
  health: Health = 'WELL';
  readonly requests: (Arrival & { readonly status: number })[] = [];

  constructor(private readonly beganAt: number) {}

  readonly answer: EndpointHandler = async ({ body }, { sleep, now }) => {
    const at = now() - this.beganAt;
    const { id, priority, publishedAt }: Delivery = JSON.parse(body);
    const status = this.statusAt(at);
    await sleep(ANSWERS_AFTER_MS);
    this.requests.push({ at, id, priority, status, accepted: status === 200, waitedMs: now() - Date.parse(publishedAt) });
    return { status, ...(status === 429 && { headers: { 'Retry-After': '2' } }) };
  };

  private statusAt(at: number): number {
    if (this.health === 'DOWN') return 503;
    const lately = this.requests.filter((request) => request.accepted && request.at > at - 1000).length;
    return this.health === 'BUSY' && lately >= BUSY_PER_SECOND ? 429 : 200;
  }
}
