import type { MetricRecord } from './metric';

/** At most this many values of one metric in one line. */
const MOST_VALUES = 100;

interface MetricDirective {
  readonly Namespace?: unknown;
  readonly Dimensions?: unknown;
  readonly Metrics?: unknown;
}

/**
 * The metrics that a log line carries in the embedded metric format, possibly behind a prefix that a runtime puts before it.
 * A line without them, or with a document that breaks the format, carries none, as CloudWatch has it.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function embeddedMetrics(line: string): MetricRecord[] {
  if (!line.includes('"_aws"')) return [];
  const root = parseObject(line.slice(line.indexOf('{')));
  const metadata = root?._aws as { Timestamp?: unknown; CloudWatchMetrics?: unknown } | undefined;
  if (!root || typeof metadata?.Timestamp !== 'number' || !Array.isArray(metadata.CloudWatchMetrics)) return [];
  return metadata.CloudWatchMetrics.flatMap((directive: MetricDirective) => directiveRecords(root, directive, metadata.Timestamp as number));
}

function directiveRecords(root: Record<string, unknown>, directive: MetricDirective, at: number): MetricRecord[] {
  const { Namespace: namespace, Dimensions: sets, Metrics: metrics } = directive;
  if (typeof namespace !== 'string' || !Array.isArray(sets) || !Array.isArray(metrics)) return [];
  const records: MetricRecord[] = [];
  for (const set of sets as string[][]) {
    const dimensions = Object.fromEntries(set.map((name) => [name, String(root[name])]));
    if (set.some((name) => root[name] === undefined)) continue;
    for (const { Name: name, Unit: unit, StorageResolution: resolution } of metrics as Array<Record<string, any>>) {
      const found: unknown[] = Array.isArray(root[name]) ? root[name] as unknown[] : [root[name]];
      for (const value of found.slice(0, MOST_VALUES)) {
        if (typeof value !== 'number') continue;
        records.push({ namespace, name, dimensions, value, unit, at, storageResolution: resolution === 1 ? 1 : 60 });
      }
    }
  }
  return records;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
