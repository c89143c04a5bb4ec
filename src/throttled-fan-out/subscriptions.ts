import { Names, Stack } from 'aws-cdk-lib';
import { ITopic, SubscriptionFilter, SubscriptionProtocol } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { PRIORITY_ATTRIBUTE } from './contract';
import { letServiceSend } from '../shared/queues';

/** Values of message attributes that a subscription asks for. */
export type Filters = { readonly [attribute: string]: SubscriptionFilter };

/** Which of the messages that a target wants one of its queues gets. */
export interface Selection {
  /** Asked by SNS; `undefined`: it gets all. */
  readonly subscription: Filters | undefined;
  /** Asked by the queue's event source, which drops the rest. */
  readonly eventSource?: { readonly [key: string]: any };
}

/**
 * Each priority but the lowest gets its own messages, the lowest all else, so that an unknown or a missing priority is never lost. A message without any
 * attribute matches no filter of SNS at all: where the target wants all messages the lowest queue gets them all, and those that have a queue of their own
 * are dropped behind it.
 * @see https://docs.aws.amazon.com/sns/latest/dg/attribute-key-matching.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs-filtering.html
 */
export function selection(priorities: readonly string[], rank: number, filters: Filters): Selection {
  const higher = priorities.slice(0, -1);
  const wantsAll = Object.keys(filters).length === 0;
  if (higher.length === 0) return { subscription: wantsAll ? undefined : filters };
  if (rank < higher.length) {
    return { subscription: { ...filters, [PRIORITY_ATTRIBUTE]: SubscriptionFilter.stringFilter({ allowlist: [priorities[rank]] }) } };
  }
  const others = [{ 'anything-but': higher }, { exists: false }];
  if (!wantsAll) return { subscription: { ...filters, [PRIORITY_ATTRIBUTE]: new SubscriptionFilter(others) } };
  return { subscription: undefined, eventSource: { messageAttributes: { [PRIORITY_ATTRIBUTE]: { stringValue: others } } } };
}

/** Brings messages to a queue as they were published: with their attributes, without an envelope. */
export function subscribe(topic: ITopic, queue: Queue, filterPolicy: Filters | undefined, undeliveredQueue: Queue): void {
  const { account, region } = topic.env;
  const topics = Stack.of(topic).formatArn({ service: 'sns', account, region, resource: '*' });
  const { policyDependable } = letServiceSend(queue, {
    service: 'sns.amazonaws.com', sourceArn: topic.topicArn, keyConditions: { ArnLike: { 'aws:SourceArn': topics } },
  });
  topic.addSubscription({
    bind: () => ({
      subscriberScope: queue,
      subscriberId: Names.nodeUniqueId(topic.node),
      protocol: SubscriptionProtocol.SQS,
      endpoint: queue.queueArn,
      region: region === queue.env.region ? undefined : region,
      rawMessageDelivery: true,
      filterPolicy,
      deadLetterQueue: undeliveredQueue,
      subscriptionDependency: policyDependable,
    }),
  });
}
