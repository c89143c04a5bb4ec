import type { EventsService } from './events-service';
import { readableName } from '../../cloudformation/readable-name';
import type { PropertySchema, ResourceInstance, ResourceProvider } from '../../cloudformation/resource-provider';
import type { PolicyStatement } from '../../iam/iam';

const TARGET: PropertySchema = {
  Id: true,
  Arn: true,
  RoleArn: true,
  Input: true,
  InputPath: true,
  InputTransformer: { InputPathsMap: true, InputTemplate: true },
  SqsParameters: { MessageGroupId: true },
  HttpParameters: { PathParameterValues: true, HeaderParameters: { '*': true }, QueryStringParameters: { '*': true } },
  RetryPolicy: { MaximumRetryAttempts: true, MaximumEventAgeInSeconds: true },
  DeadLetterConfig: { Arn: true },
};

export function eventsResources(events: EventsService): ResourceProvider[] {
  return [bus(events), rule(events), busPolicy(events), events.connections.provider, events.apiDestinations.provider];
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-eventbus.html */
function bus(events: EventsService): ResourceProvider {
  return {
    type: 'AWS::Events::EventBus',
    // The bus's own dead-letter queue takes only events that fail to be encrypted, and there is no KMS here.
    properties: { Name: true, Policy: true, Description: 'inert', KmsKeyIdentifier: 'inert', DeadLetterConfig: 'inert', LogConfig: 'inert', Tags: 'inert' },
    create: ({ properties }) => {
      const { name, arn } = events.createBus(properties.Name);
      if (properties.Policy) events.allow(name, properties.Policy);
      return { ref: name, attributes: { Arn: arn, Name: name } };
    },
  };
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-rule.html */
function rule(events: EventsService): ResourceProvider {
  return {
    type: 'AWS::Events::Rule',
    properties: {
      Name: true,
      Description: 'inert',
      EventBusName: true,
      EventPattern: true,
      ScheduleExpression: true,
      State: true,
      RoleArn: 'inert',
      Targets: [TARGET],
      Tags: 'inert',
    },
    create: (resource: ResourceInstance) => {
      const { properties, path } = resource;
      const created = events.createRule({ ...properties, Name: properties.Name ?? resource.generatedName(64) }, readableName(path));
      const ref = created.bus.name === 'default' ? created.name : `${created.bus.name}|${created.name}`;
      return { ref, attributes: { Arn: created.arn } };
    },
  };
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-eventbuspolicy.html */
function busPolicy(events: EventsService): ResourceProvider {
  return {
    type: 'AWS::Events::EventBusPolicy',
    properties: { StatementId: true, EventBusName: true, Statement: true, Action: true, Principal: true, Condition: 'inert' },
    create: ({ properties }) => {
      const { StatementId, EventBusName = 'default', Statement, Action, Principal } = properties;
      const statement: PolicyStatement = Statement
        ?? { Sid: StatementId, Effect: 'Allow', Action, Principal: Principal === '*' ? '*' : { AWS: Principal }, Resource: events.busArn(EventBusName) };
      events.allow(EventBusName, { Version: '2012-10-17', Statement: [statement] });
      return { ref: StatementId };
    },
  };
}
