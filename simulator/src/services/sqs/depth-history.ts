/** How many messages a queue has, by state. */
export interface Depth {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

/** What is older is forgotten. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html ("1 minute") */
const LONGEST_LAG_MS = 60_000;

/** What a queue's depth was, for attributes that tell it late. */
export class DepthHistory {
  /** Each holds until its moment, from that of the one before. */
  private readonly past: { readonly until: number; readonly depth: Depth }[] = [];

  /** The depth changes now, for the first time at this instant or once more. */
  changing(now: number, depth: () => Depth) {
    const last = this.past[this.past.length - 1];
    if (last?.until === now) return;
    this.past.push({ until: now, depth: depth() });
    const kept = this.past.findIndex(({ until }) => until >= now - LONGEST_LAG_MS);
    this.past.splice(0, kept);
  }

  /** The depth so long ago; undefined when it has not changed since. */
  before(now: number, lagMs: number): Depth | undefined {
    const moment = now - Math.min(lagMs, LONGEST_LAG_MS);
    return this.past.find(({ until }) => until > moment)?.depth;
  }
}
