import { parseRecurrence, type Recurrence } from './expression';
import { compileTarget, type ScheduleTarget, type TargetProperties } from './target';

/** What CreateSchedule takes. https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html */
export interface ScheduleProperties {
  readonly Name: string;
  readonly GroupName?: string;
  readonly ScheduleExpression: string;
  readonly ScheduleExpressionTimezone?: string;
  readonly FlexibleTimeWindow: { readonly Mode: string; readonly MaximumWindowInMinutes?: number | string };
  readonly StartDate?: unknown;
  readonly EndDate?: unknown;
  readonly State?: string;
  readonly ActionAfterCompletion?: string;
  readonly Description?: string;
  readonly Target: TargetProperties;
}

export interface Schedule {
  readonly properties: ScheduleProperties;
  readonly name: string;
  readonly group: string;
  readonly arn: string;
  readonly groupArn: string;
  readonly createdAt: number;
  readonly changedAt: number;
  readonly clientToken?: string;
  readonly recurrence: Recurrence;
  readonly from: number;
  readonly until: number;
  readonly windowMs: number;
  readonly enabled: boolean;
  readonly deletedAfterwards: boolean;
  readonly target: ScheduleTarget;
  /** In traces. */
  readonly label: string;
}

const FIELDS = [
  'Name', 'GroupName', 'ScheduleExpression', 'ScheduleExpressionTimezone', 'FlexibleTimeWindow', 'StartDate', 'EndDate', 'State', 'ActionAfterCompletion',
  'Description', 'Target', 'ClientToken', 'KmsKeyArn',
];
const NAME = /^[0-9a-zA-Z-_.]{1,64}$/;
const LONGEST_WINDOW_MINUTES = 1_440;

/** Checks what a schedule is to be; throws a sentence naming what is wrong or not simulated. */
export function compileSchedule(properties: ScheduleProperties, place: { account: string; region: string }, now: number, label?: string): Omit<Schedule, 'createdAt' | 'clientToken'> {
  const unknown = Object.keys(properties).find((field) => !FIELDS.includes(field));
  if (unknown) throw new Error(`${unknown} is not simulated; simulated: ${FIELDS.join(', ')}`);
  const { Name: name, GroupName: group = 'default', ScheduleExpressionTimezone: zone = 'UTC', State = 'ENABLED', ActionAfterCompletion = 'NONE' } = properties;
  if (!NAME.test(String(name))) throw new Error(`Name is ${JSON.stringify(name)}; it has 1 to 64 letters, digits and - _ .`);
  if (State !== 'ENABLED' && State !== 'DISABLED') throw new Error(`State is '${State}'; allowed: ENABLED, DISABLED`);
  if (ActionAfterCompletion !== 'NONE' && ActionAfterCompletion !== 'DELETE') throw new Error(`ActionAfterCompletion is '${ActionAfterCompletion}'; allowed: NONE, DELETE`);
  if (typeof properties.ScheduleExpression !== 'string') throw new Error('ScheduleExpression is required');
  if (typeof properties.Target !== 'object') throw new Error('Target is required');
  const start = dateOf('StartDate', properties.StartDate);
  const end = dateOf('EndDate', properties.EndDate);
  const recurrence = parseRecurrence(properties.ScheduleExpression, zone, start ?? now);
  const groupArn = `arn:aws:scheduler:${place.region}:${place.account}:schedule-group/${group}`;
  return {
    properties,
    name,
    group,
    arn: `arn:aws:scheduler:${place.region}:${place.account}:schedule/${group}/${name}`,
    groupArn,
    changedAt: now,
    recurrence,
    // "For one-time schedules, EventBridge Scheduler ignores StartDate" and EndDate.
    from: recurrence.once ? now : Math.max(now, start ?? now),
    until: recurrence.once ? Infinity : end ?? Infinity,
    windowMs: windowOf(properties.FlexibleTimeWindow),
    enabled: State === 'ENABLED',
    deletedAfterwards: ActionAfterCompletion === 'DELETE',
    target: compileTarget(properties.Target),
    label: label ?? `schedule ${name}`,
  };
}

/** https://docs.aws.amazon.com/scheduler/latest/APIReference/API_FlexibleTimeWindow.html */
function windowOf(window: ScheduleProperties['FlexibleTimeWindow'] | undefined): number {
  if (window?.Mode === 'OFF') return 0;
  if (window?.Mode !== 'FLEXIBLE') throw new Error(`FlexibleTimeWindow.Mode is ${JSON.stringify(window?.Mode)}; allowed: OFF, FLEXIBLE`);
  const minutes = Number(window.MaximumWindowInMinutes);
  if (!(Number.isInteger(minutes) && minutes >= 1 && minutes <= LONGEST_WINDOW_MINUTES)) {
    throw new Error(`FlexibleTimeWindow.MaximumWindowInMinutes is ${window.MaximumWindowInMinutes}; allowed: 1 to ${LONGEST_WINDOW_MINUTES}`);
  }
  return minutes * 60_000;
}

/** A date of any realm, text, or seconds since 1970. */
function dateOf(field: string, value: any): number | undefined {
  if (value === undefined || value === null) return undefined;
  const milliseconds = typeof value === 'number' ? value * 1000 : typeof value === 'string' ? Date.parse(value) : Number(value.getTime());
  if (!Number.isFinite(milliseconds)) throw new Error(`${field} is no timestamp: ${JSON.stringify(value)}`);
  return milliseconds;
}
