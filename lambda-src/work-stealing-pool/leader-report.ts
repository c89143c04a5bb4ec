import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { METRIC } from '../../src/work-stealing-pool/contract';
import type { Observability } from '../shared/observability';

const EVERY_MS = 60_000;

/** Of a group, at a look. */
export interface Reading {
  readonly backlogSeconds: number;
  readonly running: number;
  readonly stealGain: number;
  readonly dead: boolean;
}

/** The metrics of the groups, while there is work: the highest of a minute's looks, and the sum of what its steals were to gain. */
export class LeaderReport {
  private readonly readings = new Map<string, Reading>();
  private toldAt: number;

  constructor(private readonly metrics: Observability['metrics'], private readonly now: () => number) {
    this.toldAt = now();
  }

  add(group: string, reading: Reading): void {
    const before = this.readings.get(group) ?? { backlogSeconds: 0, running: 0, stealGain: 0, dead: false };
    this.readings.set(group, {
      backlogSeconds: Math.max(before.backlogSeconds, reading.backlogSeconds),
      running: Math.max(before.running, reading.running),
      stealGain: before.stealGain + reading.stealGain,
      dead: before.dead || reading.dead,
    });
  }

  /** At the end of a lead whatever is left, before it once a minute. */
  tell(atTheEnd = false): void {
    if (!atTheEnd && this.now() - this.toldAt < EVERY_MS) return;
    for (const [group, { backlogSeconds, running, stealGain, dead }] of this.readings) {
      this.metrics.addDimension(METRIC.GROUP, group);
      this.metrics.addMetric(METRIC.BACKLOG_SECONDS, MetricUnit.Seconds, backlogSeconds);
      this.metrics.addMetric(METRIC.RUNNING, MetricUnit.Count, running);
      this.metrics.addMetric(METRIC.STEAL_GAIN, MetricUnit.Seconds, stealGain);
      this.metrics.addMetric(METRIC.DEAD_GROUP, MetricUnit.NoUnit, dead ? 1 : 0);
      this.metrics.publishStoredMetrics();
    }
    this.readings.clear();
    this.toldAt = this.now();
  }
}
