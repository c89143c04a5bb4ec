import type { FunctionOverride, OverrideTools } from '../../simulator/src';
import type { Delivery, ThrottledAnswer } from '../../src/throttled-fan-out/contract';

/** A message as it was published; its text is its name. */
export interface Published {
  readonly text: string;
  readonly priority?: string;
  readonly tenant?: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** One delivery as its target saw it, in true time: milliseconds since 1970. */
export interface Arrival {
  readonly at: number;
  readonly target: string;
  readonly delivery: Delivery;
  /** Absent as long as the target works on it. */
  end?: { readonly at: number; readonly how: 'DELIVERED' | 'THROTTLED' | 'FAILED'; readonly retryAfterSeconds?: number };
}

/** What a target does with a delivery: it returns, says that it is too much, or throws. */
export type Behaviour = (delivery: Delivery, tools: OverrideTools) => unknown;

/** A target that takes everything, in 50 ms. */
export const takesAll: Behaviour = async (_delivery, { sleep }) => {
  await sleep(50);
};

/** What publishers and targets of a simulation saw. The dispatchers' own numbers are not asked. */
export class Books {
  readonly published: (Published & { readonly at: number })[] = [];
  readonly arrivals: Arrival[] = [];

  /** @param now true time, whatever the clocks of functions show */
  constructor(private readonly now: () => number) {}

  publishes(message: Published): void {
    this.published.push({ ...message, at: this.now() });
  }

  /** A function that is a target, with its arrivals noted. */
  target(behaviour: Behaviour): FunctionOverride {
    return async (delivery: Delivery, _context, tools) => {
      const arrival: Arrival = { at: this.now(), target: delivery.target, delivery };
      this.arrivals.push(arrival);
      try {
        const answer = await behaviour(delivery, tools) as Partial<ThrottledAnswer> | undefined;
        arrival.end = { at: this.now(), how: answer?.throttled ? 'THROTTLED' : 'DELIVERED', retryAfterSeconds: answer?.retryAfterSeconds };
        return answer;
      } catch (error) {
        arrival.end = { at: this.now(), how: 'FAILED' };
        throw error;
      }
    };
  }

  of(target: string): Arrival[] {
    return this.arrivals.filter((arrival) => arrival.target === target);
  }

  /** Texts of messages that a target has taken, in the order in which it did. */
  delivered(target: string): string[] {
    return this.of(target).filter(({ end }) => end?.how === 'DELIVERED').map(({ delivery }) => delivery.message);
  }
}
