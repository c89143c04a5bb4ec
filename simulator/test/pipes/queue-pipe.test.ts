import { ACCEPT, arnOf, BUS, FUNCTION, PipeWorld, SOURCE_QUEUE } from './pipe-world';
import { type FakeCall, fakeService } from '../lambda/lambda-world';

const BODY = '{"n": <$.body.n>}';
const COLLECT = (answer: string) => `const seen = globalThis.seen ??= []; exports.handler = async (event) => {
  if (event.seen) return seen;
  seen.push(event);
  ${answer}
}`;
const MACHINE = arnOf('states', 'stateMachine:m');

async function seenBy(world: PipeWorld): Promise<any[]> {
  return JSON.parse((await world.answer('lambda', 'Invoke', { FunctionName: 'fn', Payload: '{"seen":true}' })).Payload);
}

describe('a pipe from a queue', () => {
  it('reads a body that is JSON as such, in filters, templates and parameters, and deletes what it has delivered', async () => {
    const world = new PipeWorld({ putEvents: ACCEPT });
    world.queuePipe({
      Target: BUS,
      TargetParameters: { InputTemplate: '{"all": <$.body>, "n": <$.body.n>}', EventBridgeEventBusParameters: { DetailType: '$.body.kind', Source: 'x' } },
    }, {}, { Filters: [{ Pattern: '{"body":{"kind":["placed"]}}' }] });
    world.send({ kind: 'placed', n: 1 }, { kind: 'other', n: 2 }, 'no JSON');
    await world.run();
    expect(world.puts.map(({ input }) => input.Entries).flat()).toEqual([
      { EventBusName: BUS, Source: 'x', DetailType: 'placed', Detail: '{"all": {"kind":"placed","n":1}, "n": 1}' },
    ]);
    await world.run(120_000);
    expect(await world.messages(SOURCE_QUEUE)).toEqual([]);
  });

  it('passes the message on as it is without a template', async () => {
    const world = new PipeWorld();
    world.queuePipe();
    world.send({ n: 1 });
    await world.run();
    expect(await world.bodies()).toEqual([expect.objectContaining({ body: '{"n":1}', eventSource: 'aws:sqs', eventSourceARN: SOURCE_QUEUE })]);
  });

  it('gives a function an array, also of one event, and keeps what the function reports as failed by the ids of the source', async () => {
    const world = new PipeWorld();
    world.deploy('fn', COLLECT('if (seen.length === 1) return { batchItemFailures: [{ itemIdentifier: event.find(({ n }) => n === 2).id }] };'));
    world.queuePipe({ Target: FUNCTION, TargetParameters: { InputTemplate: '{"n": <$.body.n>, "id": <$.messageId>}' } }, { MaximumBatchingWindowInSeconds: 2 });
    world.send({ n: 1 }, { n: 2 }, { n: 3 });
    await world.run(7 * 60_000);
    expect((await seenBy(world)).map((batch) => batch.map(({ n }: any) => n).sort())).toEqual([[1, 2, 3]]);
    expect(world.metric('ExecutionPartiallyFailed')).toBe(1);
    // With a window the failed message stays hidden for 450 seconds and the window.
    await world.run(60_000);
    expect((await seenBy(world)).map((batch) => batch.map(({ n }: any) => n).sort())).toEqual([[1, 2, 3], [2]]);
  });

  it('leaves the messages of a failed function to the queue', async () => {
    const world = new PipeWorld();
    world.deploy('fn', COLLECT('if (seen.length < 3) throw new Error("broken");'));
    world.queuePipe({ Target: FUNCTION, TargetParameters: { InputTemplate: BODY } });
    world.send({ n: 1 });
    await world.run();
    expect(await seenBy(world)).toEqual([[{ n: 1 }], [{ n: 1 }], [{ n: 1 }]]);
    expect(world.world.kernel.now - Date.UTC(2026, 0, 1)).toBeGreaterThan(60_000);
  });

  it('does not see the failure of a function that it does not wait for', async () => {
    const world = new PipeWorld();
    world.deploy('fn', COLLECT('throw new Error("broken");'));
    world.queuePipe({ Target: FUNCTION, TargetParameters: { InputTemplate: BODY, LambdaFunctionParameters: { InvocationType: 'FIRE_AND_FORGET' } } });
    world.send({ n: 1 });
    await world.run(500);
    expect(world.events('pipes.delivered')).toHaveLength(1);
    expect(world.metric('ExecutionFailed')).toBe(0);
  });

  it('breaks on a template that makes no JSON for a function', async () => {
    const world = new PipeWorld();
    world.deploy('fn', COLLECT(''));
    world.queuePipe({ Target: FUNCTION, TargetParameters: { InputTemplate: '{"text": "<$.body.text>"}' } });
    world.send({ text: 'a "quoted" word' });
    await world.run(1000);
    expect(world.events('pipes.failed')[0].detail!.error).toContain('InvalidRequestContentException');
  });

  it('starts state machines: Standard ones without waiting, Express ones with their result', async () => {
    const calls: FakeCall[] = [];
    const states = fakeService('states', {
      StartExecution: () => ({}),
      StartSyncExecution: () => (calls.length === 1 ? { status: 'FAILED', error: 'Broken' } : { status: 'SUCCEEDED', output: '{}' }),
    }, calls);
    const world = new PipeWorld({ services: [states] });
    world.queuePipe({ Target: MACHINE, TargetParameters: { InputTemplate: BODY } });
    world.send({ n: 1 });
    await world.run();
    expect(calls.map(({ operation, input }) => [operation, input])).toEqual(Array(2).fill(['StartSyncExecution', { stateMachineArn: MACHINE, input: '[{"n": 1}]' }]));
    const started: FakeCall[] = [];
    const other = new PipeWorld({ services: [fakeService('states', { StartExecution: () => ({}) }, started)] });
    other.queuePipe({ Target: MACHINE, TargetParameters: { StepFunctionStateMachineParameters: { InvocationType: 'FIRE_AND_FORGET' } } });
    other.send({ n: 1 });
    await other.run();
    expect(started.map(({ operation }) => operation)).toEqual(['StartExecution']);
  });

  it('publishes to a topic, and writes to a log group', async () => {
    const published: FakeCall[] = [];
    const world = new PipeWorld({ services: [fakeService('sns', { PublishBatch: () => ({ Successful: [{}] }) }, published)] });
    world.create('AWS::Logs::LogGroup', { LogGroupName: 'log' }, 'Stack/Log');
    world.queuePipe({ Name: 'one', Target: arnOf('sns', 'topic'), TargetParameters: { InputTemplate: BODY } });
    world.send({ n: 1 });
    await world.run();
    expect(published.map(({ input }) => input)).toEqual([{ TopicArn: arnOf('sns', 'topic'), PublishBatchRequestEntries: [{ Id: '0', Message: '{"n": 1}' }] }]);
    const logging = new PipeWorld();
    logging.create('AWS::Logs::LogGroup', { LogGroupName: 'log' }, 'Stack/Log');
    logging.queuePipe({ Target: arnOf('logs', 'log-group:log:*'), TargetParameters: { InputTemplate: BODY } });
    logging.send({ n: 1 });
    await logging.run();
    expect((logging.world.service('logs') as any).lines('log').map(({ message }: any) => message)).toEqual(['{"n": 1}']);
  });

  it('takes the requests by 64 KB of payload', async () => {
    const world = new PipeWorld();
    world.queuePipe();
    world.send('x'.repeat(100_000));
    await world.run();
    expect(world.world.meter.get('pipes.requests')).toBe(2);
  });
});

describe('an enrichment', () => {
  it('gets an array of transformed events, and what it answers is what the target gets', async () => {
    const world = new PipeWorld();
    world.deploy('fn', COLLECT('return event.map(({ n }) => ({ double: 2 * n }));'));
    world.queuePipe({
      Enrichment: FUNCTION,
      EnrichmentParameters: { InputTemplate: BODY },
      TargetParameters: { InputTemplate: '{"d": <$.double>, "body": <$.body>}' },
    });
    world.send({ n: 21 });
    await world.run();
    expect(await seenBy(world)).toEqual([[{ n: 21 }]]);
    expect(await world.bodies()).toEqual([{ d: 42, body: '' }]);
  });

  it.each(['[]', '{}', 'null', 'undefined'])('that answers %s leaves the target alone', async (answer) => {
    const world = new PipeWorld();
    world.deploy('fn', COLLECT(`return ${answer};`));
    world.queuePipe({ Enrichment: FUNCTION });
    world.send({ n: 1 });
    await world.run(120_000);
    expect(await world.bodies()).toEqual([]);
    expect(world.metric('TargetStageSkipped')).toBe(1);
  });

  it('that fails is a failure of the whole batch, and is invoked again', async () => {
    const world = new PipeWorld();
    world.deploy('fn', COLLECT('if (seen.length === 1) throw new Error("broken"); return event;'));
    world.queuePipe({ Enrichment: FUNCTION });
    world.send({ n: 1 });
    await world.run();
    expect(await seenBy(world)).toHaveLength(2);
    expect(await world.bodies()).toHaveLength(1);
    expect(world.metric('EnrichmentStageFailed')).toBe(1);
  });

  it('that answers more than the target takes is a failure', async () => {
    const world = new PipeWorld();
    world.deploy('fn', COLLECT('return Array(11).fill({ n: 1 });'));
    world.queuePipe({ Enrichment: FUNCTION });
    world.send({ n: 1 });
    await world.run(1500);
    expect(world.events('pipes.failed')[0].detail!.error).toBe('the target takes 10 events at most, the enrichment answered 11');
  });
});
