import { mkdtempSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import {
  App, aws_dynamodb as dynamodb, aws_events as events, aws_events_targets as targets, aws_iam as iam, aws_scheduler as scheduler,
  aws_scheduler_targets as invoke, aws_sqs as sqs, aws_stepfunctions as sfn, Duration, Stack, TimeZone,
} from 'aws-cdk-lib';
import { Simulation } from '../../src/simulation';

process.env.CDK_VALIDATION = 'false';
const HOUR = 3600_000;
const OPERATOR = { name: 'operator', principal: { kind: 'operator' } } as const;
let outdir: string;

/** Claims an id, and stops at the second claim; asks somebody and waits; sets a deadline and calls it off. */
const definition = (table: string, queue: string, schedule: string, deadlineTarget: string, role: string) => ({
  QueryLanguage: 'JSONata',
  StartAt: 'Claim',
  States: {
    Claim: {
      Type: 'Task',
      Resource: 'arn:aws:states:::dynamodb:putItem',
      Arguments: { TableName: table, Item: { id: { S: '{% $states.input.id %}' } }, ConditionExpression: 'attribute_not_exists(id)' },
      Output: '{% $states.input %}',
      Catch: [{ ErrorEquals: ['DynamoDB.ConditionalCheckFailedException'], Output: '{% $states.input %}', Next: 'ClaimedAlready' }],
      Next: 'SetDeadline',
    },
    ClaimedAlready: {
      Type: 'Task',
      Resource: 'arn:aws:states:::aws-sdk:dynamodb:updateItem',
      Arguments: {
        TableName: table, Key: { id: { S: '{% $states.input.id %}' } }, UpdateExpression: 'SET n = :n', ConditionExpression: 'attribute_exists(n)',
        ExpressionAttributeValues: { ':n': { N: '1' } },
      },
      Catch: [{ ErrorEquals: ['DynamoDb.ConditionalCheckFailedException'], Output: 'claimed already', Next: 'Done' }],
      End: true,
    },
    Done: { Type: 'Succeed' },
    SetDeadline: {
      Type: 'Task',
      Resource: 'arn:aws:states:::aws-sdk:scheduler:createSchedule',
      Arguments: {
        Name: schedule,
        ScheduleExpression: 'at(2026-01-01T02:00:00)',
        FlexibleTimeWindow: { Mode: 'OFF' },
        ActionAfterCompletion: 'DELETE',
        Target: { Arn: deadlineTarget, RoleArn: role, Input: '{% $string({ "late": $states.input.id }) %}' },
      },
      Output: '{% $states.input %}',
      Next: 'Ask',
    },
    Ask: {
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      Arguments: { QueueUrl: queue, MessageBody: { token: '{% $states.context.Task.Token %}' } },
      Next: 'CallOff',
    },
    CallOff: { Type: 'Task', Resource: 'arn:aws:states:::aws-sdk:scheduler:deleteSchedule', Arguments: { Name: schedule }, End: true },
  },
});

beforeAll(() => {
  outdir = mkdtempSync(path.join(tmpdir(), 'cdk-'));
  const app = new App({ outdir });
  const stack = new Stack(app, 'Saga');
  const table = new dynamodb.Table(stack, 'Log', { partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING } });
  const queue = (id: string) => new sqs.Queue(stack, id);
  const [questions, late, ended, hourly] = [queue('Questions'), queue('Late'), queue('Ended'), queue('Hourly')];
  const deadlineRole = new iam.Role(stack, 'DeadlineRole', { assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com') });
  late.grantSendMessages(deadlineRole);
  const body = definition(table.tableName, questions.queueUrl, 'deadline', late.queueArn, deadlineRole.roleArn);
  const machine = new sfn.StateMachine(stack, 'Workflow', { definitionBody: sfn.DefinitionBody.fromString(stack.toJsonString(body)) });
  table.grantWriteData(machine);
  questions.grantSendMessages(machine);
  deadlineRole.grantPassRole(machine.role);
  const schedules = stack.formatArn({ service: 'scheduler', resource: 'schedule', resourceName: 'default/deadline' });
  machine.addToRolePolicy(new iam.PolicyStatement({ actions: ['scheduler:CreateSchedule', 'scheduler:DeleteSchedule'], resources: [schedules] }));
  new events.Rule(stack, 'Endings', {
    eventPattern: { source: ['aws.states'], detail: { stateMachineArn: [machine.stateMachineArn], status: ['ABORTED', 'TIMED_OUT', 'FAILED'] } },
    targets: [new targets.SqsQueue(ended)],
  });
  new scheduler.Schedule(stack, 'Every', {
    schedule: scheduler.ScheduleExpression.rate(Duration.hours(1)),
    target: new invoke.SqsSendMessage(hourly, { retryAttempts: 3, maxEventAge: Duration.hours(1), deadLetterQueue: queue('Dead') }),
    scheduleGroup: new scheduler.ScheduleGroup(stack, 'Group'),
  });
  new scheduler.Schedule(stack, 'Once', {
    schedule: scheduler.ScheduleExpression.at(new Date('2026-01-01T05:00:00Z'), TimeZone.EUROPE_BERLIN),
    target: new invoke.SqsSendMessage(hourly, { input: scheduler.ScheduleTargetInput.fromObject({ at: scheduler.ContextAttribute.scheduledTime }) }),
    timeWindow: scheduler.TimeWindow.flexible(Duration.minutes(10)),
  });
  app.synth();
}, 60_000);

afterAll(() => rmSync(outdir, { recursive: true }));

function load() {
  const simulation = Simulation.load(outdir);
  const { kernel } = simulation.world;
  const answer = async (service: string, operation: string, input: object) => {
    let outcome: any;
    void simulation.world.call({ service, operation, input, caller: OPERATOR }).then((value) => { outcome = value; });
    await simulation.run({ until: () => outcome !== undefined });
    return outcome;
  };
  const bodies = async (id: string): Promise<any[]> => {
    const QueueUrl = simulation.find(id, ['AWS::SQS::Queue']).provisioned.ref;
    return ((await answer('sqs', 'ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 })).Messages ?? []).map(({ Body }: any) => JSON.parse(Body));
  };
  return { simulation, answer, bodies, hours: (count: number) => simulation.run({ deadline: kernel.now + count * HOUR }) };
}

describe('what a saga needs, as the CDK synthesizes it', () => {
  it('claims, asks, sets a deadline and calls it off, with no more than its permissions', async () => {
    const { simulation, answer, bodies, hours } = load();
    const run = simulation.start('Workflow', { id: 'a' });
    await hours(0.1);
    const [{ token }] = await bodies('Questions');
    await answer('states', 'SendTaskSuccess', { taskToken: token, output: '{}' });
    await hours(3);
    expect(run.outcome).toMatchObject({ status: 'SUCCEEDED' });
    expect(await bodies('Late')).toEqual([]);
    expect(await simulation.complete('Workflow', { id: 'a' })).toEqual({ status: 'SUCCEEDED', output: 'claimed already' });
    expect(simulation.report()).toMatchObject({ denials: [], lost: [] });
  });

  it('hears of the deadline, and of an execution that was stopped', async () => {
    const { simulation, answer, bodies, hours } = load();
    const run = simulation.start('Workflow', { id: 'b' });
    await hours(2.1);
    expect(await bodies('Late')).toEqual([{ late: 'b' }]);
    await answer('states', 'StopExecution', { executionArn: run.executionArn!, error: 'Late' });
    await hours(0.1);
    expect(await bodies('Ended')).toMatchObject([{ 'detail-type': 'Step Functions Execution Status Change', 'detail': { status: 'ABORTED', error: 'Late', name: expect.any(String) } }]);
    expect(run.outcome).toMatchObject({ status: 'ABORTED' });
  });

  it('invokes the schedules of the template', async () => {
    const { bodies, hours, simulation } = load();
    await hours(6.5);
    const messages = await bodies('Hourly');
    expect(messages).toHaveLength(8);
    expect(messages).toContainEqual({ at: '2026-01-01T04:00:00Z' });
    expect(simulation.report()).toMatchObject({ denials: [], lost: [] });
  });
});
