import { ServiceError } from '../../src/service';
import { type CloudWatchService, cloudWatchService } from '../../src/services/cloudwatch';
import { schedulerService } from '../../src/services/scheduler';
import { statesService } from '../../src/services/stepfunctions';
import { type FakeCall, fakeService, LambdaWorld, ROLE } from '../lambda/lambda-world';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const START = Date.UTC(2026, 0, 1);
export const arnOf = (service: string, resource: string) => `arn:aws:${service}:us-east-1:123456789012:${resource}`;
export const QUEUE = arnOf('sqs', 'inbox');
export const DLQ = arnOf('sqs', 'dead');
export const OFF = { FlexibleTimeWindow: { Mode: 'OFF' } };

export type Answer = (call: FakeCall, earlier: number) => void;

/** A world with schedules, and targets that remember what they were called with. */
export class SchedulerWorld extends LambdaWorld {
  readonly sent: FakeCall[];
  readonly put: FakeCall[];

  constructor(answer: Answer = () => {}) {
    const sent: FakeCall[] = [];
    const put: FakeCall[] = [];
    const SendMessage = () => {
      answer(sent[sent.length - 1], sent.length - 1);
      return { MessageId: 'm' };
    };
    const events = fakeService('events', { PutEvents: () => ({ FailedEntryCount: 0, Entries: [{ EventId: 'x' }] }) }, put);
    super({
      services: [
        fakeService('sqs', { SendMessage }, sent), cloudWatchService, (world) => Object.assign(events(world), { publishServiceEvent: () => {} }),
        schedulerService, statesService,
      ],
    });
    this.sent = sent;
    this.put = put;
  }

  schedule(properties: object, target: object = {}) {
    return this.answer('CreateSchedule', { Name: 's', ...OFF, ...properties, Target: { Arn: QUEUE, RoleArn: ROLE, Input: 'tick', ...target } });
  }

  run(ms: number) {
    return this.world.kernel.run({ deadline: this.world.kernel.now + ms });
  }

  /** Makes a call and lets the world go on until it is answered. */
  async answer(operation: string, input: object, service: string = 'scheduler'): Promise<any> {
    let outcome: { value?: any; error?: any } | undefined;
    this.call(service, operation, input).then((value) => { outcome = { value }; }, (error) => { outcome = { error }; });
    await this.world.kernel.run({ until: () => outcome !== undefined });
    if (outcome!.error) throw outcome!.error;
    return outcome!.value;
  }

  events(event: string) {
    return this.world.trace.entries.filter((entry) => entry.event === event);
  }

  metric(name: string): number | undefined {
    return this.world.service<CloudWatchService>('cloudwatch').metrics.total({ namespace: 'AWS/Scheduler', name, dimensions: { ScheduleGroup: 'default' } });
  }

  /** When the target was called, in minutes since the start, rounded down. */
  minutes(): number[] {
    return this.sent.map(({ at }) => Math.floor((at - START) / MINUTE));
  }
}

export function refuse(name: string, options: { retryable?: boolean; fault?: 'client' | 'server' } = {}): never {
  throw new ServiceError(name, 'refused', options);
}
