import { billBodyFilter, billDelivery } from './billing';
import { deadLetterCall, deliveryCall } from './delivery-calls';
import { textFor } from './envelope';
import type { Notification } from './message';
import type { TopicMetrics } from './metrics';
import { nextRetry } from './retry-policy';
import { isFifo, type Subscription } from './subscription';
import type { Topic } from './topics';
import type { Random } from '../../kernel/random';
import type { Caller, World } from '../../service';

/** One message on its way to one subscriber. */
export interface Delivery {
  readonly notification: Notification;
  readonly topic: Topic;
  readonly subscription: Subscription;
}

const PRINCIPAL = 'sns.amazonaws.com';
/** AWS tells that delays have jitter, not how much: up to a tenth either way here. */
const JITTER = 0.1;
/** SNS does not lose a dead letter to one throttled call. */
const DEAD_LETTER_ATTEMPTS = 5;

/** Brings messages to subscribers: at least once, with retries and a dead-letter queue; in the order of the group from FIFO topics. */
export class Deliveries {
  private readonly random: Random;
  /** The last delivery of each group to each subscriber of a FIFO topic; the next waits for it. */
  private readonly groups = new Map<string, Promise<void>>();

  constructor(private readonly world: World, private readonly metrics: TopicMetrics) {
    this.random = world.kernel.random.fork('sns/retries');
  }

  /** To each subscriber whose filter accepts it: https://docs.aws.amazon.com/sns/latest/dg/sns-message-filtering.html */
  start(notification: Notification, topic: Topic) {
    for (const subscription of topic.subscriptions) {
      const delivery = { notification, topic, subscription };
      if (this.accepts(delivery)) this.schedule(delivery);
    }
  }

  private accepts(delivery: Delivery): boolean {
    const { notification, topic: { settings }, subscription } = delivery;
    const { filter } = subscription;
    if (!filter) return true;
    const text = textFor(notification, subscription.protocol);
    if (filter.scope === 'MessageBody') billBodyFilter(this.world.meter, Buffer.byteLength(text));
    const decision = filter.decide(notification, text);
    if (decision === 'accepted') return true;
    this.metrics.count(settings, 'NumberOfNotificationsFilteredOut');
    this.metrics.count(settings, `NumberOfNotificationsFilteredOut-${decision}`);
    this.trace(delivery, 'sns.filtered', { by: decision });
    return false;
  }

  private schedule(delivery: Delivery) {
    const { kernel, latency, faults } = this.world;
    const { topic, subscription, notification } = delivery;
    const fault = faults.onDelivery({ kind: 'message', subject: `${topic.settings.label}/${subscription.label}` });
    const delay = latency.sample('sns.delivery') + (fault?.delayMs ?? 0);
    if (fault) this.trace(delivery, 'fault.delivery', { ...fault });
    if (topic.settings.fifo) {
      void this.inOrder(`${subscription.arn}|${notification.groupId}`, delivery, delay);
    } else {
      kernel.schedule(delay, () => void this.deliver(delivery));
    }
    // A FIFO queue takes a repeated message only once; every other subscriber may get it twice.
    // https://docs.aws.amazon.com/sns/latest/dg/fifo-message-delivery.html
    if (isFifo(subscription.endpoint)) return;
    for (const after of fault?.duplicatesAfterMs ?? []) kernel.schedule(delay + after, () => void this.deliver(delivery));
  }

  /** Messages of a group wait for each other, also while one is being retried: https://docs.aws.amazon.com/sns/latest/dg/fifo-message-grouping.html */
  private inOrder(key: string, delivery: Delivery, delay: number): Promise<void> {
    const before = this.groups.get(key);
    const done = this.deliverAfter(delivery, delay, before);
    this.groups.set(key, done);
    return done.then(() => {
      if (this.groups.get(key) === done) this.groups.delete(key);
    });
  }

  private async deliverAfter(delivery: Delivery, delay: number, before: Promise<void> | undefined) {
    await this.world.kernel.sleep(delay);
    await before;
    await this.deliver(delivery);
  }

  private async deliver(delivery: Delivery) {
    const { topic, subscription, notification } = delivery;
    for (let retries = 0; ;) {
      try {
        await this.world.call({ ...deliveryCall(delivery, this.world.region), caller: this.caller(delivery) });
        this.metrics.count(topic.settings, 'NumberOfNotificationsDelivered');
        billDelivery(this.world.meter, topic, subscription.protocol, notification.size);
        this.trace(delivery, 'sns.delivered', retries ? { retries } : {});
        return;
      } catch (error: any) {
        // Only errors that AWS would answer are failures of the delivery; the rest are failures of the simulation.
        if (error?.$fault === undefined) throw error;
        const retry = isRetriable(error) ? nextRetry(retries) : undefined;
        if (!retry) return this.giveUp(delivery, error, retries);
        if (retries === 0) this.trace(delivery, 'sns.retry', { error: error.name });
        retries += retry.standsFor;
        await this.world.kernel.sleep(retry.afterMs * (1 - JITTER + 2 * JITTER * this.random.next()));
      }
    }
  }

  /** https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html */
  private async giveUp(delivery: Delivery, error: any, retries: number) {
    const { topic: { settings }, subscription } = delivery;
    this.metrics.count(settings, 'NumberOfNotificationsFailed');
    this.trace(delivery, 'sns.failed', { error: error.name, message: error.message, retries });
    if (subscription.deadLetterArn === undefined) {
      this.trace(delivery, 'sns.lost', { error: error.name, because: 'the subscription has no dead-letter queue' });
      return;
    }
    const requestId = this.random.uuid();
    for (let attempt = 1; ; attempt++) {
      try {
        await this.world.call({ ...deadLetterCall(delivery, this.world.region, error, requestId), caller: this.caller(delivery) });
        this.metrics.count(settings, 'NumberOfNotificationsRedrivenToDlq');
        this.trace(delivery, 'sns.dead-lettered', { error: error.name });
        return;
      } catch (refusal: any) {
        if (refusal?.$fault === undefined) throw refusal;
        if (isRetriable(refusal) && attempt < DEAD_LETTER_ATTEMPTS) {
          await this.world.kernel.sleep(1000 * 2 ** attempt);
          continue;
        }
        this.metrics.count(settings, 'NumberOfNotificationsFailedToRedriveToDlq');
        this.trace(delivery, 'sns.lost', { error: refusal.name, because: `the dead-letter queue did not take it: ${refusal.message}` });
        return;
      }
    }
  }

  /** SNS acts as the service for the topic, which the subscriber's resource policy must allow. */
  private caller({ topic: { settings }, notification: { chain } }: Delivery): Caller {
    return { name: `sns:${settings.name}`, principal: { kind: 'service', service: PRINCIPAL, sourceArn: settings.arn }, chain };
  }

  private trace({ topic, subscription, notification }: Delivery, event: string, detail: Record<string, unknown>) {
    this.world.trace.record({
      at: this.world.kernel.now, subject: topic.settings.label, event, detail: { to: subscription.label, id: notification.id, ...detail },
    });
  }
}

/**
 * Errors of the server's side are retried; those of the client's side, such as a missing permission or a deleted endpoint, are not.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html#why-do-message-deliveries-fail
 */
function isRetriable(error: { name?: string; $fault?: string; retryable?: boolean }): boolean {
  return error.$fault === 'server' || error.retryable === true || /Throttl|TooManyRequests/.test(String(error.name));
}
