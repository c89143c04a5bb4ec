/** So many tasks are remembered: the latest count most. */
const MEMORY = 30;

/** How long tasks take, as exponentially weighted means. */
export class CostMeter {
  private count = 0;

  constructor(private mean?: number, private meanSquare?: number) {
    // What was measured before counts as a handful of tasks.
    if (mean !== undefined) this.count = MEMORY / 3;
  }

  add(seconds: number): void {
    this.count = Math.min(this.count + 1, MEMORY);
    this.mean = (this.mean ?? 0) + (seconds - (this.mean ?? 0)) / this.count;
    this.meanSquare = (this.meanSquare ?? 0) + (seconds ** 2 - (this.meanSquare ?? 0)) / this.count;
  }

  reading(): { readonly meanSeconds?: number; readonly meanSquareSeconds?: number } {
    return this.mean === undefined ? {} : { meanSeconds: this.mean, ...(this.meanSquare !== undefined && { meanSquareSeconds: this.meanSquare }) };
  }
}
