import { Simulation } from '../../src';
import type { CloudWatchService } from '../../src/services/cloudwatch';
import type { PipesService } from '../../src/services/pipes';
import { shopFile } from '../simulation/fixtures';
import { TABLE } from '../streams/stream-world';

const MINUTE = 60_000;
const arn = (id: string, attribute: string = 'Arn') => ({ 'Fn::GetAtt': [id, attribute] });
const role = (service: string, ...statements: object[]) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: service } }] },
    Policies: [{ PolicyName: 'p', PolicyDocument: { Statement: statements.map((statement) => ({ Effect: 'Allow', ...statement })) } }],
  },
});

const definition = {
  QueryLanguage: 'JSONata',
  StartAt: 'Describe',
  States: {
    Describe: {
      Type: 'Task',
      Resource: 'arn:aws:states:::aws-sdk:pipes:describePipe',
      Arguments: { Name: 'relay' },
      Assign: { notRunning: '{% $states.result.CurrentState = "RUNNING" ? 0 : 1 %}' },
      Catch: [{ ErrorEquals: ['Pipes.NotFoundException'], Assign: { notRunning: 1 }, Next: 'Tell' }],
      Next: 'Tell',
    },
    Tell: {
      Type: 'Task',
      Resource: 'arn:aws:states:::aws-sdk:cloudwatch:putMetricData',
      Arguments: {
        Namespace: 'Outbox',
        MetricData: [{ MetricName: 'NotRunning', Dimensions: [{ Name: 'service', Value: 'orders' }], Value: '{% $notRunning %}' }],
      },
      End: true,
    },
  },
};

/** A pipe, and an Express workflow that a rule starts every five minutes to tell whether the pipe runs. */
const watched = (allowedNamespace: string = 'Outbox', asked: object = definition) => ({
  Resources: {
    Table: { Type: 'AWS::DynamoDB::Table', Properties: TABLE },
    Orders: { Type: 'AWS::SQS::Queue' },
    PipeRole: role('pipes.amazonaws.com', { Action: 'dynamodb:*', Resource: '*' }, { Action: 'sqs:SendMessage', Resource: arn('Orders') }),
    Pipe: {
      Type: 'AWS::Pipes::Pipe',
      Properties: {
        Name: 'relay',
        RoleArn: arn('PipeRole'),
        Source: arn('Table', 'StreamArn'),
        SourceParameters: { DynamoDBStreamParameters: { StartingPosition: 'TRIM_HORIZON' } },
        Target: arn('Orders'),
      },
    },
    WatchRole: role('states.amazonaws.com', { Action: 'pipes:DescribePipe', Resource: arn('Pipe') }, {
      Action: 'cloudwatch:PutMetricData', Resource: '*', Condition: { StringEquals: { 'cloudwatch:namespace': allowedNamespace } },
    }),
    Watch: {
      Type: 'AWS::StepFunctions::StateMachine',
      Properties: { RoleArn: arn('WatchRole'), StateMachineType: 'EXPRESS', DefinitionString: JSON.stringify(asked) },
    },
    RuleRole: role('events.amazonaws.com', { Action: 'states:StartExecution', Resource: { Ref: 'Watch' } }),
    Every5: {
      Type: 'AWS::Events::Rule',
      Properties: { ScheduleExpression: 'rate(5 minutes)', Targets: [{ Id: 'Watch', Arn: { Ref: 'Watch' }, RoleArn: arn('RuleRole'), Input: '{}' }] },
    },
    Stopped: {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        AlarmName: 'stopped', Namespace: 'Outbox', MetricName: 'NotRunning', Dimensions: [{ Name: 'service', Value: 'orders' }], Statistic: 'Maximum', Period: 300,
        EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: 'GreaterThanOrEqualToThreshold', TreatMissingData: 'breaching',
      },
    },
  },
});

function load(template: object) {
  const simulation = Simulation.load(shopFile(template));
  const { alarms, metrics } = simulation.world.service<CloudWatchService>('cloudwatch');
  return {
    simulation,
    pipes: simulation.world.service<PipesService>('pipes'),
    minutes: (count: number) => simulation.run({ deadline: simulation.world.kernel.now + count * MINUTE }),
    alarm: () => alarms.state('stopped'),
    told: (statistic?: string) => metrics.total({ namespace: 'Outbox', name: 'NotRunning', dimensions: { service: 'orders' } }, statistic),
  };
}

describe('a workflow that watches a pipe', () => {
  it('tells every five minutes that it runs, with no more than its permissions', async () => {
    const { simulation, minutes, alarm, told } = load(watched());
    await minutes(21);
    expect([told('SampleCount'), told()]).toEqual([4, 0]);
    expect(alarm()).toBe('OK');
    const { denials, unusedGrants, lost } = simulation.report();
    expect({ denials, lost }).toEqual({ denials: [], lost: [] });
    expect(unusedGrants.filter(({ name }) => /Watch|Rule/.test(name))).toEqual([]);
  });

  it('raises the alarm of a pipe that AWS has disabled, and lets it go when the pipe is started', async () => {
    const { simulation, pipes, minutes, alarm } = load(watched());
    await minutes(11);
    pipes.disable('relay', 'too many client errors');
    await minutes(10);
    expect(alarm()).toBe('ALARM');
    const caller = { name: 'operator', principal: { kind: 'operator' } } as const;
    void simulation.world.call({ service: 'pipes', operation: 'StartPipe', input: { Name: 'relay' }, caller });
    await minutes(10);
    expect(alarm()).toBe('OK');
  });

  it('catches that the pipe does not exist', async () => {
    const gone = JSON.parse(JSON.stringify(definition).replace('"relay"', '"gone"'));
    const template = watched('Outbox', gone);
    (template.Resources.WatchRole.Properties.Policies[0].PolicyDocument.Statement[0] as any).Resource = '*';
    const { minutes, told } = load(template);
    await minutes(6);
    expect(told()).toBe(1);
  });

  it('may not write metrics of another namespace', async () => {
    const { simulation, minutes, told, alarm } = load(watched('Elsewhere'));
    await minutes(6);
    expect(told()).toBeUndefined();
    expect(simulation.report().denials).toEqual([expect.objectContaining({ action: 'cloudwatch:PutMetricData', name: 'WatchRole' })]);
    expect(alarm()).toBe('ALARM');
  });
});
