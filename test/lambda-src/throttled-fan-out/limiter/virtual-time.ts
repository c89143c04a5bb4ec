/** Real time as only the test knows it: what sleeps is woken in order, and nothing else passes. */
export class VirtualTime {
  now = 0;
  private readonly sleepers: { readonly at: number; readonly order: number; readonly wake: () => void }[] = [];
  private order = 0;

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => {
      this.sleepers.push({ at: this.now + Math.max(0, ms), order: this.order++, wake });
      this.sleepers.sort((one, other) => one.at - other.at || one.order - other.order);
    });
  }

  /** Runs until `end` or until nothing sleeps any more. */
  async run(end: number): Promise<void> {
    for (;;) {
      await settled();
      const next = this.sleepers[0];
      if (!next || next.at > end) return;
      this.sleepers.shift();
      this.now = next.at;
      next.wake();
    }
  }
}

/** All that can go on without time passing has gone on. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await Promise.resolve();
}
