import { FILL_WORDS, MetricMath } from './metric-math';
import type { MetricStore, StatisticQuery, TimeSeries } from './metric-store';
import { checkStatistic } from './statistics';

interface Dimension {
  readonly Name: string;
  readonly Value: string;
}

interface MetricDataQuery {
  readonly Id: string;
  readonly Expression?: string;
  readonly MetricStat?: {
    readonly Metric: { readonly Namespace: string; readonly MetricName: string; readonly Dimensions?: readonly Dimension[] };
    readonly Period: number | string;
    readonly Stat: string;
  };
  readonly Period?: number | string;
  readonly ReturnData?: boolean | string;
}

/** What an alarm looks at: one metric, or several with expressions over them. */
export interface AlarmMetricProperties {
  readonly MetricName?: string;
  readonly Namespace?: string;
  readonly Dimensions?: readonly Dimension[];
  readonly Statistic?: string;
  readonly ExtendedStatistic?: string;
  readonly Period?: number | string;
  readonly Metrics?: readonly MetricDataQuery[];
}

type Source = Omit<StatisticQuery, 'start' | 'end'>;

/** The one time series that an alarm compares with its threshold. */
export class AlarmMetrics {
  readonly periodSeconds: number;
  readonly namespaces: readonly string[];
  private readonly sources = new Map<string, Source>();
  private readonly expressions = new Map<string, MetricMath>();
  private readonly returned: string;

  constructor(properties: AlarmMetricProperties) {
    const queries = properties.Metrics ?? [plainQuery(properties)];
    for (const query of queries) this.read(query);
    const returned = queries.filter((query) => String(query.ReturnData ?? true) !== 'false');
    if (returned.length !== 1) throw new Error(`exactly one of Metrics must return data, not ${returned.length}`);
    this.returned = returned[0].Id;
    this.checkIds();
    const periods = [...new Set([...this.sources.values()].map((source) => source.periodSeconds))];
    if (periods.length > 1) throw new Error(`all metrics of an alarm must have the same period here, not ${periods.join(' and ')} seconds`);
    this.periodSeconds = periods[0] ?? 60;
    this.namespaces = [...this.sources.values()].map((source) => source.namespace);
  }

  /** The values from `start` to `end`, oldest first, `undefined` where a period has none. */
  points(store: MetricStore, start: number, end: number): Array<number | undefined> {
    const periods: number[] = [];
    for (let period = start; period < end; period += this.periodSeconds * 1000) periods.push(period);
    const metrics = new Map([...this.sources].map(([id, source]) => [id, store.statistics({ ...source, start, end })]));
    const resolve = (id: string): TimeSeries => metrics.get(id)
      ?? this.expressions.get(id)!.evaluate({ metrics, resolve, periods, periodSeconds: this.periodSeconds });
    const series = resolve(this.returned);
    return periods.map((period) => series.get(period));
  }

  private read(query: MetricDataQuery) {
    const { Id: id, Expression: expression, MetricStat: stat } = query;
    if (expression !== undefined) {
      this.expressions.set(id, new MetricMath(expression));
      return;
    }
    if (!stat) throw new Error(`metric '${id}' needs a MetricStat or an Expression`);
    checkStatistic(stat.Stat);
    this.sources.set(id, {
      namespace: stat.Metric.Namespace,
      name: stat.Metric.MetricName,
      dimensions: Object.fromEntries((stat.Metric.Dimensions ?? []).map(({ Name, Value }) => [Name, Value])),
      statistic: stat.Stat,
      periodSeconds: periodOf(stat.Period),
    });
  }

  /** Every id must exist, and no expression may need itself. */
  private checkIds() {
    const check = (id: string, users: readonly string[]) => {
      if (users.includes(id)) throw new Error(`expression '${id}' refers to itself`);
      for (const other of this.expressions.get(id)?.ids() ?? []) {
        if (FILL_WORDS.includes(other)) continue;
        if (!this.sources.has(other) && !this.expressions.has(other)) {
          throw new Error(`expression '${id}' refers to '${other}', which is not among the metrics`);
        }
        check(other, [...users, id]);
      }
    };
    for (const id of this.expressions.keys()) check(id, []);
  }
}

function plainQuery(properties: AlarmMetricProperties): MetricDataQuery {
  const { Namespace, MetricName, Dimensions, Period = 60, Statistic, ExtendedStatistic } = properties;
  if (!Namespace || !MetricName) throw new Error('Namespace and MetricName, or Metrics, are required');
  const Stat = Statistic ?? ExtendedStatistic;
  if (!Stat) throw new Error('Statistic or ExtendedStatistic is required');
  return { Id: 'm1', MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period, Stat } };
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html (Period) */
function periodOf(period: number | string): number {
  const seconds = Number(period);
  if (seconds === 10 || seconds === 20 || seconds === 30 || (seconds >= 60 && seconds % 60 === 0)) return seconds;
  throw new Error(`Period must be 10, 20, 30 or a multiple of 60 seconds, not ${period}`);
}
