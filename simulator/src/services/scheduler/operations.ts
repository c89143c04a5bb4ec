import type { Schedule } from './schedule';
import type { Schedules } from './schedules';
import type { AccessRequest } from '../../iam/principal';
import { type Operation, ServiceError, type World } from '../../service';

/** https://docs.aws.amazon.com/scheduler/latest/APIReference/API_Operations.html */
export function schedulerOperations(world: World, schedules: Schedules): Record<string, Operation> {
  const arn = (kind: string, rest: string) => `arn:aws:scheduler:${world.region}:${world.account}:${kind}/${rest}`;
  const onSchedule = (action: string) => (input: any): AccessRequest[] => [
    { action: `scheduler:${action}`, resource: arn('schedule', `${input?.GroupName ?? 'default'}/${input?.Name}`) },
  ];
  const onGroup = (action: string) => (input: any): AccessRequest[] => [{ action: `scheduler:${action}`, resource: arn('schedule-group', String(input?.Name)) }];
  // https://docs.aws.amazon.com/scheduler/latest/UserGuide/security_iam_id-based-policies.html
  const passing = (action: string) => (input: any): AccessRequest[] => [
    ...onSchedule(action)(input),
    { action: 'iam:PassRole', resource: String(input?.Target?.RoleArn), context: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
  ];
  const group = (input: any): string => input?.GroupName ?? 'default';

  return {
    CreateSchedule: {
      access: passing('CreateSchedule'),
      handle: ({ ClientToken: clientToken, ...properties }) => ({ ScheduleArn: valid(() => schedules.create(properties, { clientToken })).arn }),
    },
    UpdateSchedule: {
      access: passing('UpdateSchedule'),
      handle: ({ ClientToken: _, ...properties }) => ({ ScheduleArn: valid(() => schedules.update(properties)).arn }),
    },
    GetSchedule: { access: onSchedule('GetSchedule'), readOnly: true, handle: (input) => describe(schedules.get(group(input), input?.Name)) },
    DeleteSchedule: {
      access: onSchedule('DeleteSchedule'),
      handle: (input) => {
        schedules.delete(group(input), input?.Name);
        return {};
      },
    },
    ListSchedules: {
      access: () => [{ action: 'scheduler:ListSchedules', resource: '*' }],
      readOnly: true,
      handle: (input) => {
        const found = schedules.list(input?.GroupName).filter(({ name }) => name.startsWith(input?.NamePrefix ?? ''));
        return { Schedules: found.map(({ arn: Arn, name: Name, group: GroupName, enabled }) => ({ Arn, Name, GroupName, State: enabled ? 'ENABLED' : 'DISABLED' })) };
      },
    },
    CreateScheduleGroup: {
      access: onGroup('CreateScheduleGroup'),
      handle: (input) => {
        schedules.createGroup(String(input?.Name));
        return { ScheduleGroupArn: arn('schedule-group', input.Name) };
      },
    },
    GetScheduleGroup: {
      access: onGroup('GetScheduleGroup'),
      readOnly: true,
      handle: (input) => {
        if (!schedules.hasGroup(input?.Name)) throw new ServiceError('ResourceNotFoundException', `Schedule group ${input?.Name} does not exist.`);
        return { Arn: arn('schedule-group', input.Name), Name: input.Name, State: 'ACTIVE' };
      },
    },
    DeleteScheduleGroup: {
      access: onGroup('DeleteScheduleGroup'),
      handle: (input) => {
        schedules.deleteGroup(input?.Name);
        return {};
      },
    },
  };
}

function describe({ properties, arn, group, createdAt, changedAt, enabled, deletedAfterwards }: Schedule) {
  return {
    ActionAfterCompletion: deletedAfterwards ? 'DELETE' : 'NONE',
    ScheduleExpressionTimezone: 'UTC',
    ...properties,
    Arn: arn,
    GroupName: group,
    State: enabled ? 'ENABLED' : 'DISABLED',
    CreationDate: new Date(createdAt),
    LastModificationDate: new Date(changedAt),
  };
}

/** What is wrong with a request is the caller's fault; what is not simulated is nobody's. */
function valid<T>(work: () => T): T {
  try {
    return work();
  } catch (error: any) {
    if (error?.$fault !== undefined || /not simulated/.test(error?.message)) throw error;
    throw new ServiceError('ValidationException', error.message);
  }
}
