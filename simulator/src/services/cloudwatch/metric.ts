import type { Service, World } from '../../service';

/** Which metric: CloudWatch keeps one series for each combination of these. */
export interface MetricIdentity {
  /** For example `AWS/SQS`. */
  readonly namespace: string;
  readonly name: string;
  readonly dimensions?: Readonly<Record<string, string>>;
}

/** One data point of a metric. */
export interface MetricRecord extends MetricIdentity {
  readonly value: number;
  /** A unit as CloudWatch names it; default `None`. */
  readonly unit?: string;
  /** Milliseconds since 1970; default now. */
  readonly at?: number;
  /** How often the value was seen; default once. */
  readonly count?: number;
  /** 1 keeps single seconds, 60 (the default) whole minutes. */
  readonly storageResolution?: 1 | 60;
}

/** A value that is read at the end of each minute of virtual time, such as a queue's depth. */
export interface Gauge {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly read: () => number;
}

export type MetricRecorder = (record: MetricRecord) => void;

/** What other services see of CloudWatch. */
export interface MetricSink extends Service {
  recordMetric(record: MetricRecord): void;
  gauge(gauge: Gauge): void;
  /** Takes one line that a Lambda function logged: keeps it, and reads embedded metrics from it. */
  ingestLogLine(logGroup: string, line: string, at?: number): void;
}

/** CloudWatch, or undefined in a world without it. Ask when it is needed, not while the services are being made. */
export function metricSink(world: World): MetricSink | undefined {
  try {
    return world.service<MetricSink>('cloudwatch');
  } catch {
    return undefined;
  }
}

/** Records metrics if the world has CloudWatch, and does nothing if not. */
export function metricRecorder(world: World): MetricRecorder {
  let sink: MetricSink | undefined | null = null;
  return (record) => {
    if (sink === null) sink = metricSink(world);
    sink?.recordMetric(record);
  };
}

/** A text that is the same for the same metric, in whatever order its dimensions come. No name has a NUL. */
export function metricKey({ namespace, name, dimensions = {} }: MetricIdentity): string {
  const names = Object.keys(dimensions);
  if (names.length > 1) names.sort();
  let key = `${namespace}\0${name}`;
  for (const dimension of names) key += `\0${dimension}\0${dimensions[dimension]}`;
  return key;
}
