import { arnOf, DLQ, HOUR, MINUTE, OFF, QUEUE, refuse, SchedulerWorld, START } from './scheduler-world';
import { ROLE } from '../lambda/lambda-world';

const NOON = 'at(2026-01-01T12:00:00)';
const SCHEDULE_ARN = 'arn:aws:scheduler:us-east-1:123456789012:schedule/default/s';

describe('a schedule', () => {
  it('invokes its target once, within the minute, as its role', async () => {
    const world = new SchedulerWorld();
    expect(await world.schedule({ ScheduleExpression: NOON })).toEqual({ ScheduleArn: SCHEDULE_ARN });
    await world.run(48 * HOUR);
    expect(world.minutes()).toEqual([12 * 60]);
    expect(world.sent[0]).toMatchObject({
      input: { QueueUrl: 'https://sqs.us-east-1.amazonaws.com/123456789012/inbox', MessageBody: 'tick' }, caller: { principal: { kind: 'role', arn: ROLE } },
    });
    expect(world.metric('InvocationAttemptCount')).toBe(1);
  });

  it('never keeps a run from being quiet', async () => {
    const world = new SchedulerWorld();
    await world.schedule({ ScheduleExpression: 'rate(5 minutes)' });
    expect(await world.world.kernel.run()).toBe('quiet');
  });

  it('invokes at its rate, at once, and between its dates only', async () => {
    const world = new SchedulerWorld();
    await world.schedule({ ScheduleExpression: 'rate(20 minutes)' });
    await world.run(HOUR);
    expect(world.minutes()).toEqual([0, 20, 40]);
    const bounded = new SchedulerWorld();
    await bounded.schedule({ ScheduleExpression: 'rate(20 minutes)', StartDate: '2026-01-01T00:10:00Z', EndDate: new Date(START + 55 * MINUTE) });
    await bounded.run(3 * HOUR);
    expect(bounded.minutes()).toEqual([10, 30, 50]);
  });

  it('invokes somewhere in its flexible window', async () => {
    const world = new SchedulerWorld();
    const FlexibleTimeWindow = { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 30 };
    for (let n = 0; n < 8; n++) await world.schedule({ Name: `s${n}`, ScheduleExpression: NOON, FlexibleTimeWindow });
    await world.run(24 * HOUR);
    const late = world.minutes().map((minute) => minute - 12 * 60);
    expect(late).toHaveLength(8);
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...late)).toBeGreaterThan(5);
    expect(Math.max(...late)).toBeLessThan(30);
  });

  it('does nothing while it is disabled, and nothing for a time that has passed', async () => {
    const world = new SchedulerWorld();
    await world.run(13 * HOUR);
    await world.schedule({ ScheduleExpression: NOON });
    await world.schedule({ Name: 'off', ScheduleExpression: 'rate(1 minute)', State: 'DISABLED' });
    await world.run(48 * HOUR);
    expect(world.sent).toEqual([]);
  });

  it('is gone after its last invocation when it says so', async () => {
    const world = new SchedulerWorld();
    await world.schedule({ Name: 'kept', ScheduleExpression: NOON });
    await world.schedule({ Name: 'once', ScheduleExpression: NOON, ActionAfterCompletion: 'DELETE' });
    await world.schedule({ Name: 'ends', ScheduleExpression: 'rate(1 hour)', EndDate: '2026-01-01T02:30:00Z', ActionAfterCompletion: 'DELETE' });
    await world.run(11 * HOUR);
    expect((await world.answer('ListSchedules', {})).Schedules.map(({ Name }: any) => Name)).toEqual(['kept', 'once']);
    await world.run(2 * HOUR);
    expect((await world.answer('ListSchedules', {})).Schedules.map(({ Name }: any) => Name)).toEqual(['kept']);
    await expect(world.answer('GetSchedule', { Name: 'once' })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    expect(world.sent).toHaveLength(5);
  });

  it('is not gone while its target is still tried', async () => {
    const world = new SchedulerWorld(({ at }) => (at < START + 13 * HOUR ? refuse('RequestThrottled', { retryable: true }) : undefined));
    await world.schedule({ ScheduleExpression: NOON, ActionAfterCompletion: 'DELETE' });
    await world.run(12.5 * HOUR);
    expect(await world.answer('GetSchedule', { Name: 's' })).toMatchObject({ State: 'ENABLED', ActionAfterCompletion: 'DELETE' });
    await world.run(HOUR);
    await expect(world.answer('GetSchedule', { Name: 's' })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

describe('an invocation that fails', () => {
  const dead = { DeadLetterConfig: { Arn: DLQ } };
  const throttled = (retries: number) => ({ input: { QueueUrl } }: any, earlier: number) => {
    if (QueueUrl.endsWith('inbox') && earlier < retries) refuse('RequestThrottled', { retryable: true });
  };

  it('is tried again, 185 times within 24 hours by default, and then lost', async () => {
    const world = new SchedulerWorld(throttled(Infinity));
    await world.schedule({ ScheduleExpression: NOON });
    await world.run(96 * HOUR);
    expect(world.sent.length).toBeGreaterThan(100);
    expect(world.sent.length).toBeLessThanOrEqual(186);
    expect(world.sent[world.sent.length - 1].at - world.sent[0].at).toBeLessThanOrEqual(24 * HOUR);
    expect(world.events('scheduler.lost')).toMatchObject([{ detail: { because: 'the schedule has no dead-letter queue' } }]);
    expect(world.metric('InvocationDroppedCount')).toBe(1);
    expect(world.metric('TargetErrorThrottledCount')).toBe(world.sent.length);
  });

  it('goes to the dead-letter queue after its retries, with why', async () => {
    const world = new SchedulerWorld(throttled(Infinity));
    await world.schedule({ ScheduleExpression: NOON }, { RetryPolicy: { MaximumRetryAttempts: 2 }, ...dead, Input: 'at <aws.scheduler.scheduled-time>' });
    await world.run(24 * HOUR);
    const [, , , letter, ...others] = world.sent;
    expect(others).toEqual([]);
    expect(letter.input).toMatchObject({ QueueUrl: 'https://sqs.us-east-1.amazonaws.com/123456789012/dead', MessageBody: 'at 2026-01-01T12:00:00Z' });
    const attributes = Object.fromEntries(Object.entries(letter.input.MessageAttributes).map(([name, { StringValue }]: any) => [name, StringValue]));
    expect(attributes).toEqual({
      ERROR_CODE: 'RequestThrottled', ERROR_MESSAGE: 'refused', EXECUTION_ID: expect.any(String), EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
      RETRY_ATTEMPTS: '2', SCHEDULED_TIME: '2026-01-01T12:00:00Z', SCHEDULE_ARN, TARGET_ARN: QUEUE,
    });
    expect(world.metric('InvocationsSentToDeadLetterCount')).toBe(1);
  });

  it('is given up at its age', async () => {
    const world = new SchedulerWorld(throttled(Infinity));
    await world.schedule({ ScheduleExpression: NOON }, { RetryPolicy: { MaximumEventAgeInSeconds: 60 }, ...dead });
    await world.run(24 * HOUR);
    const letter = world.sent[world.sent.length - 1];
    expect(letter.input.MessageAttributes.EXHAUSTED_RETRY_CONDITION.StringValue).toBe('MaximumEventAgeInSeconds');
    expect(letter.at - world.sent[0].at).toBeLessThanOrEqual(61_000);
  });

  it('is not tried again when the role may not, nor when nobody may assume the role any more', async () => {
    const world = new SchedulerWorld();
    await world.schedule({ ScheduleExpression: NOON });
    world.iam.denied.add('sqs:SendMessage');
    await world.run(24 * HOUR);
    expect(world.events('scheduler.failed')).toMatchObject([{ detail: { error: 'AccessDenied', retries: 0 } }]);
    const other = new SchedulerWorld();
    await other.schedule({ ScheduleExpression: NOON });
    other.iam.assumable = false;
    await other.run(24 * HOUR);
    expect(other.events('scheduler.lost')).toHaveLength(1);
    expect(other.sent).toEqual([]);
  });

  it('is lost when the role may not send to the dead-letter queue', async () => {
    const world = new SchedulerWorld(() => refuse('ValidationException'));
    await world.schedule({ ScheduleExpression: NOON }, dead);
    await world.run(24 * HOUR);
    expect(world.events('scheduler.lost')).toMatchObject([{ detail: { because: 'the dead-letter queue did not take it: refused' } }]);
    expect(world.metric('InvocationsFailedToBeSentToDeadLetterCount')).toBe(1);
  });
});

describe('a target', () => {
  const fired = async (target: object, prepare: (world: SchedulerWorld) => void = () => {}) => {
    const world = new SchedulerWorld();
    prepare(world);
    await world.schedule({ ScheduleExpression: NOON }, { Input: '{"n":1}', ...target });
    await world.run(24 * HOUR);
    return world;
  };

  it('may be a function, invoked asynchronously', async () => {
    const world = await fired({ Arn: arnOf('lambda', 'function:fn') }, (prepared) => prepared.deploy('fn', 'exports.handler = async (event) => { console.log("got", event.n); };'));
    expect(world.events('scheduler.delivered')).toHaveLength(1);
    expect(world.iam.requests).toContainEqual({ principal: { kind: 'role', arn: ROLE }, request: expect.objectContaining({ action: 'lambda:InvokeFunction' }) });
  });

  it('may be a state machine, and hears of the context of the invocation', async () => {
    const Input = '{"arn":"<aws.scheduler.schedule-arn>","time":"<aws.scheduler.scheduled-time>","id":"<aws.scheduler.execution-id>","attempt":"<aws.scheduler.attempt-number>"}';
    const definition = JSON.stringify({ StartAt: 'P', States: { P: { Type: 'Pass', End: true } } });
    const ended: any[] = [];
    await fired({ Arn: arnOf('states', 'stateMachine:m'), Input }, ({ world }) => {
      const states = world.service<any>('states');
      states.createStateMachine({ name: 'm', roleArn: ROLE, definition });
      states.onExecutionEnd((result: any) => ended.push(JSON.parse(result.input)));
    });
    expect(ended).toEqual([{ arn: SCHEDULE_ARN, time: '2026-01-01T12:00:00Z', id: expect.stringMatching(/^[0-9a-f-]{36}$/), attempt: '1' }]);
  });

  it('may be an event bus', async () => {
    const { put } = await fired({ Arn: arnOf('events', 'event-bus/orders'), EventBridgeParameters: { Source: 'saga', DetailType: 'Deadline' } });
    expect(put[0].input).toEqual({ Entries: [{ EventBusName: arnOf('events', 'event-bus/orders'), Source: 'saga', DetailType: 'Deadline', Detail: '{"n":1}' }] });
  });

  it('may be any operation that writes', async () => {
    const { sent } = await fired({
      Arn: 'arn:aws:scheduler:::aws-sdk:sqs:sendMessage', Input: JSON.stringify({ QueueUrl: 'u', MessageBody: { n: 1 }, MessageGroupId: '<aws.scheduler.execution-id>' }),
    });
    expect(sent[0].input).toEqual({ QueueUrl: 'u', MessageBody: '{"n":1}', MessageGroupId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    const world = await fired({ Arn: 'arn:aws:scheduler:::aws-sdk:sfn:stopExecution', Input: '{"ExecutionArn":"arn:aws:states:us-east-1:123456789012:execution:m:none"}' });
    expect(world.events('scheduler.failed')).toMatchObject([{ detail: { error: 'ExecutionDoesNotExist' } }]);
  });

  it('gets a notification when there is no input', async () => {
    const { sent } = await fired({ Input: undefined });
    expect(JSON.parse(sent[0].input.MessageBody)).toMatchObject({ 'source': 'aws.scheduler', 'detail-type': 'Scheduled Event', 'resources': [SCHEDULE_ARN] });
  });

  it.each([
    [{ Arn: 'arn:aws:sqs:us-east-1:123456789012:q.fifo' }, 'SqsParameters.MessageGroupId is required'],
    [{ Arn: arnOf('events', 'event-bus/b'), Input: '{}' }, 'EventBridgeParameters with DetailType and Source are required'],
    [{ Arn: arnOf('lambda', 'function:fn'), Input: 'no json' }, 'Target.Input must be JSON'],
    [{ Arn: 'arn:aws:scheduler:::aws-sdk:dynamodb:getItem', Input: '{}' }, 'only reads'],
    [{ RoleArn: 'nobody' }, 'Target.RoleArn must be the ARN of a role, not "nobody"'],
    [{ DeadLetterConfig: { Arn: arnOf('sns', 'topic') } }, 'allowed: standard queues'],
    [{ RetryPolicy: { MaximumRetryAttempts: 186 } }, 'MaximumRetryAttempts must be between 0 and 185, not 186'],
    [{ EventBridgeParameters: { Source: 'a', DetailType: 'b' } }, 'Target has EventBridgeParameters, and its Arn is'],
  ])('%j is refused', async (target, message) => {
    await expect(new SchedulerWorld().schedule({ ScheduleExpression: NOON }, target)).rejects.toMatchObject({
      name: 'ValidationException', message: expect.stringContaining(message),
    });
  });

  it('that is not simulated is said to be so', async () => {
    const target = { Arn: arnOf('ecs', 'cluster/c') };
    await expect(new SchedulerWorld().schedule({ ScheduleExpression: NOON }, target)).rejects.toThrow('is not simulated; simulated: functions');
    await expect(new SchedulerWorld().schedule({ ScheduleExpression: NOON }, { Arn: 'arn:aws:scheduler:::aws-sdk:ec2:startInstances', Input: '{}' })).rejects
      .toThrow("'ec2' is not simulated");
  });
});

describe('the API', () => {
  it('updates as a whole: what is not said is as by default', async () => {
    const world = new SchedulerWorld();
    await world.schedule({ ScheduleExpression: 'rate(1 minute)', State: 'DISABLED', Description: 'd' });
    await world.answer('UpdateSchedule', { Name: 's', ...OFF, ScheduleExpression: NOON, Target: { Arn: QUEUE, RoleArn: ROLE, Input: 'new' } });
    expect(await world.answer('GetSchedule', { Name: 's' })).toMatchObject({ ScheduleExpression: NOON, State: 'ENABLED', GroupName: 'default', Arn: SCHEDULE_ARN });
    await world.run(24 * HOUR);
    expect(world.sent.map(({ input }) => input.MessageBody)).toEqual(['new']);
    await expect(world.answer('UpdateSchedule', { Name: 'x', ...OFF, ScheduleExpression: NOON, Target: { Arn: QUEUE, RoleArn: ROLE } })).rejects
      .toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('deletes a schedule, and a group with all that is in it', async () => {
    const world = new SchedulerWorld();
    await world.answer('CreateScheduleGroup', { Name: 'sagas' });
    await world.schedule({ ScheduleExpression: NOON });
    await world.schedule({ ScheduleExpression: NOON, GroupName: 'sagas' });
    expect((await world.answer('ListSchedules', { GroupName: 'sagas' })).Schedules).toHaveLength(1);
    await world.answer('DeleteSchedule', { Name: 's' });
    await world.answer('DeleteScheduleGroup', { Name: 'sagas' });
    await world.run(24 * HOUR);
    expect(world.sent).toEqual([]);
    await expect(world.answer('DeleteSchedule', { Name: 's' })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(world.answer('GetScheduleGroup', { Name: 'sagas' })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('refuses a name that is taken, unless the request is the same', async () => {
    const world = new SchedulerWorld();
    await world.schedule({ ScheduleExpression: NOON, ClientToken: 't' });
    expect(await world.schedule({ ScheduleExpression: NOON, ClientToken: 't' })).toEqual({ ScheduleArn: SCHEDULE_ARN });
    await expect(world.schedule({ ScheduleExpression: NOON })).rejects.toMatchObject({ name: 'ConflictException' });
    await expect(world.schedule({ ScheduleExpression: NOON, GroupName: 'none' })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await world.run(24 * HOUR);
    expect(world.sent).toHaveLength(1);
  });

  it('needs the schedule and the role to be passed', async () => {
    const world = new SchedulerWorld();
    await world.schedule({ ScheduleExpression: NOON });
    expect(world.iam.requests.map(({ request }) => request)).toEqual([
      { action: 'scheduler:CreateSchedule', resource: SCHEDULE_ARN },
      { action: 'iam:PassRole', resource: ROLE, context: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
    ]);
    world.iam.assumable = false;
    await expect(world.schedule({ Name: 'x', ScheduleExpression: NOON })).rejects.toMatchObject({ name: 'ValidationException', message: expect.stringContaining(ROLE) });
  });

  it.each([
    [{ Name: 'a b' }, 'Name is "a b"'],
    [{ FlexibleTimeWindow: { Mode: 'FLEXIBLE' } }, 'FlexibleTimeWindow.MaximumWindowInMinutes is undefined; allowed: 1 to 1440'],
    [{ FlexibleTimeWindow: undefined }, 'FlexibleTimeWindow.Mode is undefined; allowed: OFF, FLEXIBLE'],
    [{ State: 'ON' }, "State is 'ON'"],
    [{ ActionAfterCompletion: 'KEEP' }, "ActionAfterCompletion is 'KEEP'"],
    [{ ScheduleExpression: 'soon' }, "schedule expression 'soon' is not valid"],
    [{ EndDate: 'never' }, 'EndDate is no timestamp: "never"'],
  ])('refuses %j', async (changes, message) => {
    await expect(new SchedulerWorld().schedule({ ScheduleExpression: NOON, ...changes as object })).rejects.toMatchObject({
      name: 'ValidationException', message: expect.stringContaining(message),
    });
  });

  it('is there for state machines, with errors to catch', async () => {
    const world = new SchedulerWorld();
    const states = world.world.service<any>('states');
    const outputs: string[] = [];
    states.onExecutionEnd(({ output }: any) => outputs.push(output));
    const { arn } = states.createStateMachine({
      name: 'm',
      roleArn: ROLE,
      definition: JSON.stringify({
        QueryLanguage: 'JSONata',
        StartAt: 'Create',
        States: {
          Create: {
            Type: 'Task',
            Resource: 'arn:aws:states:::aws-sdk:scheduler:createSchedule',
            Arguments: { Name: 's', ...OFF, ScheduleExpression: NOON, ActionAfterCompletion: 'DELETE', Target: { Arn: QUEUE, RoleArn: ROLE, Input: 'deadline' } },
            Catch: [{ ErrorEquals: ['Scheduler.ConflictException'], Output: 'there already', Next: 'Done' }],
            End: true,
          },
          Done: { Type: 'Succeed' },
        },
      }),
    });
    for (let n = 0; n < 2; n++) await world.answer('StartExecution', { stateMachineArn: arn }, 'states').then(() => world.run(MINUTE));
    expect(outputs).toEqual([JSON.stringify({ ScheduleArn: SCHEDULE_ARN }), '"there already"']);
    await world.run(24 * HOUR);
    expect(world.sent).toHaveLength(1);
  });
});

describe('in a template', () => {
  it('schedules and groups have their names and ARNs', async () => {
    const world = new SchedulerWorld();
    expect(world.create('AWS::Scheduler::ScheduleGroup', { Name: 'sagas' }, 'Stack/Group')).toBe('sagas');
    const properties = { GroupName: 'sagas', ...OFF, ScheduleExpression: 'rate(1 hour)', Target: { Arn: QUEUE, RoleArn: ROLE } };
    expect(world.create('AWS::Scheduler::Schedule', properties, 'Stack/Hourly')).toBe('Stack-Hourly');
    expect(world.world.service<any>('scheduler').names()).toEqual(['sagas/Stack-Hourly']);
    await world.run(2.5 * HOUR);
    expect(world.minutes()).toEqual([0, 60, 120]);
    expect(() => world.create('AWS::Scheduler::Schedule', { ...properties, State: 'x' }, 'Stack/Wrong')).toThrow("Wrong: State is 'x'");
  });
});
