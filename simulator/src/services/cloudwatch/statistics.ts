/** The values of a metric within some time: how often each was seen. */
export class ValueSet {
  sampleCount = 0;
  sum = 0;
  private readonly counts = new Map<number, number>();

  add(value: number, count: number = 1) {
    this.sampleCount += count;
    this.sum += value * count;
    this.counts.set(value, (this.counts.get(value) ?? 0) + count);
  }

  addAll(other: ValueSet) {
    for (const [value, count] of other.counts) this.add(value, count);
  }

  /** The statistic by CloudWatch's name for it; an empty set has none. */
  statistic(name: string): number {
    switch (name) {
      case 'SampleCount': return this.sampleCount;
      case 'Sum': return this.sum;
      case 'Average': return this.sum / this.sampleCount;
      case 'Minimum': return Math.min(...this.counts.keys());
      case 'Maximum': return Math.max(...this.counts.keys());
    }
    return this.percentile(percentileOf(name));
  }

  /** Interpolates between the two closest ranks. */
  private percentile(percent: number): number {
    const rank = (percent / 100) * (this.sampleCount - 1);
    const sorted = [...this.counts].sort(([a], [b]) => a - b);
    const at = (index: number) => {
      let seen = 0;
      for (const [value, count] of sorted) {
        seen += count;
        if (index < seen) return value;
      }
      return sorted[sorted.length - 1][0];
    };
    const [below, above] = [at(Math.floor(rank)), at(Math.ceil(rank))];
    return below + (above - below) * (rank - Math.floor(rank));
  }
}

const NAMED = ['SampleCount', 'Sum', 'Average', 'Minimum', 'Maximum'];

/**
 * Throws a sentence when the statistic is not simulated.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
 */
export function checkStatistic(name: string) {
  if (!NAMED.includes(name)) percentileOf(name);
}

function percentileOf(name: string): number {
  const percent = /^p(\d{1,3}(?:\.\d{1,10})?)$/.exec(name);
  if (!percent || Number(percent[1]) > 100) {
    throw new Error(`statistic '${name}' is not simulated; simulated: ${NAMED.join(', ')} and percentiles such as p99.9`);
  }
  return Number(percent[1]);
}
