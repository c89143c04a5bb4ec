/** Something that happens at a virtual instant. */
export interface ScheduledEvent {
  readonly at: number;
  /** Breaks ties: what was scheduled first happens first. */
  readonly order: number;
  /** A background event (alarm evaluation, TTL sweep) does not keep a run going. */
  readonly background: boolean;
  fire: () => void;
  cancelled: boolean;
}

const NOTHING = () => {};
/** So few cancelled events are not worth a clean-up. */
const FEW = 1_000;

/** A binary heap of events by time, then by the order in which they were scheduled. */
export class EventQueue {
  /** How many foreground events are waiting: none means that the simulated world is quiet. */
  foreground = 0;
  private heap: ScheduledEvent[] = [];
  /** How many cancelled events are still in the heap. */
  private dead = 0;

  push(event: ScheduledEvent) {
    if (!event.background) this.foreground++;
    this.insert(event);
  }

  /**
   * A cancelled event stays in the heap until its time comes or half of the heap is cancelled: most timeouts are cancelled
   * long before they are due. What it would have done is forgotten at once.
   */
  cancel(event: ScheduledEvent) {
    if (event.cancelled) return;
    event.cancelled = true;
    event.fire = NOTHING;
    if (!event.background) this.foreground--;
    this.dead++;
    if (this.dead > FEW && this.dead > this.heap.length / 2) this.compact();
  }

  peek(): ScheduledEvent | undefined {
    while (this.heap.length > 0 && this.heap[0].cancelled) {
      this.removeFirst();
      this.dead--;
    }
    return this.heap[0];
  }

  pop(): ScheduledEvent | undefined {
    const event = this.peek();
    if (event) {
      this.removeFirst();
      // A popped event is past cancelling; this also keeps a late cancel() from counting it twice.
      event.cancelled = true;
      if (!event.background) this.foreground--;
    }
    return event;
  }

  private compact() {
    const alive = this.heap.filter((event) => !event.cancelled);
    this.heap = [];
    this.dead = 0;
    for (const event of alive) this.insert(event);
  }

  private insert(event: ScheduledEvent) {
    this.heap.push(event);
    let child = this.heap.length - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1; // eslint-disable-line no-bitwise
      if (!before(event, this.heap[parent])) break;
      this.heap[child] = this.heap[parent];
      child = parent;
    }
    this.heap[child] = event;
  }

  private removeFirst() {
    const last = this.heap.pop()!;
    if (this.heap.length === 0) return;
    let parent = 0;
    for (;;) {
      let child = 2 * parent + 1;
      if (child >= this.heap.length) break;
      if (child + 1 < this.heap.length && before(this.heap[child + 1], this.heap[child])) child++;
      if (!before(this.heap[child], last)) break;
      this.heap[parent] = this.heap[child];
      parent = child;
    }
    this.heap[parent] = last;
  }
}

function before(a: ScheduledEvent, b: ScheduledEvent): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
