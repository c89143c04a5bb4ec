interface Event {
  readonly at: number;
  /** Of two at the same time, the one that was scheduled first happens first. */
  readonly order: number;
  readonly fire: () => void;
  /** It lets promises go on, which are to come to rest before the next event. */
  readonly settles: boolean;
}

/** So many events are handed to the host at a time. */
const AT_A_TIME = 256;

/**
 * A clock for many millions of events. After each that lets promises go on, all settle that can: the host runs the microtasks of one callback of
 * `setImmediate` before it begins the next one. https://nodejs.org/en/learn/asynchronous-work/event-loop-timers-and-nexttick
 * Most events let none go on, and are not worth a turn of the host.
 */
export class VirtualTime {
  now = 0;
  private readonly heap: Event[] = [];
  private scheduled = 0;

  /** @param settles whether `fire` resolves a promise or begins something asynchronous */
  schedule(inMs: number, fire: () => void, settles: boolean = false): void {
    const { heap } = this;
    const event = { at: this.now + Math.max(0, inMs), order: this.scheduled++, fire, settles };
    let child = heap.push(event) - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1; // eslint-disable-line no-bitwise
      if (!isBefore(event, heap[parent])) break;
      heap[child] = heap[parent];
      child = parent;
    }
    heap[child] = event;
  }

  readonly sleep = (ms: number): Promise<void> => new Promise((resolve) => {
    this.schedule(ms, resolve, true);
  });

  /** Lets happen what happens up to `end`, or until nothing is left to happen. An error in an event ends the run. */
  run(end: number = Infinity): Promise<void> {
    return new Promise((resolve, reject) => {
      let over = false;
      let waiting = 0;
      const step = () => {
        waiting--;
        try {
          over ||= !this.happen(end);
        } catch (error) {
          over = true;
          reject(error);
        }
        if (over) resolve();
        else if (waiting === 0) ask();
      };
      const ask = () => {
        for (; waiting < AT_A_TIME; waiting++) setImmediate(step);
      };
      ask();
    });
  }

  /** Lets happen what happens next, up to something that lets promises go on. Answers whether there is more. */
  private happen(end: number): boolean {
    for (;;) {
      const next = this.heap[0];
      if (!next || next.at > end) {
        if (end < Infinity) this.now = end;
        return false;
      }
      this.removeFirst();
      this.now = next.at;
      next.fire();
      if (next.settles) return true;
    }
  }

  private removeFirst(): void {
    const { heap } = this;
    const last = heap.pop()!;
    const { length } = heap;
    if (length === 0) return;
    let parent = 0;
    for (;;) {
      let child = 2 * parent + 1;
      if (child >= length) break;
      if (child + 1 < length && isBefore(heap[child + 1], heap[child])) child++;
      if (!isBefore(heap[child], last)) break;
      heap[parent] = heap[child];
      parent = child;
    }
    heap[parent] = last;
  }
}

function isBefore(one: Event, other: Event): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
