import { invalidParameter, notFound } from './errors';
import { DEFAULT_MAX_MESSAGE_BYTES, MOST_SUBSCRIPTIONS_OF_LARGE_TOPIC, type TopicSettings } from './settings';
import { checkedSubscription, type Subscription, type SubscriptionProperties } from './subscription';
import type { PolicyDocument } from '../../iam/iam';
import type { World } from '../../service';

export interface Topic {
  readonly settings: TopicSettings;
  readonly subscriptions: Subscription[];
  /** Whether it has a policy of its own, or the default one has been written down for it. */
  hasPolicy: boolean;
}

/** All topics of the account. */
export class TopicDirectory {
  private readonly topics = new Map<string, Topic>();
  private readonly random;

  constructor(private readonly world: World) {
    this.random = world.kernel.random.fork('sns/subscriptions');
  }

  create(settings: TopicSettings): Topic {
    if (this.topics.has(settings.arn)) throw new Error(`topic ${settings.name} exists already: two topics of the templates have this name`);
    const topic: Topic = { settings, subscriptions: [], hasPolicy: false };
    this.topics.set(settings.arn, topic);
    return topic;
  }

  all(): Topic[] {
    return [...this.topics.values()];
  }

  byArn(arn: unknown): Topic {
    if (typeof arn !== 'string' || !/^arn:[^:]+:sns:/.test(arn)) throw invalidParameter('TopicArn or TargetArn Reason: no value for required parameter');
    const topic = this.topics.get(arn);
    if (!topic) throw notFound('Topic');
    return topic;
  }

  subscribe(topicArn: string, properties: SubscriptionProperties, label: string): Subscription {
    const { settings, subscriptions } = this.byArn(topicArn);
    const subscription = checkedSubscription(properties, settings, `${settings.arn}:${this.random.uuid()}`, label);
    if (subscriptions.some(({ endpoint }) => endpoint === subscription.endpoint)) {
      throw new Error(`subscription ${label} to topic ${settings.name}: ${subscription.endpoint} is subscribed already`);
    }
    // https://docs.aws.amazon.com/sns/latest/dg/large-message-payloads.html
    if (settings.maxMessageBytes > DEFAULT_MAX_MESSAGE_BYTES && subscriptions.length >= MOST_SUBSCRIPTIONS_OF_LARGE_TOPIC) {
      throw new Error(`topic ${settings.name} takes messages above ${DEFAULT_MAX_MESSAGE_BYTES} bytes, so at most ${MOST_SUBSCRIPTIONS_OF_LARGE_TOPIC} subscriptions`);
    }
    subscriptions.push(subscription);
    return subscription;
  }

  allow(topicArn: string, policy: PolicyDocument) {
    const topic = this.byArn(topicArn);
    topic.hasPolicy = true;
    this.world.iam.addResourcePolicy(topic.settings.arn, policy);
  }

  /**
   * A topic without a policy of its own has the default one, which lets in the owner's account by `aws:SourceOwner`. Of the services here
   * only CloudWatch's alarms identify themselves in that way; a policy replaces the default, and alarms then need a statement.
   * https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
   */
  ensurePolicy(topic: Topic) {
    if (topic.hasPolicy) return;
    topic.hasPolicy = true;
    this.world.iam.addResourcePolicy(topic.settings.arn, {
      Statement: [{ Effect: 'Allow', Principal: { Service: 'cloudwatch.amazonaws.com' }, Action: 'sns:Publish', Resource: topic.settings.arn }],
    });
  }
}
