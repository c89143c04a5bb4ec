import type { Schedules } from './schedules';
import { readableName } from '../../cloudformation/readable-name';
import type { PropertySchema, ResourceProvider } from '../../cloudformation/resource-provider';
import type { World } from '../../service';

const TARGET: PropertySchema = {
  Arn: true,
  RoleArn: true,
  Input: true,
  RetryPolicy: { MaximumRetryAttempts: true, MaximumEventAgeInSeconds: true },
  DeadLetterConfig: { Arn: true },
  EventBridgeParameters: { DetailType: true, Source: true },
  SqsParameters: { MessageGroupId: true },
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-scheduler-schedule.html */
export function scheduleProvider(schedules: Schedules): ResourceProvider {
  return {
    type: 'AWS::Scheduler::Schedule',
    properties: {
      Name: true,
      GroupName: true,
      Description: 'inert',
      ScheduleExpression: true,
      ScheduleExpressionTimezone: true,
      FlexibleTimeWindow: { Mode: true, MaximumWindowInMinutes: true },
      StartDate: true,
      EndDate: true,
      State: true,
      KmsKeyArn: 'inert',
      Target: TARGET,
    },
    create: (resource) => {
      const { properties, path } = resource;
      const label = readableName(path);
      try {
        const { name, arn } = schedules.create({ ...properties, Name: properties.Name ?? resource.generatedName(64) }, { label });
        return { ref: name, attributes: { Arn: arn } };
      } catch (error: any) {
        throw new Error(`${label}: ${error.message}`);
      }
    },
  };
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-scheduler-schedulegroup.html */
export function scheduleGroupProvider(world: World, schedules: Schedules): ResourceProvider {
  return {
    type: 'AWS::Scheduler::ScheduleGroup',
    properties: { Name: true, Tags: 'inert' },
    create: (resource) => {
      const { properties } = resource;
      const name: string = properties.Name ?? resource.generatedName(64);
      schedules.createGroup(name);
      const created = new Date(world.kernel.now).toISOString();
      const Arn = `arn:aws:scheduler:${world.region}:${world.account}:schedule-group/${name}`;
      return { ref: name, attributes: { Arn, State: 'ACTIVE', CreationDate: created, LastModificationDate: created } };
    },
  };
}
