import { bench, type Bench, DLQ, entry, FUNCTION, QUEUE } from './harness';
import { ScriptedFaults } from '../../src/kernel/faults';
import { ServiceError } from '../../src/service';

const HOUR = 3_600_000;
const throttled = () => new ServiceError('ThrottlingException', 'slow down', { retryable: true });

function rule(on: Bench, target: Record<string, unknown> = {}, properties: Record<string, unknown> = {}) {
  return on.create(on.events, 'AWS::Events::Rule', {
    Name: 'rule', EventPattern: { source: ['test'] }, Targets: [{ Id: 'T0', Arn: QUEUE, ...target }], ...properties,
  }, 'Rule');
}

describe('PutEvents', () => {
  it('makes the envelope that rules and targets see', async () => {
    const on = bench();
    rule(on);
    const answer = await on.putEvents(entry({ a: 1 }, { Resources: ['arn:x'], Time: 1767225600 }));
    expect(answer).toEqual({ FailedEntryCount: 0, Entries: [{ EventId: expect.stringMatching(/^[0-9a-f-]{36}$/) }] });
    expect(JSON.parse(on.sent[0].input.MessageBody)).toEqual({
      'version': '0',
      'id': answer.Entries[0].EventId,
      'detail-type': 'happened',
      'source': 'test',
      'account': '123456789012',
      'time': '2026-01-01T00:00:00Z',
      'region': 'us-east-1',
      'resources': ['arn:x'],
      'detail': { a: 1 },
    });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['without a source', { Source: '' }, 'InvalidArgument'],
    ['without a detail type', { DetailType: undefined }, 'InvalidArgument'],
    ['with a detail type of more than 128 characters', { DetailType: 'x'.repeat(129) }, 'InvalidArgument'],
    ['without a detail', { Detail: undefined }, 'InvalidArgument'],
    ['of AWS', { Source: 'aws.ec2' }, 'NotAuthorizedForSourceException'],
    ['with a detail that is no JSON', { Detail: 'hello' }, 'MalformedDetail'],
    ['with a detail that is no object', { Detail: '[1]' }, 'MalformedDetail'],
  ])('fails only the entry %s', async (_, more, code) => {
    const on = bench();
    rule(on);
    const answer = await on.putEvents(entry(), entry({}, more));
    expect(answer.FailedEntryCount).toBe(1);
    expect(answer.Entries[0].EventId).toBeDefined();
    expect(answer.Entries[1]).toEqual({ ErrorCode: code, ErrorMessage: expect.any(String) });
    expect(on.sent).toHaveLength(1);
  });

  it('refuses no entries, eleven entries, and more than 1 MB', async () => {
    await expect(bench().putEvents()).rejects.toThrow('PutEvents takes 1 to 10 entries, not 0 entries');
    await expect(bench().putEvents(...Array.from({ length: 11 }, () => entry()))).rejects.toThrow('not 11 entries');
    const half = 'x'.repeat(530_000);
    await expect(bench().putEvents(entry({ half }))).resolves.toMatchObject({ FailedEntryCount: 0 });
    await expect(bench().putEvents(entry({ half }), entry({ half }))).rejects.toThrow('at most 1048576 are allowed');
  });

  it('fails some entries and delivers the others when a fault asks for it', async () => {
    const on = bench({ faults: new ScriptedFaults([{ operation: 'PutEvents', nth: 1, fault: { kind: 'partial', share: 0.5 } }]) });
    rule(on);
    const answer = await on.putEvents(...Array.from({ length: 10 }, () => entry()));
    expect(answer.FailedEntryCount).toBeGreaterThan(0);
    expect(answer.FailedEntryCount).toBeLessThan(10);
    expect(on.sent).toHaveLength(10 - answer.FailedEntryCount);
  });

  it('needs the permission on each bus', async () => {
    const on = bench({ allows: (_, { action, resource }) => action !== 'events:PutEvents' || !resource.endsWith('/private') });
    on.events.createBus('private');
    await expect(on.putEvents(entry(), entry({}, { EventBusName: 'private' }))).rejects.toThrow('events:PutEvents on arn:aws:events:us-east-1:123456789012:event-bus/private');
  });

  it('takes an event for a bus that does not exist, and says in the trace that it is lost', async () => {
    const on = bench();
    await expect(on.putEvents(entry({}, { EventBusName: 'nowhere' }))).resolves.toMatchObject({ FailedEntryCount: 0 });
    expect(on.traced('events.lost')).toEqual([expect.objectContaining({ because: 'no such event bus' })]);
  });

  it('counts 64 KB as one event', async () => {
    const on = bench();
    await on.putEvents(entry(), entry({ text: 'x'.repeat(70_000) }));
    expect(on.world.meter.get('events.customEvents')).toBe(3);
  });
});

describe('a rule', () => {
  it('takes matching events of its own bus only', async () => {
    const on = bench();
    on.create(on.events, 'AWS::Events::EventBus', { Name: 'orders' }, 'Bus');
    const { ref, attributes } = rule(on, {}, { EventBusName: 'orders', EventPattern: { detail: { n: [1] } } });
    expect(ref).toBe('orders|rule');
    expect(attributes).toEqual({ Arn: 'arn:aws:events:us-east-1:123456789012:rule/orders/rule' });
    await on.putEvents(entry({ n: 1 }), entry({ n: 2 }, { EventBusName: 'orders' }), entry({ n: 1 }, { EventBusName: on.events.busArn('orders') }));
    expect(on.sent).toHaveLength(1);
    expect(on.cloudwatch.metrics.total({ namespace: 'AWS/Events', name: 'MatchedEvents', dimensions: { EventBusName: 'orders', RuleName: 'rule' } })).toBe(1);
  });

  it('sends nothing while it is disabled', async () => {
    const on = bench();
    rule(on, {}, { State: 'DISABLED' });
    await on.putEvents(entry());
    expect(on.sent).toHaveLength(0);
    const enabling = on.world.call({ service: 'events', operation: 'EnableRule', input: { Name: 'rule' }, caller: { name: 'me', principal: { kind: 'operator' } } });
    await on.world.kernel.run();
    await enabling;
    await on.putEvents(entry());
    expect(on.sent).toHaveLength(1);
  });

  it('fires at its rate without keeping the run from being quiet', async () => {
    const on = bench();
    rule(on, {}, { EventPattern: undefined, ScheduleExpression: 'rate(10 minutes)' });
    expect(await on.world.kernel.run()).toBe('quiet');
    expect(on.sent).toHaveLength(0);
    await on.world.kernel.run({ deadline: on.world.kernel.now + HOUR + 60_000 });
    expect(on.sent).toHaveLength(6);
    expect(JSON.parse(on.sent[0].input.MessageBody)).toMatchObject({ 'source': 'aws.events', 'detail-type': 'Scheduled Event', 'detail': {} });
  });

  it('gives its target what the input transformer makes', async () => {
    const on = bench();
    rule(on, { InputTransformer: { InputPathsMap: { n: '$.detail.n' }, InputTemplate: '{"n":<n>,"rule":<aws.events.rule-name>}' } });
    await on.putEvents(entry({ n: 7 }));
    expect(on.sent[0].input.MessageBody).toBe('{"n":7,"rule":"rule"}');
  });

  it('sends to each kind of target as EventBridge does', async () => {
    const on = bench();
    on.events.createBus('other');
    const role = 'arn:aws:iam::123456789012:role/r';
    rule(on, {}, {
      Targets: [
        { Id: 'fifo', Arn: `${QUEUE}.fifo`, SqsParameters: { MessageGroupId: '$.detail.group' } },
        { Id: 'fn', Arn: FUNCTION },
        { Id: 'machine', Arn: 'arn:aws:states:us-east-1:123456789012:stateMachine:m', RoleArn: role },
        { Id: 'bus', Arn: on.events.busArn('other'), RoleArn: role },
      ],
    });
    on.events.createRule({ Name: 'second', EventBusName: 'other', EventPattern: { source: ['test'] }, Targets: [{ Id: 'q', Arn: QUEUE }] });
    const { Entries: [{ EventId }] } = await on.putEvents(entry({ group: 'g1' }));
    const [fifo, forwarded] = [...on.sent].sort((a) => (a.input.MessageGroupId ? -1 : 1));
    expect(fifo.input).toMatchObject({ QueueUrl: 'https://sqs.us-east-1.amazonaws.com/123456789012/queue.fifo', MessageGroupId: 'g1' });
    expect(fifo.principal).toEqual({ kind: 'service', service: 'events.amazonaws.com', sourceArn: 'arn:aws:events:us-east-1:123456789012:rule/rule' });
    expect(on.invoked[0].input).toMatchObject({ FunctionName: FUNCTION, InvocationType: 'Event' });
    expect(on.started[0]).toMatchObject({ input: { stateMachineArn: expect.stringContaining(':m'), input: expect.stringContaining('g1') }, principal: { kind: 'role', arn: role } });
    expect(JSON.parse(forwarded.input.MessageBody)).toMatchObject({ id: EventId, detail: { group: 'g1' } });
  });

  it('writes events to a log group', async () => {
    const on = bench();
    on.create(on.logs, 'AWS::Logs::LogGroup', { LogGroupName: '/aws/events/all' }, 'Group');
    rule(on, { Arn: 'arn:aws:logs:us-east-1:123456789012:log-group:/aws/events/all' });
    await on.putEvents(entry({ n: 5 }));
    expect(on.logs.lines('/aws/events/all').map((line) => JSON.parse(line.message).detail)).toEqual([{ n: 5 }]);
  });

  it.each<[string, Record<string, unknown>, Record<string, unknown>, RegExp]>([
    ['a stream as its target', { Arn: 'arn:aws:kinesis:us-east-1:123456789012:stream/s' }, {}, /rule 'Rule': target 'T0' is not simulated: 'kinesis'/],
    ['a FIFO topic as its target', { Arn: 'arn:aws:sns:us-east-1:123456789012:t.fifo' }, {}, /target 'T0' is a FIFO topic/],
    ['a state machine without a role', { Arn: 'arn:aws:states:us-east-1:123456789012:stateMachine:m' }, {}, /needs a RoleArn/],
    ['a FIFO queue without a group', { Arn: `${QUEUE}.fifo` }, {}, /MessageGroupId is required/],
    ['queue parameters for a function', { Arn: FUNCTION, SqsParameters: { MessageGroupId: 'g' } }, {}, /has SqsParameters but is no queue/],
    ['an invalid pattern', {}, { EventPattern: { source: 'test' } }, /rule 'Rule': 'source' must be an object or an array/],
    ['too many retries', { RetryPolicy: { MaximumRetryAttempts: 186 } }, {}, /MaximumRetryAttempts must be between 0 and 185, not 186/],
    ['too short an age', { RetryPolicy: { MaximumEventAgeInSeconds: 59 } }, {}, /MaximumEventAgeInSeconds must be between 60 and 86400, not 59/],
    ['neither a pattern nor a schedule', {}, { EventPattern: undefined }, /needs an EventPattern or a ScheduleExpression/],
    ['a bus that does not exist', {}, { EventBusName: 'nowhere' }, /event bus 'nowhere' of rule 'Rule' does not exist/],
    ['six targets', {}, { Targets: Array.from({ length: 6 }, (_, i) => ({ Id: `${i}`, Arn: QUEUE })) }, /has 6 targets, at most 5/],
  ])('refuses %s', (_, target, properties, message) => {
    expect(() => rule(bench(), target, properties)).toThrow(message);
  });
});

describe('a delivery', () => {
  it('is retried with growing pauses until the target takes it', async () => {
    const on = bench({ sqs: (_, earlier) => (earlier < 4 ? throttled() : undefined) });
    rule(on);
    await on.putEvents(entry());
    expect(on.sent).toHaveLength(5);
    const pauses = on.sent.slice(1).map((call, index) => call.at - on.sent[index].at);
    expect(pauses[3]).toBeGreaterThan(pauses[0]);
    expect(on.traced('events.delivered')).toEqual([expect.objectContaining({ retries: 4 })]);
    expect(on.cloudwatch.metrics.total({ namespace: 'AWS/Events', name: 'FailedInvocations', dimensions: { RuleName: 'rule' } })).toBeUndefined();
  });

  it('gives up after 185 retries or 24 hours by default', async () => {
    const on = bench({ sqs: throttled });
    rule(on);
    await on.putEvents(entry());
    const hours = (on.world.kernel.now - Date.UTC(2026, 0, 1)) / HOUR;
    expect(on.sent.length).toBeLessThanOrEqual(186);
    expect(on.sent.length).toBeGreaterThan(150);
    expect(hours).toBeGreaterThan(20);
    expect(hours).toBeLessThan(24.1);
    expect(on.traced('events.lost')).toHaveLength(1);
  });

  it('tells the dead-letter queue why it gave up', async () => {
    const on = bench({ sqs: (call) => (call.input.QueueUrl.endsWith('/dlq') ? undefined : throttled()) });
    rule(on, { RetryPolicy: { MaximumRetryAttempts: 2 }, DeadLetterConfig: { Arn: DLQ }, Input: '"constant"' });
    await on.putEvents(entry({ n: 9 }));
    expect(on.sent).toHaveLength(4);
    const { MessageBody, MessageAttributes } = on.sent[3].input;
    expect(JSON.parse(MessageBody)).toMatchObject({ 'detail-type': 'happened', 'detail': { n: 9 } });
    const text = (StringValue: unknown) => ({ DataType: 'String', StringValue });
    expect(MessageAttributes).toEqual({
      RULE_ARN: text('arn:aws:events:us-east-1:123456789012:rule/rule'),
      TARGET_ARN: text(QUEUE),
      ERROR_CODE: text('THROTTLING'),
      ERROR_MESSAGE: text('slow down'),
      EXHAUSTED_RETRY_CONDITION: text('MaximumRetryAttempts'),
      RETRY_ATTEMPTS: text('2'),
    });
    expect(on.cloudwatch.metrics.total({ namespace: 'AWS/Events', name: 'FailedInvocations', dimensions: { RuleName: 'rule' } })).toBe(1);
  });

  it('ends when the event is too old', async () => {
    const on = bench({ sqs: (call) => (call.input.QueueUrl.endsWith('/dlq') ? undefined : throttled()) });
    rule(on, { RetryPolicy: { MaximumEventAgeInSeconds: 60 }, DeadLetterConfig: { Arn: DLQ } });
    await on.putEvents(entry());
    const last = on.sent[on.sent.length - 1];
    expect(last.input.MessageAttributes.EXHAUSTED_RETRY_CONDITION.StringValue).toBe('MaximumEventAgeInSeconds');
    expect(last.at - Date.UTC(2026, 0, 1)).toBeGreaterThan(60_000);
    expect(last.at - Date.UTC(2026, 0, 1)).toBeLessThan(61_000);
  });

  it.each<[string, () => Error, string]>([
    ['a missing permission', () => new ServiceError('AccessDeniedException', 'no'), 'NO_PERMISSIONS'],
    ['a missing target', () => new ServiceError('ResourceNotFoundException', 'gone'), 'NO_RESOURCE'],
    ['a request that the target refuses', () => new ServiceError('InvalidParameterValue', 'bad'), 'SDK_CLIENT_ERROR'],
  ])('is not retried after %s', async (_, error, code) => {
    const on = bench({ lambda: error });
    rule(on, { Arn: FUNCTION, DeadLetterConfig: { Arn: DLQ } });
    await on.putEvents(entry());
    expect(on.invoked).toHaveLength(1);
    expect(on.sent[0].input.MessageAttributes).toMatchObject({ ERROR_CODE: { StringValue: code } });
    expect(on.sent[0].input.MessageAttributes).not.toHaveProperty('RETRY_ATTEMPTS');
  });

  it('is lost, and traced as lost, when the dead-letter queue does not allow EventBridge to send', async () => {
    const on = bench({ allows: (principal) => principal.kind !== 'service' });
    rule(on, { DeadLetterConfig: { Arn: DLQ } });
    await on.putEvents(entry());
    expect(on.sent).toHaveLength(0);
    expect(on.traced('events.lost')).toEqual([expect.objectContaining({ error: 'NO_PERMISSIONS' })]);
    expect(on.cloudwatch.metrics.total({ namespace: 'AWS/Events', name: 'InvocationsFailedToBeSentToDlq', dimensions: { RuleName: 'rule' } })).toBe(1);
  });

  it('is refused when EventBridge may not assume the role of the target', async () => {
    const on = bench({ canAssume: () => false });
    rule(on, { RoleArn: 'arn:aws:iam::123456789012:role/r', DeadLetterConfig: { Arn: DLQ } });
    await on.putEvents(entry());
    expect(on.sent.map((call) => call.input.QueueUrl)).toEqual([expect.stringContaining('/dlq')]);
    expect(on.sent[0].input.MessageAttributes).toMatchObject({ ERROR_CODE: { StringValue: 'NO_PERMISSIONS' } });
  });

  it('is lost when its transformation makes no JSON and there is no dead-letter queue', async () => {
    const on = bench();
    rule(on, { InputTransformer: { InputPathsMap: { d: '$.detail' }, InputTemplate: '{"a":"<d>"}' } });
    await on.putEvents(entry());
    expect(on.sent).toHaveLength(0);
    expect(on.traced('events.lost')).toEqual([expect.objectContaining({ error: 'INVALID_JSON' })]);
  });

  it('comes again, and out of order, when the fault plan says so', async () => {
    const on = bench({ faults: { duplicate: 1, delay: 0.5 } });
    rule(on);
    await on.putEvents(...Array.from({ length: 10 }, (_, n) => entry({ n })));
    expect(on.sent).toHaveLength(20);
    const order = on.sent.map((call) => JSON.parse(call.input.MessageBody).detail.n as number);
    expect(order).not.toEqual([...order].sort((a, b) => a - b));
    expect(new Set(on.sent.map((call) => JSON.parse(call.input.MessageBody).id)).size).toBe(10);
  });

  it('happens the same way for the same seed', async () => {
    const run = async (seed: number) => {
      const on = bench({ seed, faults: { duplicate: 0.3, delay: 0.3, throttle: 0.2 } });
      rule(on, { DeadLetterConfig: { Arn: DLQ } });
      await on.putEvents(...Array.from({ length: 10 }, (_, n) => entry({ n }))).catch(() => undefined);
      return on.world.trace.hash();
    };
    expect(await run(1)).toBe(await run(1));
    expect(await run(1)).not.toBe(await run(2));
  });
});

describe('TestEventPattern', () => {
  const test = async (EventPattern: string, Event: string) => {
    const { world } = bench();
    const call = world.call({ service: 'events', operation: 'TestEventPattern', input: { EventPattern, Event }, caller: { name: 'me', principal: { kind: 'operator' } } });
    const settled = call.then((value) => value, (error) => error);
    await world.kernel.run();
    return settled;
  };

  it('answers whether the event matches', async () => {
    expect(await test('{"a":[1]}', '{"a":1}')).toEqual({ Result: true });
    expect(await test('{"a":[1]}', '{"a":2}')).toEqual({ Result: false });
  });

  it('names what is wrong with the pattern', async () => {
    expect(await test('{"a":1}', '{"a":1}')).toMatchObject({ name: 'InvalidEventPatternException', message: "'a' must be an object or an array, not 1" });
  });
});

describe('AWS services', () => {
  it('publish on the default bus under their own names', async () => {
    const on = bench();
    rule(on, {}, { EventPattern: { source: ['aws.states'] } });
    on.events.publishServiceEvent({ source: 'aws.states', detailType: 'Step Functions Execution Status Change', detail: { status: 'FAILED' } });
    await on.world.kernel.run();
    expect(on.sent).toHaveLength(1);
  });
});
