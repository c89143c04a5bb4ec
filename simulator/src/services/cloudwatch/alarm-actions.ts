import type { AlarmStateValue } from './alarm-evaluation';
import { alarmMessage, alarmSubject } from './alarm-notification';
import type { Alarm } from './alarms';
import type { Caller, World } from '../../service';

const ATTEMPTS = 3;
const RETRY_MS = 1_000;

/**
 * What alarms do when their state changes: they publish on topics. Other actions cannot be taken here, and none is silently left out.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html
 */
export class AlarmActions {
  constructor(private readonly world: World) {}

  take(action: string, alarm: Alarm, previous: AlarmStateValue) {
    if (action.split(':')[2] === 'sns' && this.hasTopics()) void this.publish(action, alarm, previous);
    else this.trace(alarm, 'cloudwatch.action-not-delivered', { action });
  }

  private async publish(action: string, alarm: Alarm, previous: AlarmStateValue) {
    const { account, region, kernel } = this.world;
    const place = { account, region, now: kernel.now };
    const input = { TopicArn: action, Subject: alarmSubject(alarm, place), Message: JSON.stringify(alarmMessage(alarm, previous, place)) };
    const caller: Caller = { name: alarm.path, principal: { kind: 'service', service: 'cloudwatch.amazonaws.com', sourceArn: alarm.arn } };
    for (let attempt = 1; ; attempt++) {
      try {
        await this.world.call({ service: 'sns', operation: 'Publish', input, caller });
        return;
      } catch (error: any) {
        if (error?.$fault === undefined) throw error;
        if (!error.retryable || attempt === ATTEMPTS) return this.trace(alarm, 'cloudwatch.action-failed', { action, error: error.name });
        await kernel.sleep(RETRY_MS * attempt);
      }
    }
  }

  /** A world may do without SNS. */
  private hasTopics(): boolean {
    try {
      return this.world.service('sns').operations.Publish !== undefined;
    } catch {
      return false;
    }
  }

  private trace(alarm: Alarm, event: string, detail: Record<string, unknown>) {
    this.world.trace.record({ at: this.world.kernel.now, subject: alarm.path, event, detail });
  }
}
