import { type MetricIdentity, metricKey, type MetricRecord } from './metric';
import { checkStatistic, ValueSet } from './statistics';

/** One value per period, by the period's start in milliseconds since 1970. */
export type TimeSeries = Map<number, number>;

export interface StatisticQuery extends MetricIdentity {
  readonly statistic: string;
  readonly periodSeconds: number;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

const MINUTE_MS = 60_000;
const SECOND_MS = 1_000;

/** The values of one metric, by the start of their minute or, where they came with high resolution, their second. */
interface Series {
  readonly identity: MetricIdentity;
  readonly minutes: Map<number, ValueSet>;
  readonly seconds: Map<number, ValueSet>;
}

/** All metrics, each as values per minute or, where they came with high resolution, per second. */
export class MetricStore {
  private readonly series = new Map<string, Series>();
  /** Sets with one value, by that value. */
  private readonly single = new Map<number, ValueSet>();

  constructor(private readonly now: () => number) {}

  record(record: MetricRecord) {
    const { value, count = 1, at = this.now(), storageResolution } = record;
    if (!Number.isFinite(value)) throw new Error(`metric ${record.namespace} ${record.name} cannot take the value ${value}`);
    const series = this.seriesOf(record);
    const [slots, width] = storageResolution === 1 ? [series.seconds, SECOND_MS] : [series.minutes, MINUTE_MS];
    const slot = Math.floor(at / width) * width;
    let values = slots.get(slot);
    if (!values || this.single.get(values.sum) === values) slots.set(slot, values = values ? copyOf(values) : new ValueSet());
    values.add(value, count);
  }

  /** Records one value a minute for days on end: minutes with the same value share one set. */
  gauge(metric: MetricIdentity): (value: number, at: number) => void {
    let series: Series | undefined;
    return (value, at) => {
      series ??= this.seriesOf(metric);
      const slot = Math.floor(at / MINUTE_MS) * MINUTE_MS;
      if (series.minutes.has(slot)) return this.record({ ...metric, value, at });
      let values = this.single.get(value);
      if (!values) {
        values = new ValueSet();
        values.add(value);
        this.single.set(value, values);
      }
      series.minutes.set(slot, values);
    };
  }

  /** One point for each period that has values. */
  statistics(query: StatisticQuery): TimeSeries {
    checkStatistic(query.statistic);
    const width = query.periodSeconds * SECOND_MS;
    const series = this.series.get(metricKey(query));
    if (!series) return new Map();
    const periods = new Map<number, ValueSet>();
    for (const [slot, values] of [...within(series.minutes, MINUTE_MS, query), ...within(series.seconds, SECOND_MS, query)]) {
      const period = Math.floor(slot / width) * width;
      const together = periods.get(period);
      if (together) together.addAll(values);
      else periods.set(period, copyOf(values));
    }
    return new Map([...periods].sort(([a], [b]) => a - b).map(([period, values]) => [period, values.statistic(query.statistic)]));
  }

  /** The statistic of everything that was ever recorded for the metric; undefined when nothing was. */
  total(metric: MetricIdentity, statistic: string = 'Sum'): number | undefined {
    checkStatistic(statistic);
    const series = this.series.get(metricKey(metric));
    if (!series) return undefined;
    const all = new ValueSet();
    for (const values of [...series.minutes.values(), ...series.seconds.values()]) all.addAll(values);
    return all.statistic(statistic);
  }

  private seriesOf(metric: MetricIdentity): Series {
    const key = metricKey(metric);
    let series = this.series.get(key);
    if (!series) {
      const { namespace, name, dimensions = {} } = metric;
      this.series.set(key, series = { identity: { namespace, name, dimensions }, minutes: new Map(), seconds: new Map() });
    }
    return series;
  }

  /** Every metric that was recorded, in alphabetical order. */
  list(): MetricIdentity[] {
    return [...this.series].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { identity }]) => identity);
  }
}

/** The slots of a query's time, looked up one by one when that is less work than going through all of them. */
function within(slots: Map<number, ValueSet>, width: number, { start, end }: StatisticQuery): Array<[number, ValueSet]> {
  if ((end - start) / width > slots.size) return [...slots].filter(([slot]) => slot >= start && slot < end);
  const found: Array<[number, ValueSet]> = [];
  for (let slot = Math.ceil(start / width) * width; slot < end; slot += width) {
    const values = slots.get(slot);
    if (values) found.push([slot, values]);
  }
  return found;
}

function copyOf(values: ValueSet): ValueSet {
  const copy = new ValueSet();
  copy.addAll(values);
  return copy;
}
