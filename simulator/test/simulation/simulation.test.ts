import { shopFile, shopTemplate } from './fixtures';
import { Simulation, type TraceEntry } from '../../src';

const load = (options: Parameters<typeof Simulation.load>[1] = {}, template?: object) => Simulation.load(shopFile(template), options);

describe('starting things', () => {
  it('runs a Standard workflow with real handler code to its end', async () => {
    expect(await load().complete('Workflow', { n: 21 })).toEqual({ status: 'SUCCEEDED', output: { n: 42 } });
  });

  it('tells how a workflow failed', async () => {
    expect(await load().complete('Workflow', { n: -1 })).toMatchObject({ status: 'FAILED', error: 'RangeError', cause: expect.stringContaining('negative') });
  });

  it('runs an Express workflow synchronously', async () => {
    expect(await load().complete('Quick', { a: 1 })).toEqual({ status: 'SUCCEEDED', output: { a: 1 } });
  });

  it('invokes a function, and tells how it failed', async () => {
    expect(await load().complete('Double', { n: 3 })).toEqual({ status: 'SUCCEEDED', output: { n: 6 } });
    expect(await load().complete('Double', { n: -1 })).toEqual({ status: 'FAILED', error: 'RangeError', cause: 'negative' });
  });

  it('puts other JavaScript in place of a function', async () => {
    const slowly = async ({ n }: any, _context: unknown, { sleep }: any) => {
      await sleep(1000);
      return { n: n + 1 };
    };
    const simulation = load({ functionOverrides: { Double: slowly } });
    expect(await simulation.complete('Workflow', { n: 1 })).toMatchObject({ output: { n: 2 } });
    expect(simulation.report().virtualMs).toBeGreaterThan(1000);
  });

  it('sends to a queue, FIFO or not, and to a bus whose rules forward', async () => {
    const simulation = load();
    expect(await simulation.complete('Inbox', { hello: 1 })).toMatchObject({ status: 'SUCCEEDED', output: { MessageId: expect.any(String) } });
    expect(await simulation.complete('Ordered', 'text')).toMatchObject({ status: 'SUCCEEDED' });
    expect(await simulation.complete('Bus', { 'source': 'shop', 'detail-type': 'Order', 'detail': { id: 1 } })).toMatchObject({ status: 'SUCCEEDED' });
    expect(await simulation.complete('Bus', { Source: 'other', DetailType: 'Order', Detail: '{}' })).toMatchObject({ status: 'SUCCEEDED' });
    await simulation.run();
    expect(simulation.report()).toMatchObject({ undelivered: { Inbox: 2, Ordered: 1 }, deadLetters: {} });
  });

  it('fails what is refused, without an exception', async () => {
    expect(await load().complete('Bus', { source: 'aws.shop' })).toMatchObject({ status: 'FAILED' });
    expect(await load().complete('Bus', 5)).toMatchObject({ status: 'FAILED', cause: 'an event is an object with source, detail-type and detail, got 5' });
  });

  it('says when nothing is left to happen before the end', async () => {
    await expect(load().complete('Callback', {})).rejects.toThrow("'Callback' was started and has not ended, and nothing is left to happen");
  });

  it('leaves the outcome open until the world has run', async () => {
    const simulation = load();
    const run = simulation.start('Workflow', { n: 1 });
    expect(run.outcome).toBeUndefined();
    expect(await simulation.run()).toBe('quiet');
    expect(run.outcome).toEqual(await run.result());
    expect(run.executionArn).toMatch(/^arn:aws:states:us-east-1:123456789012:execution:/);
  });
});

describe('finding things', () => {
  const simulation = load();

  it.each(['Inbox', 'Shop/Inbox', 'Shop/Inbox/Resource', 'Inbox/Resource'])('knows the queue as %s', (target) => {
    expect(simulation.find(target, ['AWS::SQS::Queue']).logicalId).toBe('Inbox');
  });

  it('knows things by ARN, physical name and URL', () => {
    const { attributes, ref } = simulation.find('Inbox').provisioned;
    for (const target of [attributes!.Arn, attributes!.QueueName, ref]) expect(simulation.find(target).logicalId).toBe('Inbox');
  });

  it('takes a construct with one state machine inside for that', async () => {
    expect(await simulation.complete('Orders', { n: 1 })).toMatchObject({ output: { n: 2 } });
  });

  it('lists what there is when nothing has the name, or several things have it', () => {
    expect(() => simulation.find('Nothing', ['AWS::SQS::Queue']))
      .toThrow("nothing is called 'Nothing'; there are Shop/Inbox/Dead (SQS::Queue), Shop/Inbox (SQS::Queue), Shop/Ordered (SQS::Queue)");
    const template: any = shopTemplate();
    template.Resources.Again = { ...template.Resources.Inbox, Metadata: { 'aws:cdk:path': 'Shop/Other/Inbox/Resource' } };
    delete template.Resources.Inbox.Metadata;
    template.Resources.First = { ...template.Resources.Again, Metadata: { 'aws:cdk:path': 'Shop/One/Inbox/Resource' } };
    delete template.Resources.Inbox;
    const rest = Object.fromEntries(Object.entries(template.Resources).filter(([, { Type }]: any) => Type === 'AWS::SQS::Queue'));
    expect(() => load({}, { Resources: rest }).find('Inbox'))
      .toThrow("'Inbox' is ambiguous: Shop/Other/Inbox (AWS::SQS::Queue, logical id Again in stack Shop), Shop/One/Inbox");
  });
});

describe('the report', () => {
  it('counts what is billed, how long it took and what happened', async () => {
    const simulation = load({ trace: { keep: true } });
    await simulation.complete('Workflow', { n: 1 });
    const report = simulation.report();
    expect(report.billable).toMatchObject({ 'lambda.requests': 1, 'states.transitions': 1 });
    expect(report.virtualMs).toBeGreaterThan(100);
    expect(report.events).toBe(simulation.world.trace.entries.length);
    expect(report).toMatchObject({ denials: [], lost: [], deadLetters: {}, undelivered: {} });
  });

  it('names the grants that nothing used', async () => {
    const simulation = load();
    await simulation.complete('Workflow', { n: 1 });
    expect(simulation.report().unusedGrants).toEqual([
      { role: expect.stringMatching(/^arn:aws:iam::123456789012:role\/Shop-MachineRole-/), name: 'MachineRole', action: 'sqs:SendMessage', resource: expect.stringContaining('Inbox') },
    ]);
  });

  it('names role, action and resource of what was denied', async () => {
    const simulation = load({}, shopTemplate({ 'sqs:SendMessage': 'Inbox' }));
    const outcome = await simulation.complete('Workflow', { n: 1 });
    expect(outcome.status).toBe('FAILED');
    expect(outcome.cause).toMatch(/role\/Shop-MachineRole-\w+ is not authorized to perform: lambda:InvokeFunction on resource: arn:aws:lambda:[^ ]*Double/);
    expect(simulation.report().denials).toEqual([expect.objectContaining({ name: 'MachineRole', action: 'lambda:InvokeFunction', count: expect.any(Number) })]);
  });

  it('lists dead letters and what is lost for good', async () => {
    const simulation = load();
    await simulation.complete('Inbox', 'poison');
    const QueueUrl = simulation.find('Inbox').provisioned.ref;
    const receive = () => simulation.world.call({ service: 'sqs', operation: 'ReceiveMessage', input: { QueueUrl }, caller: { principal: { kind: 'operator' }, name: 'test' } });
    for (let i = 0; i < 2; i++) {
      await simulation.run();
      void receive();
      await simulation.run();
    }
    expect(simulation.report()).toMatchObject({ deadLetters: { 'Inbox/Dead': 1 }, undelivered: {}, lost: [] });
    await simulation.run({ deadline: simulation.world.kernel.now + 5 * 86_400_000 });
    expect(simulation.report()).toMatchObject({ deadLetters: {}, lost: [expect.objectContaining({ event: 'sqs.expire', subject: 'Inbox/Dead' })] });
  });
});

describe('determinism', () => {
  const hash = async (seed: number) => {
    const simulation = load({ seed, faults: { throttle: 0.2, duplicate: 0.2, delay: 0.2 } });
    for (let n = 0; n < 5; n++) simulation.start('Workflow', { n });
    simulation.start('Bus', { 'source': 'shop', 'detail-type': 'x' });
    await simulation.run();
    return simulation.report().traceHash;
  };

  it('gives the same trace for the same seed, in another directory too, and another for another seed', async () => {
    const [first, again, other] = [await hash(7), await hash(7), await hash(8)];
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  it('shows each thing as it happens', async () => {
    const seen: TraceEntry[] = [];
    const simulation = load({ trace: { listener: (entry) => seen.push(entry) } });
    await simulation.complete('Double', { n: 1 });
    expect(seen.map(({ event }) => event)).toContain('lambda.Invoke');
  });
});

describe('what Lambda does with a function\'s role', () => {
  const withRole = (...actions: string[]) => {
    const template: any = shopTemplate();
    const Statement = [{ Effect: 'Allow', Action: actions, Resource: '*' }];
    template.Resources.FunctionRole.Properties.Policies = [{ PolicyName: 'p', PolicyDocument: { Statement } }];
    template.Resources.Double.Properties.TracingConfig = { Mode: 'Active' };
    return load({}, template);
  };
  const unused = (simulation: Simulation) => simulation.report().unusedGrants.filter(({ name }) => name === 'FunctionRole').map(({ action }) => action);

  it('uses the permissions to write logs and traces, so they are not reported as unused', async () => {
    const simulation = withRole('logs:CreateLogStream', 'logs:PutLogEvents', 'xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'sqs:SendMessage');
    await simulation.complete('Double', { n: 1 });
    expect(unused(simulation)).toEqual(['sqs:SendMessage']);
  });

  it('is not a denial when they are missing', async () => {
    const simulation = withRole('sqs:SendMessage');
    expect(await simulation.complete('Double', { n: 1 })).toMatchObject({ status: 'SUCCEEDED' });
    expect(simulation.report().denials).toEqual([]);
  });
});
