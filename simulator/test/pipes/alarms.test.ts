import { a, ACCEPT, BUS, HOUR, PipeWorld, type PipeWorldOptions, refuse } from './pipe-world';
import type { CloudWatchService } from '../../src/services/cloudwatch';

const MINUTE = 60_000;
const UNDELIVERED = ['ExecutionFailed', 'ExecutionPartiallyFailed', 'ExecutionThrottled', 'ExecutionTimeout'];
const stat = (Id: string, MetricName: string) => ({
  Id,
  ReturnData: false,
  MetricStat: { Metric: { Namespace: 'AWS/EventBridge/Pipes', MetricName, Dimensions: [{ Name: 'PipeName', Value: 'relay' }] }, Period: 300, Stat: 'Sum' },
});

/** A pipe with an alarm that wants something undelivered in each of three periods of five minutes. */
function watched(putEvents: PipeWorldOptions['putEvents'], stream: object = {}, changes: object = {}) {
  const world = new PipeWorld({ putEvents });
  world.pipe({ Target: BUS, TargetParameters: { InputTemplate: '{"id": <$.dynamodb.Keys.sk.N>}' } }, stream);
  world.create('AWS::CloudWatch::Alarm', {
    AlarmName: 'lag',
    Metrics: [...UNDELIVERED.map((name, index) => stat(`m${index}`, name)), { Id: 'all', Expression: 'SUM(METRICS())' }],
    EvaluationPeriods: 3,
    Threshold: 0,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'notBreaching',
    ...changes,
  }, 'Stack/Lag');
  return Object.assign(world, {
    alarm: () => world.world.service<CloudWatchService>('cloudwatch').alarms.state('lag'),
    counts: () => ['Invocations', ...UNDELIVERED].map((name) => world.metric(name)),
  });
}

describe('an alarm on a pipe', () => {
  it('rises when executions have failed for three periods, and falls when they succeed', async () => {
    let refusing = true;
    const world = watched((input) => (refusing ? { FailedEntryCount: 1, Entries: [{ ErrorCode: 'MalformedDetail' }] } : ACCEPT(input)));
    world.write(...a(1));
    await world.run(10 * MINUTE);
    expect(world.alarm()).not.toBe('ALARM');
    await world.run(5 * MINUTE);
    expect(world.alarm()).toBe('ALARM');
    refusing = false;
    await world.run(10 * MINUTE);
    expect(world.alarm()).toBe('OK');
    const [invocations, failed, ...others] = world.counts();
    expect(failed).toBe(invocations! - 1);
    expect(others).toEqual([0, 0, 0]);
  });

  it('rises for throttled executions, which are not failed ones', async () => {
    const world = watched(() => refuse('ThrottlingException', { retryable: true }));
    world.write(...a(1));
    await world.run(16 * MINUTE);
    expect(world.alarm()).toBe('ALARM');
    const [invocations, failed, partially, throttled] = world.counts();
    expect([failed, partially, throttled]).toEqual([0, 0, invocations]);
  });

  it('rises for executions that fail in part', async () => {
    const last = ({ Entries }: any) => Entries.map((_: any, index: number) => (index === Entries.length - 1 ? { ErrorCode: 'MalformedDetail' } : { EventId: 'x' }));
    const world = watched((input) => ({ FailedEntryCount: 1, Entries: last(input) }), { BatchSize: 2, MaximumBatchingWindowInSeconds: 1 });
    world.write(...a(1, 2));
    await world.run(HOUR);
    const [, failed, partially] = world.counts();
    expect(partially).toBe(1);
    expect(failed).toBeGreaterThan(10);
    expect(world.alarm()).toBe('ALARM');
  });

  it('hears nothing of a pipe that stands still: no execution, no data', async () => {
    const world = watched(() => refuse('ThrottlingException', { retryable: true }));
    world.write(...a(1));
    await world.run(16 * MINUTE);
    await world.answer('pipes', 'StopPipe', { Name: 'relay' });
    const before = world.counts();
    await world.run(HOUR);
    expect(world.counts()).toEqual(before);
    expect(world.alarm()).toBe('OK');
    const silent = watched(ACCEPT, {}, { TreatMissingData: 'breaching' });
    await silent.run(HOUR);
    expect(silent.counts()).toEqual([undefined, undefined, undefined, undefined, undefined]);
    expect(silent.alarm()).toBe('ALARM');
  });

  it('hears nothing of a pipe that may not read its stream', async () => {
    const world = watched(ACCEPT);
    world.iam.denied.add('dynamodb:GetRecords');
    world.write(...a(1));
    await world.run(HOUR);
    expect(world.counts()[0]).toBeUndefined();
    expect(world.alarm()).toBe('OK');
  });
});
