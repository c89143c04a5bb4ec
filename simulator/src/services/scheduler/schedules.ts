import { Deliveries, SCHEDULER_PRINCIPAL } from './delivery';
import { compileSchedule, type Schedule, type ScheduleProperties } from './schedule';
import { ServiceError, type World } from '../../service';

/** "EventBridge Scheduler has 60 second precision": a target is invoked within the minute. https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html */
const PRECISION_MS = 60_000;

interface Entry {
  readonly schedule: Schedule;
  timer?: { cancel(): void };
}

/** All schedules in their groups, and their timers. */
export class Schedules {
  private readonly groups = new Map<string, Map<string, Entry>>([['default', new Map()]]);
  private readonly deliveries: Deliveries;
  private readonly random;

  constructor(private readonly world: World) {
    this.deliveries = new Deliveries(world);
    this.random = world.kernel.random.fork('scheduler/precision');
  }

  createGroup(name: string) {
    if (this.groups.has(name)) throw new ServiceError('ConflictException', `Schedule group ${name} already exists.`);
    this.groups.set(name, new Map());
  }

  /** With all its schedules. */
  deleteGroup(name: string) {
    if (name === 'default') throw new ServiceError('ValidationException', 'The default schedule group cannot be deleted.');
    for (const entry of this.group(name).values()) entry.timer?.cancel();
    this.groups.delete(name);
  }

  hasGroup(name: string): boolean {
    return this.groups.has(name);
  }

  create(properties: ScheduleProperties, options: { label?: string; clientToken?: string } = {}): Schedule {
    const { now } = this.world.kernel;
    const { label, clientToken } = options;
    const compiled = compileSchedule(properties, this.world, now, label);
    const group = this.group(compiled.group);
    const known = group.get(compiled.name)?.schedule;
    if (known && clientToken !== undefined && known.clientToken === clientToken) return known;
    if (known) throw new ServiceError('ConflictException', `Schedule ${compiled.name} already exists.`);
    return this.put({ ...compiled, createdAt: now, clientToken });
  }

  /** "UpdateSchedule uses all values, including empty values, that you specify in the request and overrides the existing schedule." */
  update(properties: ScheduleProperties): Schedule {
    const compiled = compileSchedule(properties, this.world, this.world.kernel.now);
    const { schedule, timer } = this.entry(compiled.group, compiled.name);
    timer?.cancel();
    return this.put({ ...compiled, createdAt: schedule.createdAt, clientToken: schedule.clientToken, label: schedule.label });
  }

  get(group: string, name: string): Schedule {
    return this.entry(group, name).schedule;
  }

  delete(group: string, name: string) {
    this.entry(group, name).timer?.cancel();
    this.groups.get(group)!.delete(name);
  }

  list(group?: string): Schedule[] {
    const groups = group === undefined ? [...this.groups.values()] : [this.group(group)];
    return groups.flatMap((entries) => [...entries.values()].map(({ schedule }) => schedule));
  }

  /** Creating a schedule needs a role that EventBridge Scheduler may assume. https://docs.aws.amazon.com/scheduler/latest/UserGuide/setting-up.html */
  private put(schedule: Schedule): Schedule {
    const { roleArn } = schedule.target;
    if (!this.world.iam.canAssume(SCHEDULER_PRINCIPAL, roleArn, schedule.groupArn)) {
      throw new ServiceError('ValidationException', `The execution role you provide must allow AWS EventBridge Scheduler to assume the role: ${roleArn}`);
    }
    const entry: Entry = { schedule };
    this.groups.get(schedule.group)!.set(schedule.name, entry);
    // A rate begins at once, an `at` or `cron` strictly later.
    this.expect(entry, schedule.from - 1);
    return schedule;
  }

  /** Schedules go on for ever, so they never keep a run from being quiet. */
  private expect(entry: Entry, after: number) {
    const { kernel } = this.world;
    const { schedule } = entry;
    const due = schedule.enabled ? schedule.recurrence.next(after) : undefined;
    if (due === undefined || due > schedule.until) {
      if (schedule.enabled && schedule.deletedAfterwards) this.forget(entry);
      return;
    }
    const within = this.random.integer(0, (schedule.windowMs || PRECISION_MS) - 1);
    entry.timer = kernel.schedule(Math.max(0, due + within - kernel.now), () => {
      const delivered = this.deliveries.deliver(schedule, due);
      if (!schedule.recurrence.once) return this.expect(entry, due);
      // Deleted when it has invoked its target, or has given up.
      void delivered.then(() => this.expect(entry, due));
    }, { background: true });
  }

  private forget(entry: Entry) {
    const { schedule } = entry;
    const group = this.groups.get(schedule.group);
    if (group?.get(schedule.name) !== entry) return;
    group.delete(schedule.name);
    this.world.trace.record({ at: this.world.kernel.now, subject: schedule.label, event: 'scheduler.completed', detail: {} });
  }

  private group(name: string): Map<string, Entry> {
    const group = this.groups.get(name);
    if (!group) throw new ServiceError('ResourceNotFoundException', `Schedule group ${name} does not exist.`);
    return group;
  }

  private entry(group: string, name: string): Entry {
    const entry = this.group(group).get(name);
    if (!entry) throw new ServiceError('ResourceNotFoundException', `Schedule ${name} does not exist.`);
    return entry;
  }
}
