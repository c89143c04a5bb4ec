import type { Queue } from './queue';
import type { Service, World } from '../../service';

/** The part of the simulated CloudWatch that queues need: values that are read when an alarm is evaluated. */
interface GaugeKeeper extends Service {
  gauge?(metric: {
    readonly namespace: string;
    readonly metricName: string;
    readonly dimensions: Readonly<Record<string, string>>;
    readonly read: () => number;
  }): void;
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html */
export function publishMetrics(world: World, queue: Queue) {
  let cloudwatch: GaugeKeeper;
  try {
    cloudwatch = world.service<GaugeKeeper>('cloudwatch');
  } catch {
    return; // A world without CloudWatch has nobody to read them.
  }
  const metric = (metricName: string, read: () => number) => cloudwatch.gauge?.({
    namespace: 'AWS/SQS', metricName, dimensions: { QueueName: queue.settings.name }, read,
  });
  metric('ApproximateNumberOfMessagesVisible', () => queue.counts().visible);
  metric('ApproximateNumberOfMessagesNotVisible', () => queue.counts().inFlight);
  metric('ApproximateNumberOfMessagesDelayed', () => queue.counts().delayed);
  metric('ApproximateAgeOfOldestMessage', () => queue.ageOfOldestSeconds());
}
