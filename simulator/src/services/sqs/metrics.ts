import type { World } from '../../service';
import { metricSink } from '../cloudwatch';
import type { Queue } from './queue';

/** Values that CloudWatch reads at the end of each minute: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html */
export function publishGauges(world: World, queue: Queue) {
  const metric = (metricName: string, read: () => number) => metricSink(world)?.gauge({
    namespace: 'AWS/SQS', metricName, dimensions: { QueueName: queue.settings.name }, read,
  });
  metric('ApproximateNumberOfMessagesVisible', () => queue.counts().visible);
  metric('ApproximateNumberOfMessagesNotVisible', () => queue.counts().inFlight);
  metric('ApproximateNumberOfMessagesDelayed', () => queue.counts().delayed);
  metric('ApproximateAgeOfOldestMessage', () => queue.ageOfOldestSeconds());
}
