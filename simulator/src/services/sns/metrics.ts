import type { TopicSettings } from './settings';
import type { World } from '../../service';
import { metricRecorder, type MetricRecorder } from '../cloudwatch';

/** https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html */
export class TopicMetrics {
  private readonly record: MetricRecorder;

  constructor(world: World) {
    this.record = metricRecorder(world);
  }

  count(topic: TopicSettings, name: string) {
    this.record({ namespace: 'AWS/SNS', name, dimensions: { TopicName: topic.name }, value: 1, unit: 'Count' });
  }

  published(topic: TopicSettings, bytes: number) {
    this.count(topic, 'NumberOfMessagesPublished');
    this.record({ namespace: 'AWS/SNS', name: 'PublishSize', dimensions: { TopicName: topic.name }, value: bytes, unit: 'Bytes' });
  }
}
