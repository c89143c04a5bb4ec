import { type Handler, ROLE, StatesWorld, task } from './world';
import { NO_FAULTS } from '../../src/kernel/faults';
import { ServiceError } from '../../src/service';

const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:Bank';
const QUEUE = 'https://sqs.us-east-1.amazonaws.com/123456789012/Work';
const fails = (name: string, fault: 'client' | 'server' = 'client', message = 'no'): Handler => () => { throw new ServiceError(name, message, { fault }); };

/** What a single task outputs, or how it fails. */
async function run(resource: string, args: unknown, services: Record<string, Record<string, Handler>>, input: unknown = {}) {
  const world = new StatesWorld(services);
  const { status, output, error, cause } = await world.execute(world.create(task(resource, args === undefined ? {} : { Arguments: args })), input);
  return { status, output: output === undefined ? undefined : JSON.parse(output), error, cause, calls: world.calls, world };
}

describe('lambda:invoke', () => {
  const invoke = (handler: Handler, args: object = { FunctionName: FUNCTION, Payload: { amount: 7 } }) => run('arn:aws:states:::lambda:invoke', args, { lambda: { Invoke: handler } });

  it('passes the payload and wraps the function\'s result', async () => {
    const { output, calls } = await invoke(() => ({ StatusCode: 200, ExecutedVersion: '$LATEST', Payload: '{"rate":4.2}' }));
    expect(calls.lambda[0].input).toMatchObject({ FunctionName: FUNCTION, Payload: '{"amount":7}' });
    expect(output).toMatchObject({
      ExecutedVersion: '$LATEST',
      Payload: { rate: 4.2 },
      StatusCode: 200,
      SdkHttpMetadata: { HttpStatusCode: 200 },
      SdkResponseMetadata: { RequestId: expect.any(String) },
    });
    expect(Object.keys(output).sort()).toEqual(['ExecutedVersion', 'Payload', 'SdkHttpMetadata', 'SdkResponseMetadata', 'StatusCode']);
  });

  it('names a failed function\'s error by its errorType, with the whole error as the cause', async () => {
    const payload = '{"errorType":"RateUnknown","errorMessage":"no rate","trace":["a"]}';
    const { status, error, cause } = await invoke(() => ({ StatusCode: 200, FunctionError: 'Unhandled', Payload: payload }));
    expect({ status, error, cause }).toEqual({ status: 'FAILED', error: 'RateUnknown', cause: payload });
  });

  it('names a failure without errorType Lambda.Unknown', async () => {
    const { error, cause } = await invoke(() => ({ StatusCode: 200, FunctionError: 'Unhandled', Payload: '{"errorMessage":"died"}' }));
    expect(error).toBe('Lambda.Unknown');
    expect(cause).toContain('{"errorMessage":"died"}');
  });

  it.each([
    ['TooManyRequestsException', 'client', 'Lambda.TooManyRequestsException'],
    ['ServiceException', 'server', 'Lambda.ServiceException'],
    ['InternalServerError', 'server', 'Lambda.ServiceException'],
    ['ResourceNotFoundException', 'client', 'Lambda.ResourceNotFoundException'],
    ['AccessDeniedException', 'client', 'Lambda.AWSLambdaException'],
  ] as const)('names the service\'s %s as Step Functions does', async (name, fault, expected) => {
    const { status, error, cause } = await invoke(fails(name, fault, 'no luck'));
    expect({ status, error }).toEqual({ status: 'FAILED', error: expected });
    expect(cause).toMatch(new RegExp(`^no luck \\(Service: AWSLambda; Status Code: \\d+; Error Code: ${name}; Request ID: [0-9a-f-]{36}; Proxy: null\\)$`));
  });

  it('retries nothing by itself', async () => {
    const { calls } = await invoke(fails('TooManyRequestsException'));
    expect(calls.lambda).toHaveLength(1);
  });

  it('retries as the definition says', async () => {
    let attempts = 0;
    const world = new StatesWorld({
      lambda: {
        Invoke: () => {
          if (++attempts < 3) throw new ServiceError('TooManyRequestsException', 'slow down');
          return { StatusCode: 200, Payload: '"ok"' };
        },
      },
    });
    const machine = world.create(task('arn:aws:states:::lambda:invoke', {
      Arguments: { FunctionName: FUNCTION },
      Retry: [{ ErrorEquals: ['Lambda.TooManyRequestsException'], IntervalSeconds: 1, MaxAttempts: 2, BackoffRate: 2 }],
    }));
    const { status, startDate, stopDate } = await world.execute(machine);
    expect(status).toBe('SUCCEEDED');
    expect(stopDate - startDate).toBeGreaterThan(3000);
  });

  it('calls as the state machine\'s role', async () => {
    const { world } = await invoke(() => ({ StatusCode: 200, Payload: '1' }));
    expect(world.iam.asked).toContainEqual({ principal: { kind: 'role', arn: ROLE }, request: { action: 'lambda:Invoke', resource: '*' } });
  });

  it('fails the task when the role lacks the permission, and says which', async () => {
    const world = new StatesWorld({ lambda: { Invoke: () => ({}) } });
    const machine = world.create(task('arn:aws:states:::lambda:invoke', { Arguments: { FunctionName: FUNCTION } }));
    world.iam.denied.add('lambda:Invoke');
    const { status, error, cause } = await world.execute(machine);
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'Lambda.AWSLambdaException' });
    expect(cause).toContain(`User: ${ROLE} is not authorized to perform: lambda:Invoke on resource: *`);
    expect(cause).toContain('Error Code: AccessDeniedException');
  });

  it('takes a bare function as the resource: input and result are the task\'s own', async () => {
    const { output, calls } = await run(FUNCTION, undefined, { lambda: { Invoke: () => ({ StatusCode: 200, Payload: '{"rate":1}' }) } }, { amount: 3 });
    expect(calls.lambda[0].input).toMatchObject({ FunctionName: FUNCTION, Payload: '{"amount":3}' });
    expect(output).toEqual({ rate: 1 });
  });

  it('fails with States.DataLimitExceeded when the result is too large', async () => {
    const { status, error } = await invoke(() => ({ StatusCode: 200, Payload: JSON.stringify('x'.repeat(262_144)) }));
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  });
});

describe('events:putEvents', () => {
  const put = (args: object, handler: Handler) => run('arn:aws:states:::events:putEvents', args, { events: { PutEvents: handler } });
  const entry = { Detail: { loan: 5 }, DetailType: 'Requested', Source: 'broker', EventBusName: 'bus' };

  it('writes the detail as text and adds the execution and the state machine to the resources', async () => {
    const { output, calls } = await put({ Entries: [{ ...entry, Resources: ['mine'] }] }, () => ({ Entries: [{ EventId: 'e' }], FailedEntryCount: 0, $metadata: {} }));
    expect(calls.events[0].input.Entries).toEqual([{
      ...entry,
      Detail: '{"loan":5}',
      Resources: ['mine', expect.stringContaining(':execution:Quotes:'), 'arn:aws:states:us-east-1:123456789012:stateMachine:Quotes'],
    }]);
    expect(output).toEqual({ Entries: [{ EventId: 'e' }], FailedEntryCount: 0 });
  });

  it('fails with EventBridge.FailedEntry when one entry fails, with the whole answer as the cause', async () => {
    const answer = { Entries: [{ EventId: 'e' }, { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' }], FailedEntryCount: 1 };
    const { error, cause } = await put({ Entries: [entry, { ...entry, Detail: '"text"' }] }, () => answer);
    expect(error).toBe('EventBridge.FailedEntry');
    expect(JSON.parse(cause)).toEqual(answer);
  });

  it('names a service error', async () => {
    const { error } = await put({ Entries: [entry] }, fails('ThrottlingException'));
    expect(error).toBe('EventBridge.AmazonEventBridgeException');
  });

  it('refuses an entry with a field that does not exist', async () => {
    const { error, cause } = await put({ Entries: [{ ...entry, Topic: 't' }] }, () => ({}));
    expect(error).toBe('States.Runtime');
    expect(cause).toContain("The field 'Topic' is not supported by Step Functions");
  });
});

describe('sqs:sendMessage', () => {
  it('writes a JSON body as text', async () => {
    const { output, calls } = await run('arn:aws:states:::sqs:sendMessage', { QueueUrl: QUEUE, MessageBody: { a: 1 }, MessageGroupId: 'g' }, {
      sqs: { SendMessage: () => ({ MD5OfMessageBody: 'm5', MessageId: 'm' }) },
    });
    expect(calls.sqs[0].input).toEqual({ QueueUrl: QUEUE, MessageBody: '{"a":1}', MessageGroupId: 'g' });
    expect(output).toMatchObject({ MD5OfMessageBody: 'm5', MessageId: 'm', SdkHttpMetadata: { HttpStatusCode: 200 } });
  });

  it.each([
    ['AWS.SimpleQueueService.NonExistentQueue', 'SQS.QueueDoesNotExistException'],
    ['QueueDoesNotExist', 'SQS.QueueDoesNotExistException'],
    ['InvalidParameterValue', 'SQS.AmazonSQSException'],
    ['AccessDeniedException', 'SQS.AmazonSQSException'],
  ])('names %s', async (name, expected) => {
    const { error } = await run('arn:aws:states:::sqs:sendMessage', { QueueUrl: QUEUE, MessageBody: 'b' }, { sqs: { SendMessage: fails(name) } });
    expect(error).toBe(expected);
  });
});

describe('dynamodb', () => {
  it('answers the item and the metadata of the call', async () => {
    const { output, calls } = await run('arn:aws:states:::dynamodb:getItem', { TableName: 't', Key: { id: { S: '1' } } }, {
      dynamodb: { GetItem: () => ({ Item: { id: { S: '1' }, open: { BOOL: true } }, $metadata: { attempts: 1 } }) },
    });
    expect(calls.dynamodb[0]).toEqual({ operation: 'GetItem', input: { TableName: 't', Key: { id: { S: '1' } } } });
    expect(output).toMatchObject({ Item: { id: { S: '1' }, open: { BOOL: true } }, SdkHttpMetadata: { HttpStatusCode: 200 } });
    expect(output.$metadata).toBeUndefined();
  });

  it.each([
    ['ConditionalCheckFailedException', 'DynamoDB.ConditionalCheckFailedException'],
    ['ProvisionedThroughputExceededException', 'DynamoDB.ProvisionedThroughputExceededException'],
    ['ResourceNotFoundException', 'DynamoDB.ResourceNotFoundException'],
    ['InternalServerError', 'DynamoDB.InternalServerErrorException'],
    ['ValidationException', 'DynamoDB.AmazonDynamoDBException'],
    ['AccessDeniedException', 'DynamoDB.AmazonDynamoDBException'],
  ])('names %s', async (name, expected) => {
    const { error } = await run('arn:aws:states:::dynamodb:putItem', { TableName: 't', Item: { id: { S: '1' } } }, { dynamodb: { PutItem: fails(name) } });
    expect(error).toBe(expected);
  });

  it('does not convert numbers: they must be written as text', async () => {
    const { error, cause, calls } = await run('arn:aws:states:::dynamodb:putItem', { TableName: 't', Item: { n: { M: { deep: { N: 5 } } } } }, {
      dynamodb: { PutItem: () => ({}) },
    });
    expect(error).toBe('States.Runtime');
    expect(cause).toContain("The value for the field 'N' must be a STRING");
    expect(calls.dynamodb).toEqual([]);
  });

  it('knows updateItem and deleteItem', async () => {
    for (const [action, operation] of [['updateItem', 'UpdateItem'], ['deleteItem', 'DeleteItem']]) {
      const { status, calls } = await run(`arn:aws:states:::dynamodb:${action}`, { TableName: 't', Key: { id: { S: '1' } } }, { dynamodb: { [operation]: () => ({}) } });
      expect({ status, operation: calls.dynamodb[0].operation }).toEqual({ status: 'SUCCEEDED', operation });
    }
  });
});

describe('sns:publish', () => {
  it('is refused by the name of the service where SNS is missing', () => {
    const world = new StatesWorld();
    expect(() => world.create(task('arn:aws:states:::sns:publish', { Arguments: { TopicArn: 't', Message: 'm' } })))
      .toThrow(/state 'Ask'.*'sns' is not simulated/);
  });

  it('publishes where there is SNS', async () => {
    const { output } = await run('arn:aws:states:::sns:publish', { TopicArn: 't', Message: { a: 1 } }, { sns: { Publish: (input) => ({ MessageId: input.Message }) } });
    expect(output.MessageId).toBe('{"a":1}');
  });
});

describe('aws-sdk integrations', () => {
  it('call any operation of a service, and answer nothing but its output', async () => {
    const { output, calls } = await run('arn:aws:states:::aws-sdk:dynamodb:query', { TableName: 't', ExpressionAttributeValues: { ':b': { Bool: true } } }, {
      dynamodb: { Query: () => ({ Count: 1, Items: [{ id: { S: '1' }, ok: { BOOL: true }, tags: { SS: ['a'] }, BOOL: { N: '1' } }], $metadata: {} }) },
    });
    expect(calls.dynamodb[0]).toEqual({ operation: 'Query', input: { TableName: 't', ExpressionAttributeValues: { ':b': { BOOL: true } } } });
    expect(output).toEqual({ Count: 1, Items: [{ id: { S: '1' }, ok: { Bool: true }, tags: { Ss: ['a'] }, BOOL: { N: '1' } }] });
  });

  it('leave an attribute alone that is named like a type', async () => {
    const { output } = await run('arn:aws:states:::aws-sdk:dynamodb:getItem', { TableName: 't' }, { dynamodb: { GetItem: () => ({ Item: { SS: { S: 'x' } } }) } });
    expect(output).toEqual({ Item: { SS: { S: 'x' } } });
  });

  it.each([
    ['dynamodb:putItem', 'dynamodb', 'PutItem', 'ConditionalCheckFailedException', 'DynamoDb.ConditionalCheckFailedException'],
    ['dynamodb:putItem', 'dynamodb', 'PutItem', 'ValidationException', 'DynamoDb.DynamoDbException'],
    ['dynamodb:putItem', 'dynamodb', 'PutItem', 'AccessDeniedException', 'DynamoDb.DynamoDbException'],
    ['dynamodb:transactWriteItems', 'dynamodb', 'TransactWriteItems', 'TransactionCanceledException', 'DynamoDb.TransactionCanceledException'],
    ['sqs:receiveMessage', 'sqs', 'ReceiveMessage', 'QueueDoesNotExist', 'Sqs.QueueDoesNotExistException'],
    ['eventbridge:putEvents', 'events', 'PutEvents', 'InternalException', 'EventBridge.InternalException'],
    ['lambda:invoke', 'lambda', 'Invoke', 'TooManyRequestsException', 'Lambda.TooManyRequestsException'],
    ['cloudwatch:putMetricData', 'cloudwatch', 'PutMetricData', 'InvalidParameterValueException', 'CloudWatch.InvalidParameterValueException'],
  ])('%s names %s', async (action, service, operation, name, expected) => {
    const { error, cause } = await run(`arn:aws:states:::aws-sdk:${action}`, {}, { [service]: { [operation]: fails(name, 'client', 'sorry') } });
    expect(error).toBe(expected);
    expect(cause).toMatch(/^sorry \(Service: \w+, Status Code: 4\d\d, Request ID: [0-9a-f-]{36}\)/);
  });

  it('write times as text and names in Pascal case', async () => {
    const world = new StatesWorld();
    const child = world.create({ StartAt: 'P', States: { P: { Type: 'Pass', End: true } } }, { name: 'Child' });
    const { output } = await world.execute(world.create(task('arn:aws:states:::aws-sdk:sfn:startExecution', {
      Arguments: { StateMachineArn: child, Name: 'one', Input: { a: 1 } },
    })));
    const { ExecutionArn, StartDate, ...rest } = JSON.parse(output);
    expect(ExecutionArn).toContain(':execution:Child:one');
    expect(StartDate).toMatch(/^2026-01-01T00:00:0\d\.\d{3}Z$/);
    expect(rest).toEqual({});
    expect((await world.call('DescribeExecution', { executionArn: ExecutionArn })).input).toBe('{"a":1}');
  });

  it('name the errors of Step Functions itself', async () => {
    const world = new StatesWorld();
    const send = world.create(task('arn:aws:states:::aws-sdk:sfn:sendTaskSuccess', { Arguments: { TaskToken: 'NoSuchTaskToken', Output: '1' } }));
    expect(await world.execute(send)).toMatchObject({
      error: 'Sfn.InvalidTokenException', cause: expect.stringContaining("Invalid Token: 'Invalid token' (Service: Sfn, Status Code: 400, Request ID: "),
    });
    const child = world.create({ StartAt: 'P', States: { P: { Type: 'Pass', End: true } } }, { name: 'Child' });
    await world.execute(child, {}, 'taken');
    const start = world.create(task('arn:aws:states:::aws-sdk:sfn:startExecution', { Arguments: { StateMachineArn: child, Name: 'taken' } }), { name: 'Start' });
    expect(await world.execute(start)).toMatchObject({ error: 'Sfn.ExecutionAlreadyExistsException' });
  });

  it('leave a failed function to the definition: only an error answer fails the task', async () => {
    const { status, output } = await run('arn:aws:states:::aws-sdk:lambda:invoke', { FunctionName: 'f', Payload: { a: 1 } }, {
      lambda: { Invoke: (input) => ({ StatusCode: 200, FunctionError: 'Unhandled', Payload: input.Payload }) },
    });
    expect({ status, output }).toEqual({ status: 'SUCCEEDED', output: { StatusCode: 200, FunctionError: 'Unhandled', Payload: '{"a":1}' } });
  });

  it('are refused at creation for services and operations that are not simulated', () => {
    const world = new StatesWorld({ sqs: { SendMessage: () => ({}) } });
    expect(() => world.create(task('arn:aws:states:::aws-sdk:glue:startJobRun'))).toThrow(/state 'Ask': the AWS SDK integration 'glue' is not simulated/);
    expect(() => world.create(task('arn:aws:states:::aws-sdk:sqs:purgeQueue'))).toThrow(/state 'Ask': operation 'PurgeQueue' of sqs is not simulated/);
  });
});

describe('states:startExecution', () => {
  const CHILD = { StartAt: 'P', States: { P: { Type: 'Wait', Seconds: 30, Next: 'Q' }, Q: { Type: 'Pass', Result: { rate: 3 }, End: true } } };
  const FAILING = { StartAt: 'F', States: { F: { Type: 'Fail', Error: 'Broke', Cause: 'on purpose' } } };

  async function parent(suffix: string, child: object, fields: object = {}) {
    const world = new StatesWorld();
    const childArn = world.create(child, { name: 'Child' });
    const machine = world.create(task(`arn:aws:states:::states:startExecution${suffix}`, {
      Arguments: { StateMachineArn: childArn, Name: 'one', Input: { a: 1 } }, ...fields,
    }), { name: 'Parent' });
    return { world, childArn, machine };
  }

  it('goes on as soon as the child has started', async () => {
    const { world, machine } = await parent('', CHILD);
    const { output, startDate, stopDate } = await world.execute(machine);
    expect(JSON.parse(output)).toMatchObject({
      ExecutionArn: expect.stringContaining(':execution:Child:one'), StartDate: expect.any(Number), SdkHttpMetadata: { HttpStatusCode: 200 },
    });
    expect(stopDate - startDate).toBeLessThan(5000);
  });

  it('with .sync waits for the child and answers its output as text', async () => {
    const { world, childArn, machine } = await parent('.sync', CHILD);
    const { output, startDate, stopDate, executionArn } = await world.execute(machine);
    expect(JSON.parse(output)).toEqual({
      ExecutionArn: expect.stringContaining(':execution:Child:one'),
      Input: '{"a":1}',
      InputDetails: { Included: true },
      Name: 'one',
      Output: '{"rate":3}',
      OutputDetails: { Included: true },
      StartDate: expect.any(Number),
      StateMachineArn: childArn,
      Status: 'SUCCEEDED',
      StopDate: expect.any(Number),
    });
    expect(stopDate - startDate).toBeGreaterThan(30_000);
    expect((await world.history(executionArn)).map(({ type }) => type)).toContain('TaskSubmitted');
  });

  it('with .sync asks again when the description of the child lags behind', async () => {
    let stale = 2;
    const world = new StatesWorld({}, { faults: { ...NO_FAULTS, onEventuallyConsistentRead: () => stale-- > 0 } });
    const child = world.create(CHILD, { name: 'Child' });
    const machine = world.create(task('arn:aws:states:::states:startExecution.sync', { Arguments: { StateMachineArn: child } }), { name: 'Parent' });
    expect(JSON.parse((await world.execute(machine)).output)).toMatchObject({ Status: 'SUCCEEDED', Output: '{"rate":3}' });
  });

  it('with .sync:2 answers its output as JSON', async () => {
    const { world, machine } = await parent('.sync:2', CHILD);
    expect(JSON.parse((await world.execute(machine)).output)).toMatchObject({ Input: { a: 1 }, Output: { rate: 3 } });
  });

  it('with .sync fails as States.TaskFailed when the child fails, with the child as the cause', async () => {
    const { world, machine } = await parent('.sync', FAILING);
    const { error, cause } = await world.execute(machine);
    expect(error).toBe('States.TaskFailed');
    expect(JSON.parse(cause)).toMatchObject({ Error: 'Broke', Cause: 'on purpose', Status: 'FAILED', Name: 'one' });
  });

  it('with .sync stops the child when the task times out', async () => {
    const { world, machine } = await parent('.sync', CHILD, { TimeoutSeconds: 5 });
    expect(await world.execute(machine)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    const executionArn = 'arn:aws:states:us-east-1:123456789012:execution:Child:one';
    expect((await world.call('DescribeExecution', { executionArn })).status).toBe('ABORTED');
  });

  it('with .sync needs the permissions for the managed rule when the state machine is created', async () => {
    const world = new StatesWorld();
    world.iam.denied.add('events:PutRule');
    expect(() => world.create(task('arn:aws:states:::states:startExecution.sync', { Arguments: { StateMachineArn: 'x' } })))
      .toThrow(/state machine 'Quotes': .*events:PutRule.*StepFunctionsGetEventsForStepFunctionsExecutionRule/);
  });

  it('names a missing state machine', async () => {
    const world = new StatesWorld();
    const missing = 'arn:aws:states:us-east-1:123456789012:stateMachine:Missing';
    const { error, cause } = await world.execute(world.create(task('arn:aws:states:::states:startExecution', { Arguments: { StateMachineArn: missing } })));
    expect(error).toBe('StepFunctions.StateMachineDoesNotExistException');
    expect(cause).toMatch(/^State Machine Does Not Exist: '.*Missing' \(Service: AWSStepFunctions; Status Code: 400; Error Code: StateMachineDoesNotExist; Request ID: /);
  });

  it('with .waitForTaskToken waits for whoever gets the token from the child', async () => {
    const world = new StatesWorld({ lambda: { Invoke: () => ({ StatusCode: 200, Payload: '1' }) } });
    const child = world.create(task('arn:aws:states:::aws-sdk:sfn:sendTaskSuccess', {
      Arguments: { TaskToken: '{% $states.input.token %}', Output: { from: 'child' } },
    }), { name: 'Child' });
    const { status, output } = await world.execute(world.create(task('arn:aws:states:::states:startExecution.waitForTaskToken', {
      Arguments: { StateMachineArn: child, Input: { token: '{% $states.context.Task.Token %}' } },
    }), { name: 'Parent' }));
    expect({ status, output }).toEqual({ status: 'SUCCEEDED', output: '{"from":"child"}' });
  });
});
