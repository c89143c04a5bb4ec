import { eventTime, type EventEnvelope } from './put-events';
import type { Rule } from './rule';
import { queueUrl, type RuleTarget } from './target';
import type { Caller, World } from '../../service';
import { metricRecorder, type MetricRecorder } from '../cloudwatch/metric';

/** One event on its way to one target of one rule. */
interface Delivery {
  readonly event: EventEnvelope;
  readonly rule: Rule;
  readonly target: RuleTarget;
  readonly receivedAt: number;
}

/** Why a target did not take an event. */
interface Failure {
  readonly code: string;
  readonly message: string;
  readonly retriable: boolean;
  /** The least wait before a retry, where the target asks for one. */
  readonly retryAfterMs?: number;
}

/**
 * AWS tells the limits (185 retries, 24 hours) and the manner (exponential, jitter), not the pace. This one spends its 185
 * retries in about as many hours as the limits allow together.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
 */
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 600_000;

const PRINCIPAL = 'events.amazonaws.com';

/** Brings events to targets: at least once, in no order, with retries and a dead-letter queue. */
export class Deliveries {
  private readonly recordMetric: MetricRecorder;

  constructor(private readonly world: World) {
    this.recordMetric = metricRecorder(world);
  }

  /** @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-event-delivery.html */
  start(event: EventEnvelope, rule: Rule, target: RuleTarget) {
    const { kernel, latency, faults } = this.world;
    const delivery: Delivery = { event, rule, target, receivedAt: kernel.now };
    const fault = faults.onDelivery({ kind: 'event', subject: `${rule.label}/${target.id}` });
    const delay = latency.sample('events.delivery') + (fault?.delayMs ?? 0);
    if (fault) this.trace(delivery, 'fault.delivery', { ...fault });
    for (const after of [0, ...(fault?.duplicatesAfterMs ?? [])]) {
      kernel.schedule(delay + after, () => void this.attempt(delivery, 0));
    }
  }

  /** Counts what happened to a rule, under the dimensions of its bus. @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html */
  metric(name: string, rule: Rule) {
    const EventBusName = rule.bus.name;
    const dimensions: Record<string, string> = EventBusName === 'default' ? { RuleName: rule.name } : { EventBusName, RuleName: rule.name };
    this.recordMetric({ namespace: 'AWS/Events', name, dimensions, value: 1, unit: 'Count' });
  }

  private async attempt(delivery: Delivery, retries: number) {
    const { world } = this;
    const { event, rule, target } = delivery;
    let payload: string;
    try {
      payload = target.transform({ event: { ...event }, ruleArn: rule.arn, ruleName: rule.name, ingestionTime: eventTime(delivery.receivedAt) });
    } catch (error: any) {
      return this.giveUp(delivery, { code: 'INVALID_JSON', message: String(error.message), retriable: false });
    }
    if (target.turn && !await target.turn(delivery.receivedAt + target.maximumEventAgeMs)) {
      const message = 'the rate limit of the API destination left no room for the event';
      return this.giveUp(delivery, { code: 'THROTTLING', message, retriable: true }, { retries, condition: 'MaximumEventAgeInSeconds' });
    }
    this.metric('Invocations', rule);
    if (target.roleArn && !world.iam.canAssume(PRINCIPAL, target.roleArn, rule.arn)) {
      return this.giveUp(delivery, { code: 'NO_PERMISSIONS', message: `${PRINCIPAL} may not assume ${target.roleArn}`, retriable: false });
    }
    try {
      await world.call({ ...target.call(payload, event), caller: this.caller(rule, target.roleArn) });
      this.trace(delivery, 'events.delivered', retries ? { retries } : {});
    } catch (error: any) {
      // Only errors that AWS would answer are failures of the delivery; the rest are failures of the simulation.
      if (error?.$fault === undefined) throw error;
      this.afterFailure(delivery, failureOf(error), retries);
    }
  }

  private afterFailure(delivery: Delivery, failure: Failure, retries: number) {
    const { kernel } = this.world;
    const { target, receivedAt } = delivery;
    if (!failure.retriable) return this.giveUp(delivery, failure);
    if (retries >= target.maximumRetryAttempts) return this.giveUp(delivery, failure, { retries, condition: 'MaximumRetryAttempts' });
    const full = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(retries, 20));
    const backoff = full / 2 + kernel.random.fork(`events/retry/${delivery.event.id}/${target.arn}/${retries}`).next() * full / 2;
    // "EventBridge chooses the more conservative value between the defined retry policy and the Retry-After header."
    const delay = Math.max(backoff, failure.retryAfterMs ?? 0);
    const left = receivedAt + target.maximumEventAgeMs - kernel.now;
    if (delay > left) {
      kernel.schedule(Math.max(0, left), () => this.giveUp(delivery, failure, { retries, condition: 'MaximumEventAgeInSeconds' }));
      return;
    }
    this.trace(delivery, 'events.retry', { retry: retries + 1, error: failure.code });
    kernel.schedule(delay, () => void this.attempt(delivery, retries + 1));
  }

  /**
   * Sends the original event to the target's dead-letter queue, or loses it. Missing permissions and missing targets come
   * here without a retry.
   * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
   */
  private giveUp(delivery: Delivery, failure: Failure, exhausted?: { retries: number; condition: string }) {
    const { rule, target } = delivery;
    this.metric('FailedInvocations', rule);
    this.trace(delivery, 'events.failed', { error: failure.code, message: failure.message, ...exhausted });
    if (target.deadLetterArn) void this.deadLetter(delivery, failure, exhausted);
    else this.trace(delivery, 'events.lost', { error: failure.code, because: 'the target has no dead-letter queue' });
  }

  private async deadLetter(delivery: Delivery, failure: Failure, exhausted?: { retries: number; condition: string }) {
    const { event, rule, target } = delivery;
    const attributes: Record<string, string> = {
      RULE_ARN: rule.arn,
      TARGET_ARN: target.arn,
      ERROR_CODE: failure.code,
      ERROR_MESSAGE: failure.message,
      ...(exhausted ? { EXHAUSTED_RETRY_CONDITION: exhausted.condition, RETRY_ATTEMPTS: String(exhausted.retries) } : {}),
    };
    const MessageAttributes = Object.fromEntries(
      Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]));
    const input = { QueueUrl: queueUrl(target.deadLetterArn!), MessageBody: JSON.stringify(event), MessageAttributes };
    for (let attempt = 1; ; attempt++) {
      try {
        await this.world.call({ service: 'sqs', operation: 'SendMessage', input, caller: this.caller(rule) });
        this.metric('InvocationsSentToDlq', rule);
        this.trace(delivery, 'events.dead-lettered', { error: failure.code });
        return;
      } catch (error: any) {
        if (error?.$fault === undefined) throw error;
        const { code, message, retriable } = failureOf(error);
        if (retriable && attempt < DEAD_LETTER_ATTEMPTS) {
          await this.world.kernel.sleep(FIRST_RETRY_MS * 2 ** attempt);
          continue;
        }
        this.metric('InvocationsFailedToBeSentToDlq', rule);
        this.trace(delivery, 'events.lost', { error: code, because: `the dead-letter queue did not take it: ${message}` });
        return;
      }
    }
  }

  /** EventBridge acts with the target's role, or as the service for the rule, which the target's resource policy must allow. */
  private caller(rule: Rule, roleArn?: string): Caller {
    return {
      name: `events:${rule.name}`,
      principal: roleArn ? { kind: 'role', arn: roleArn } : { kind: 'service', service: PRINCIPAL, sourceArn: rule.arn },
    };
  }

  private trace({ rule, target, event }: Delivery, what: string, detail: Record<string, unknown>) {
    this.world.trace.record({ at: this.world.kernel.now, subject: rule.label, event: what, detail: { target: target.id, id: event.id, ...detail } });
  }
}

/** EventBridge does not lose a dead letter to one throttled call. */
const DEAD_LETTER_ATTEMPTS = 5;

/** @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html (no retries for permissions and missing targets) */
function failureOf(error: {
  name?: string; message?: string; $fault?: string; retryable?: boolean; deliveryCode?: string; retryAfterMs?: number;
}): Failure {
  const name = String(error.name);
  const message = String(error.message);
  if (/AccessDenied|NotAuthorized|AuthorizationError/.test(name)) return { code: 'NO_PERMISSIONS', message, retriable: false };
  if (/NotFound|NonExistent|DoesNotExist/.test(name)) return { code: 'NO_RESOURCE', message, retriable: false };
  if (/Throttl|TooManyRequests|ThroughputExceeded|LimitExceeded/.test(name)) return { code: 'THROTTLING', message, retriable: true };
  if (error.$fault === 'server') return { code: 'INTERNAL_ERROR', message, retriable: true };
  const { deliveryCode: code = 'SDK_CLIENT_ERROR', retryable: retriable = false, retryAfterMs } = error;
  return { code, message, retriable, retryAfterMs };
}
