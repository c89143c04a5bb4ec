import type { World } from '../../service';
import { type MetricRecorder, metricRecorder } from '../cloudwatch/metric';

/** Publishes a function's metrics. https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html */
export class FunctionMetrics {
  private readonly recorder: MetricRecorder;

  constructor(world: World, private readonly functionName: string) {
    this.recorder = metricRecorder(world);
  }

  record(name: string, value: number, unit: string = 'Count') {
    this.recorder({ namespace: 'AWS/Lambda', name, dimensions: { FunctionName: this.functionName }, value, unit });
  }
}
