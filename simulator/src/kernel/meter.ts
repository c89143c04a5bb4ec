/** Counts billable units, so that cost is measured and not guessed. */
export class Meter {
  private readonly counts = new Map<string, number>();

  /** Adds `quantity` of a unit such as `lambda.requests`, `lambda.gbSeconds`, `sqs.requests` or `dynamodb.writeUnits`. */
  add(unit: string, quantity: number = 1) {
    this.counts.set(unit, (this.counts.get(unit) ?? 0) + quantity);
  }

  get(unit: string): number {
    return this.counts.get(unit) ?? 0;
  }

  /** All units in alphabetical order. */
  totals(): Record<string, number> {
    return Object.fromEntries([...this.counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}
