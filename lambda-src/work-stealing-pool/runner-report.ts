import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { WorkerEvent } from '../../runtime-src/work-stealing-pool/worker-events';
import { METRIC } from '../../src/work-stealing-pool/contract';
import type { Observability } from '../shared/observability';

const EVERY_MS = 60_000;

/** What a runner tells of its tasks: logs at once, metrics once a minute. */
export class RunnerReport {
  private readonly counts = new Map<string, number>();
  private toldAt: number;

  constructor(private readonly observability: Observability, private readonly group: string, private readonly now: () => number) {
    this.toldAt = now();
  }

  readonly observe = (event: WorkerEvent): void => {
    const { logger } = this.observability;
    const { kind, ...details } = event;
    switch (event.kind) {
      case 'DONE':
        this.count(METRIC.DONE);
        if (event.stolen) this.count(METRIC.STOLEN);
        break;
      case 'FAILED':
        this.count(METRIC.FAILED);
        logger.warn('an attempt failed; the task comes again', details);
        break;
      case 'REFUSED':
        this.count(METRIC.REFUSED_COMMITS);
        logger.warn('somebody else has taken the task: this attempt counts nothing', details);
        break;
      case 'DUPLICATE':
        this.count(METRIC.DUPLICATES);
        break;
      case 'INVALID':
        logger.error('a message is no task; its queue gives up on it', details);
        break;
      case 'TROUBLE':
        logger.warn('a call failed; it is tried again', details);
    }
  };

  /** At the end of a shift whatever is left, before it once a minute. */
  readonly tell = (atTheEnd = false): void => {
    if (this.counts.size === 0 || (!atTheEnd && this.now() - this.toldAt < EVERY_MS)) return;
    const { metrics } = this.observability;
    metrics.addDimension(METRIC.GROUP, this.group);
    for (const [name, count] of this.counts) metrics.addMetric(name, MetricUnit.Count, count);
    metrics.publishStoredMetrics();
    this.counts.clear();
    this.toldAt = this.now();
  };

  private count(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }
}
