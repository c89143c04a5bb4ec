/** Weight of the newest delivery in the measured time. */
const WEIGHT = 0.2;

/** The deliveries that one invocation may have under way, and how long they take. */
export class Places {
  private readonly underWay = new Set<Promise<void>>();

  constructor(private readonly all: number, private readonly duration: Duration) {}

  get free(): number {
    return this.all - this.underWay.size;
  }

  /** Deliveries that there will be places for within a second. */
  perSecond(): number {
    return Math.floor(this.free + (this.duration.ms === undefined ? 0 : this.all * 1000 / Math.max(1, this.duration.ms)));
  }

  /** Goes on when a place is free. */
  async one(): Promise<void> {
    while (this.free < 1) await Promise.race(this.underWay);
  }

  /** Takes a place as long as the delivery lasts, which must not fail. */
  take(delivery: Promise<unknown>): void {
    const place = delivery.then(() => {
      this.underWay.delete(place);
    });
    this.underWay.add(place);
  }
}

/** How long deliveries take of late. */
export class Duration {
  ms: number | undefined;

  add(ms: number): void {
    this.ms = this.ms === undefined ? ms : this.ms + (ms - this.ms) * WEIGHT;
  }
}
