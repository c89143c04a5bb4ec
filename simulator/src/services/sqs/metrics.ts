import type { World } from '../../service';
import { metricSink } from '../cloudwatch';
import type { Queue } from './queue';
import type { StandardShelf } from './standard-shelf';

/** Values that CloudWatch reads at the end of each minute: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html */
export function publishGauges(world: World, queue: Queue) {
  const metric = gauges(world, queue);
  metric('ApproximateNumberOfMessagesVisible', () => queue.counts().visible);
  metric('ApproximateNumberOfMessagesNotVisible', () => queue.counts().inFlight);
  metric('ApproximateNumberOfMessagesDelayed', () => queue.counts().delayed);
  metric('ApproximateAgeOfOldestMessage', () => queue.ageOfOldestSeconds());
}

/**
 * What fair queues tell beside: the same values without the messages of noisy groups. AWS does not say what it reports of a queue that has
 * never seen a group: nothing here.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
export function publishFairness(world: World, queue: Queue, shelf: StandardShelf) {
  const metric = gauges(world, queue);
  metric('ApproximateNumberOfNoisyGroups', () => shelf.quiet().noisyGroups);
  metric('ApproximateNumberOfMessagesVisibleInQuietGroups', () => {
    const { arriving, visible } = shelf.quiet().counts;
    return arriving + visible;
  });
  metric('ApproximateNumberOfMessagesNotVisibleInQuietGroups', () => shelf.quiet().counts.inFlight);
  metric('ApproximateNumberOfMessagesDelayedInQuietGroups', () => shelf.quiet().counts.delayed);
  metric('ApproximateAgeOfOldestMessageInQuietGroups', () => queue.ageOfOldestSeconds((message) => shelf.isQuiet(message)));
}

function gauges(world: World, queue: Queue) {
  return (metricName: string, read: () => number) => metricSink(world)?.gauge({
    namespace: 'AWS/SQS', metricName, dimensions: { QueueName: queue.settings.name }, read,
  });
}
