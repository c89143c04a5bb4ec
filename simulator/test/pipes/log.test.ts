import { a, ACCEPT, BUS, FUNCTION, PipeWorld, refuse, ROLE } from './pipe-world';
import type { LogsService } from '../../src/services/cloudwatch';

const GROUP = 'arn:aws:logs:us-east-1:123456789012:log-group:relay-log';
const logging = (Level: string, more: object = {}) => ({
  LogConfiguration: { Level, CloudwatchLogsLogDestination: { LogGroupArn: GROUP }, ...more },
});
const TEMPLATE = { TargetParameters: { InputTemplate: '{"id": <$.dynamodb.Keys.sk.N>}' } };

/** A pipe to a bus, and what it has logged of one record. */
async function logged(properties: object, putEvents: (input: any) => any = ACCEPT, prepare: (world: PipeWorld) => void = () => {}) {
  const world = new PipeWorld({ putEvents });
  world.create('AWS::Logs::LogGroup', { LogGroupName: 'relay-log' }, 'Stack/Log');
  prepare(world);
  world.pipe({ Target: BUS, ...TEMPLATE, ...properties }, { MaximumRetryAttempts: 0 });
  world.write(...a(7));
  await world.run();
  const lines = world.world.service<LogsService>('logs').lines('relay-log').map(({ message }) => JSON.parse(message));
  return { world, lines, steps: lines.map(({ messageType }) => messageType) };
}
const malformed = () => ({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'MalformedDetail' }] });

describe('the log of a pipe', () => {
  it('has at ERROR nothing of an execution that goes well', async () => {
    expect((await logged(logging('ERROR'))).steps).toEqual([]);
  });

  it('has at ERROR how an execution failed, with the error and without the data', async () => {
    const { lines, steps } = await logged(logging('ERROR'), malformed);
    expect(steps).toEqual(['TARGET_INVOCATION_FAILED', 'TARGET_STAGE_FAILED', 'EXECUTION_FAILED']);
    expect(lines[2]).toEqual({
      resourceArn: 'arn:aws:pipes:us-east-1:123456789012:pipe/relay',
      timestamp: expect.any(Number),
      executionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      messageType: 'EXECUTION_FAILED',
      logLevel: 'ERROR',
      error: { message: 'MalformedDetail' },
    });
    expect(new Set(lines.map(({ executionId }) => executionId)).size).toBe(1);
    expect(JSON.stringify(lines)).not.toMatch(/payload|awsRequest|"7"/);
  });

  it('has the steps of each level', async () => {
    const info = ['EXECUTION_STARTED', 'TARGET_STAGE_ENTERED', 'TARGET_STAGE_SUCCEEDED', 'EXECUTION_SUCCEEDED'];
    expect((await logged(logging('INFO'))).steps).toEqual(info);
    expect((await logged(logging('TRACE'))).steps).toEqual([
      'EXECUTION_STARTED', 'TARGET_STAGE_ENTERED', 'TARGET_TRANSFORMATION_STARTED', 'TARGET_TRANSFORMATION_SUCCEEDED', 'TARGET_INVOCATION_STARTED',
      'TARGET_INVOCATION_SUCCEEDED', 'TARGET_STAGE_SUCCEEDED', 'EXECUTION_SUCCEEDED',
    ]);
    expect((await logged(logging('OFF'), malformed)).steps).toEqual([]);
    expect((await logged({}, malformed)).steps).toEqual([]);
  });

  it('has the payload, the request and the response where it is asked to', async () => {
    const { lines } = await logged(logging('TRACE', { IncludeExecutionData: ['ALL'] }));
    const of = (step: string) => lines.find(({ messageType }) => messageType === step);
    expect(JSON.parse(of('EXECUTION_STARTED').payload)).toMatchObject([{ eventName: 'INSERT' }]);
    expect(of('TARGET_TRANSFORMATION_SUCCEEDED').payload).toBe('[{"id": "7"}]');
    expect(JSON.parse(of('TARGET_INVOCATION_SUCCEEDED').awsRequest)).toMatchObject({ Entries: [{ Detail: '{"id": "7"}' }] });
    expect(JSON.parse(of('TARGET_INVOCATION_SUCCEEDED').awsResponse)).toEqual({ FailedEntryCount: 0, Entries: [{ EventId: 'x' }] });
    expect(of('TARGET_INVOCATION_STARTED')).not.toHaveProperty('awsRequest');
  });

  it('cuts data that would make a record larger than 256 KB, the payload first', async () => {
    const large = (world: PipeWorld) => world.write({ pk: { S: 'a' }, sk: { N: '1' }, text: { S: 'x'.repeat(300_000) } });
    const { lines } = await logged(logging('INFO', { IncludeExecutionData: ['ALL'] }), ACCEPT, large);
    const [started] = lines.filter(({ messageType, truncatedFields }) => messageType === 'EXECUTION_STARTED' && truncatedFields);
    expect(started.truncatedFields).toEqual(['payload']);
    expect(Buffer.byteLength(JSON.stringify(started))).toBeLessThanOrEqual(256 * 1024);
    expect(started.payload).toContain('xxx');
  });

  it('tells throttling and partial failures apart from failures', async () => {
    let calls = 0;
    const throttledOnce = (input: any) => (calls++ === 0 ? refuse('ThrottlingException', { retryable: true }) : ACCEPT(input));
    expect((await logged(logging('ERROR'), throttledOnce)).steps).toEqual(['TARGET_INVOCATION_FAILED', 'TARGET_STAGE_FAILED', 'EXECUTION_THROTTLED']);
    const half = ({ Entries }: any) => ({
      FailedEntryCount: Entries.length - 1, Entries: Entries.map((_: any, index: number) => (index === 0 ? { EventId: 'x' } : { ErrorCode: 'MalformedDetail' })),
    });
    const world = new PipeWorld({ putEvents: half });
    world.create('AWS::Logs::LogGroup', { LogGroupName: 'relay-log' }, 'Stack/Log');
    world.pipe({ Target: BUS, ...TEMPLATE, ...logging('ERROR') }, { MaximumRetryAttempts: 0, BatchSize: 2, MaximumBatchingWindowInSeconds: 1 });
    world.write(...a(1, 2));
    await world.run();
    const steps = world.world.service<LogsService>('logs').lines('relay-log').map(({ message }) => JSON.parse(message).messageType);
    expect(steps).toEqual(['TARGET_INVOCATION_PARTIALLY_FAILED', 'TARGET_STAGE_PARTIALLY_FAILED', 'EXECUTION_PARTIALLY_FAILED']);
    expect(['ExecutionPartiallyFailed', 'ExecutionFailed', 'ExecutionThrottled'].map((name) => world.metric(name))).toEqual([1, 0, 0]);
  });

  it('has the enrichment\'s steps', async () => {
    const enriched = async (source: string) => (await logged({ ...logging('INFO'), Enrichment: FUNCTION }, ACCEPT, (world) => world.deploy('fn', source))).steps;
    expect((await enriched('exports.handler = async (events) => events.map(() => ({ n: 1 }));')).slice(0, 3)).toEqual([
      'EXECUTION_STARTED', 'ENRICHMENT_STAGE_ENTERED', 'ENRICHMENT_STAGE_SUCCEEDED',
    ]);
    expect(await enriched('exports.handler = async () => { throw new Error("no"); };')).toEqual([
      'EXECUTION_STARTED', 'ENRICHMENT_STAGE_ENTERED', 'ENRICHMENT_INVOCATION_FAILED', 'ENRICHMENT_STAGE_FAILED', 'EXECUTION_FAILED',
    ]);
  });

  it('is not written by a role that may not, and the pipe goes on', async () => {
    const { world, steps } = await logged(logging('INFO'), ACCEPT, ({ iam }) => iam.denied.add('logs:PutLogEvents'));
    expect(steps).toEqual([]);
    expect(world.puts).toHaveLength(1);
    expect(world.events('pipes.logNotWritten')).toHaveLength(4);
    const { iam } = (await logged(logging('ERROR'), malformed)).world;
    expect(iam.isAllowed({ kind: 'role', arn: ROLE }, { action: 'logs:PutLogEvents', resource: `${GROUP}:log-stream:relay` })).toBe(true);
  });

  it('is refused with what it cannot have', () => {
    const pipe = (LogConfiguration: object) => () => new PipeWorld().pipe({ LogConfiguration });
    expect(pipe({ Level: 'DEBUG' })).toThrow('LogConfiguration.Level is "DEBUG"; allowed: OFF, ERROR, INFO, TRACE');
    expect(pipe({ Level: 'ERROR' })).toThrow('LogConfiguration.Level is ERROR, and there is no CloudwatchLogsLogDestination');
    expect(pipe({ Level: 'OFF', IncludeExecutionData: ['SOME'] })).toThrow('LogConfiguration.IncludeExecutionData is ["SOME"]; allowed: ["ALL"]');
  });
});
