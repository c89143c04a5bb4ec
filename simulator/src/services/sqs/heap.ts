/** What a heap keeps in order. */
interface Ordered {
  readonly order: number;
}

/** A binary heap: the lowest order first. */
export class Heap<T extends Ordered> {
  private readonly items: T[] = [];

  get top(): T | undefined {
    return this.items[0];
  }

  push(item: T) {
    const { items } = this;
    let child = items.push(item) - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1; // eslint-disable-line no-bitwise
      if (items[parent].order <= item.order) break;
      items[child] = items[parent];
      child = parent;
    }
    items[child] = item;
  }

  pop() {
    const { items } = this;
    const last = items.pop();
    if (last === undefined || items.length === 0) return;
    let parent = 0;
    for (;;) {
      let child = 2 * parent + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && items[child + 1].order < items[child].order) child++;
      if (items[child].order >= last.order) break;
      items[parent] = items[child];
      parent = child;
    }
    items[parent] = last;
  }
}
