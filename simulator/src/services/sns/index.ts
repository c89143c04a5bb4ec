import { Deliveries } from './deliveries';
import { TopicMetrics } from './metrics';
import { snsOperations } from './operations';
import { Publisher } from './publisher';
import { subscriptionProvider, topicPolicyProvider, topicProvider } from './resources';
import { TopicDirectory } from './topics';
import type { Service, World } from '../../service';

export interface TopicReport {
  readonly name: string;
  readonly arn: string;
  readonly subscriptions: ReadonlyArray<{ readonly protocol: string; readonly endpoint: string }>;
}

export interface SnsService extends Service {
  /** Each topic with its subscribers. */
  topics(): TopicReport[];
}

/** Amazon SNS: standard and FIFO topics with queues and functions as subscribers. */
export function snsService(world: World): SnsService {
  const directory = new TopicDirectory(world);
  const metrics = new TopicMetrics(world);
  const publisher = new Publisher(world, new Deliveries(world, metrics));
  return {
    name: 'sns',
    operations: snsOperations(world, directory, publisher, metrics),
    resources: [topicProvider(world, directory), subscriptionProvider(world, directory), topicPolicyProvider(directory)],
    topics: () => directory.all().map(({ settings, subscriptions }) => ({
      name: settings.label,
      arn: settings.arn,
      subscriptions: subscriptions.map(({ protocol, endpoint }) => ({ protocol, endpoint })),
    })),
  };
}
