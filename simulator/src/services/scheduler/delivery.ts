import type { Schedule } from './schedule';
import type { Caller, World } from '../../service';
import { metricRecorder, type MetricRecorder } from '../cloudwatch/metric';
import { queueUrl } from '../events/target';

export const SCHEDULER_PRINCIPAL = 'scheduler.amazonaws.com';
/** AWS tells "exponential backoff with jitter", not the pace: this one spends 185 retries in about 24 hours. */
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 600_000;
const DEAD_LETTER_ATTEMPTS = 5;

interface Invocation {
  readonly schedule: Schedule;
  readonly scheduledTime: number;
  readonly startedAt: number;
  readonly executionId: string;
}

/**
 * Invokes targets: at least once, with retries and a dead-letter queue.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule.html
 */
export class Deliveries {
  private readonly recordMetric: MetricRecorder;
  private readonly random;

  constructor(private readonly world: World) {
    this.recordMetric = metricRecorder(world);
    this.random = world.kernel.random.fork('scheduler/deliveries');
  }

  /** Resolves when the target has been invoked or was given up. */
  async deliver(schedule: Schedule, scheduledTime: number): Promise<void> {
    const { kernel, faults } = this.world;
    const invocation: Invocation = { schedule, scheduledTime, startedAt: kernel.now, executionId: this.random.uuid() };
    const fault = faults.onDelivery({ kind: 'event', subject: schedule.label });
    if (fault) this.trace(invocation, 'fault.delivery', { ...fault });
    await kernel.sleep(fault?.delayMs ?? 0);
    const copies = (fault?.duplicatesAfterMs ?? []).map(async (after) => {
      await kernel.sleep(after);
      await this.invoke(invocation);
    });
    await Promise.all([this.invoke(invocation), ...copies]);
  }

  private async invoke(invocation: Invocation) {
    const { world, random } = this;
    const { target, groupArn } = invocation.schedule;
    for (let retries = 0; ; retries++) {
      let failure: Failure;
      this.metric(invocation, 'InvocationAttemptCount');
      if (!world.iam.canAssume(SCHEDULER_PRINCIPAL, target.roleArn, groupArn)) {
        failure = { name: 'AccessDeniedException', message: `${SCHEDULER_PRINCIPAL} may not assume ${target.roleArn}`, retriable: false };
      } else {
        try {
          const answer = await world.call({ ...target.call(inputOf(invocation, retries, world)), caller: this.caller(invocation) });
          const refused = answer?.Entries?.find((entry: any) => entry.ErrorCode);
          if (!refused) return this.trace(invocation, 'scheduler.delivered', retries ? { retries } : {});
          failure = { name: refused.ErrorCode, message: refused.ErrorMessage, retriable: /Internal|Throttl/.test(refused.ErrorCode) };
        } catch (error: any) {
          // Only errors that AWS would answer are failures of the delivery; the rest are failures of the simulation.
          if (error?.$fault === undefined) throw error;
          failure = failureOf(error);
        }
      }
      this.metric(invocation, /Throttl|TooManyRequests/.test(failure.name) ? 'TargetErrorThrottledCount' : 'TargetErrorCount');
      // Assumed: what cannot go better, such as a missing permission, is not tried again.
      if (!failure.retriable) return this.giveUp(invocation, failure, { retries });
      if (retries >= target.maximumRetryAttempts) return this.giveUp(invocation, failure, { retries, condition: 'MaximumRetryAttempts' });
      const full = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(retries, 20));
      const delay = full / 2 + random.next() * full / 2;
      const left = invocation.startedAt + target.maximumEventAgeMs - world.kernel.now;
      await world.kernel.sleep(Math.max(0, Math.min(delay, left)));
      if (delay > left) return this.giveUp(invocation, failure, { retries, condition: 'MaximumEventAgeInSeconds' });
    }
  }

  /** https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html: the execution role needs sqs:SendMessage. */
  private async giveUp(invocation: Invocation, failure: Failure, { retries, condition }: { retries: number; condition?: string }) {
    const { schedule: { target, arn }, executionId, scheduledTime } = invocation;
    this.trace(invocation, 'scheduler.failed', { error: failure.name, message: failure.message, retries, ...(condition && { condition }) });
    if (target.deadLetterArn === undefined) {
      this.metric(invocation, 'InvocationDroppedCount');
      return this.trace(invocation, 'scheduler.lost', { error: failure.name, because: 'the schedule has no dead-letter queue' });
    }
    const attributes: Record<string, string> = {
      ERROR_CODE: failure.name,
      ERROR_MESSAGE: failure.message,
      EXECUTION_ID: executionId,
      ...(condition && { EXHAUSTED_RETRY_CONDITION: condition }),
      RETRY_ATTEMPTS: String(retries),
      SCHEDULED_TIME: isoSeconds(scheduledTime),
      SCHEDULE_ARN: arn,
      TARGET_ARN: target.arn,
    };
    const MessageAttributes = Object.fromEntries(Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]));
    const input = { QueueUrl: queueUrl(target.deadLetterArn), MessageBody: inputOf(invocation, retries, this.world), MessageAttributes };
    for (let attempt = 1; ; attempt++) {
      try {
        await this.world.call({ service: 'sqs', operation: 'SendMessage', input, caller: this.caller(invocation) });
        this.metric(invocation, 'InvocationsSentToDeadLetterCount');
        return this.trace(invocation, 'scheduler.dead-lettered', { error: failure.name });
      } catch (error: any) {
        if (error?.$fault === undefined) throw error;
        if (error.retryable && attempt < DEAD_LETTER_ATTEMPTS) {
          await this.world.kernel.sleep(FIRST_RETRY_MS * 2 ** attempt);
          continue;
        }
        this.metric(invocation, 'InvocationsFailedToBeSentToDeadLetterCount');
        return this.trace(invocation, 'scheduler.lost', { error: error.name, because: `the dead-letter queue did not take it: ${error.message}` });
      }
    }
  }

  private caller({ schedule }: Invocation): Caller {
    return { name: schedule.label, principal: { kind: 'role', arn: schedule.target.roleArn } };
  }

  /** https://docs.aws.amazon.com/scheduler/latest/UserGuide/monitoring-cloudwatch.html */
  private metric({ schedule }: Invocation, name: string) {
    this.recordMetric({ namespace: 'AWS/Scheduler', name, dimensions: { ScheduleGroup: schedule.group }, value: 1, unit: 'Count' });
  }

  private trace({ schedule, executionId }: Invocation, event: string, detail: Record<string, unknown>) {
    this.world.trace.record({ at: this.world.kernel.now, subject: schedule.label, event, detail: { id: executionId, ...detail } });
  }
}

interface Failure {
  readonly name: string;
  readonly message: string;
  readonly retriable: boolean;
}

function failureOf(error: any): Failure {
  const name = String(error.name);
  const retriable = Boolean(error.retryable) || error.$fault === 'server' || /Throttl|TooManyRequests|ThroughputExceeded|LimitExceeded/.test(name);
  return { name, message: String(error.message), retriable };
}

/** Context attributes stand in the input as text: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html */
function inputOf({ schedule, executionId, scheduledTime }: Invocation, retries: number, world: World): string {
  const values: Record<string, string> = {
    'schedule-arn': schedule.arn,
    'scheduled-time': isoSeconds(scheduledTime),
    'execution-id': executionId,
    'attempt-number': String(retries + 1),
  };
  const { input } = schedule.target;
  if (input !== undefined) return input.replace(/<aws\.scheduler\.([a-z-]+)>/g, (whole, name: string) => values[name] ?? whole);
  // "If you do not specify anything for this field, EventBridge Scheduler delivers a default notification to the target."
  const { account, region } = world;
  return JSON.stringify({
    'version': '0', 'id': executionId, 'detail-type': 'Scheduled Event', 'source': 'aws.scheduler', account, 'time': isoSeconds(scheduledTime), region,
    'resources': [schedule.arn], 'detail': '{}',
  });
}

function isoSeconds(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}
