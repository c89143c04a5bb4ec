interface Entry {
  readonly at: number;
  readonly order: number;
  readonly fire: () => void;
}

/** What happens when, in virtual seconds: a binary heap, first by time, then by the order in which it was put down. */
export class Agenda {
  now = 0;
  private order = 0;
  private readonly heap: Entry[] = [];

  after(seconds: number, fire: () => void): void {
    const entry = { at: this.now + seconds, order: this.order++, fire };
    const { heap } = this;
    let index = heap.length;
    while (index > 0) {
      const parent = Math.floor((index - 1) / 2);
      if (isBefore(heap[parent], entry)) break;
      heap[index] = heap[parent];
      index = parent;
    }
    heap[index] = entry;
  }

  /** Until nothing is left, or it is over. */
  run(isOver: () => boolean): void {
    while (this.heap.length > 0 && !isOver()) {
      const { at, fire } = this.pop();
      this.now = at;
      fire();
    }
  }

  private pop(): Entry {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
      if (isBefore(last, heap[child])) break;
      heap[index] = heap[child];
      index = child;
    }
    heap[index] = last;
    return first;
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
