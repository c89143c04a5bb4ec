import { compileFilterPattern } from './filter-pattern';
import type { LogLine } from './log-store';
import type { MetricRecord } from './metric';
import { JsonPath } from '../events/json-path';

export interface MetricTransformation {
  readonly MetricName: string;
  readonly MetricNamespace: string;
  readonly MetricValue: string;
  readonly DefaultValue?: number | string;
  readonly Unit?: string;
  readonly Dimensions?: ReadonlyArray<{ readonly Key: string; readonly Value: string }>;
}

/**
 * Makes of a metric filter what turns a log line into data points.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringLogData.html
 */
export function compileMetricFilter(pattern: string, transformations: readonly MetricTransformation[]): (line: LogLine) => MetricRecord[] {
  const matches = compileFilterPattern(pattern);
  const compiled = transformations.map(compileTransformation);
  return (line) => {
    const document = parse(line.message);
    return compiled.flatMap((transform) => transform(matches(line.message, document), document, line.at) ?? []);
  };
}

type Transform = (matched: boolean, document: unknown, at: number) => MetricRecord | undefined;

function compileTransformation(transformation: MetricTransformation): Transform {
  const { MetricName: name, MetricNamespace: namespace, MetricValue: value, DefaultValue: otherwise, Unit: unit } = transformation;
  const path = value.startsWith('$') ? JsonPath.parse(value) : undefined;
  if (!path && !Number.isFinite(Number(value))) throw new Error(`MetricValue of '${name}' must be a number or a JSON path, not '${value}'`);
  const dimensions = (transformation.Dimensions ?? []).map(({ Key, Value }) => ({ key: Key, path: JsonPath.parse(Value) }));
  return (matched, document, at) => {
    if (!matched) return otherwise === undefined ? undefined : { namespace, name, value: Number(otherwise), unit, at };
    const number = path ? path.evaluate(document) : Number(value);
    const found = dimensions.map((dimension): [string, unknown] => [dimension.key, dimension.path.evaluate(document)]);
    // A line without the value, or without one of the dimensions, makes no data point.
    if (typeof number !== 'number' || found.some(([, text]) => text === undefined)) return undefined;
    return { namespace, name, unit, at, value: number, dimensions: Object.fromEntries(found.map(([key, text]) => [key, String(text)])) };
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
