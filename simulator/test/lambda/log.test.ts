import { LambdaWorld } from './lambda-world';
import { type CloudWatchService, cloudWatchService, logsService, type LogsService, type MetricRecord } from '../../src/services/cloudwatch';

describe('what a function logs', () => {
  const logged = async (source: string, properties: any = {}, group: string = '/aws/lambda/fn') => {
    const world = new LambdaWorld({ services: [cloudWatchService, logsService], latency: { 'lambda.init': { median: 250, p99: 250 } } });
    world.deploy('fn', source, properties);
    await world.invoke('fn').catch(() => undefined);
    return world.world.service<LogsService>('logs').lines(group).map(({ message }) => message);
  };
  const ID = '[0-9a-f-]{36}';
  const TIME = '2026-01-01T00:00:00\\.\\d{3}Z';

  it('has a start, an entry per console call and a report', async () => {
    const lines = await logged('exports.handler = async () => { console.log("a %s", 1, { b: 2 }); console.error(new Error("bad").message); }', { MemorySize: 256 });
    expect(lines).toEqual([
      expect.stringMatching(`^START RequestId: ${ID} Version: \\$LATEST$`),
      expect.stringMatching(`^${TIME}\t${ID}\tINFO\ta 1 { b: 2 }$`),
      expect.stringMatching(`^${TIME}\t${ID}\tERROR\tbad$`),
      expect.stringMatching(`^END RequestId: ${ID}$`),
      expect.stringMatching(`^REPORT RequestId: ${ID}\tDuration: 0.00 ms\tBilled Duration: 250 ms\tMemory Size: 256 MB\tMax Memory Used: 90 MB\tInit Duration: 250.00 ms\t$`),
    ]);
  });

  it.each(['logs:CreateLogStream', 'logs:PutLogEvents'])('is lost without a word when the role may not %s', async (action) => {
    const world = new LambdaWorld({ services: [cloudWatchService, logsService] });
    world.iam.denied.add(action);
    world.deploy('fn', 'exports.handler = async () => { console.log("a"); return "done"; }');
    expect(await world.invoke('fn')).toMatchObject({ Payload: '"done"' });
    expect(world.world.service<LogsService>('logs').lines('/aws/lambda/fn')).toEqual([]);
  });

  it('is raw where the handler writes to stdout, as loggers with a console of their own do', async () => {
    const lines = await logged(`const { Console } = require('node:console'); const logger = new Console({ stdout: process.stdout, stderr: process.stderr });
      exports.handler = async () => { logger.log('{"level":"INFO"}'); process.stdout.write('one\\ntwo\\n'); }`);
    expect(lines.slice(1, 4)).toEqual(['{"level":"INFO"}', 'one', 'two']);
  });

  it('is JSON when the function is configured so, from its level on', async () => {
    const lines = await logged('exports.handler = async () => { console.log("a"); console.warn({ b: 1 }); console.debug("no"); }', {
      LoggingConfig: { LogFormat: 'JSON', ApplicationLogLevel: 'WARN', LogGroup: '/custom' },
    }, '/custom');
    const entries = lines.map((line) => JSON.parse(line));
    expect(entries.map(({ type, level }) => type ?? level)).toEqual(['platform.start', 'WARN', 'platform.report']);
    expect(entries[1]).toEqual({ timestamp: expect.stringMatching(TIME), level: 'WARN', requestId: expect.stringMatching(ID), message: { b: 1 } });
    expect(entries[2].record).toMatchObject({ status: 'success', metrics: { billedDurationMs: 250, memorySizeMB: 128 } });
  });

  it('tells of errors and timeouts, without folders of this machine', async () => {
    const failed = await logged('exports.handler = async () => { console.log(new Error("shown")); throw new TypeError("thrown"); }');
    expect(failed[1]).toMatch(/INFO\tError: shown\n +at .*\/var\/task\/index.js/);
    expect(failed[2]).toMatch(/ERROR\tInvoke Error \t\{"errorType":"TypeError","errorMessage":"thrown","stack":\[/);
    expect(failed.join('\n')).not.toContain(process.cwd());
    const late = await logged('exports.handler = async () => { setTimeout(() => {}, 9000); await new Promise(() => {}); }');
    expect(late[1]).toMatch(new RegExp(`^2026-01-01T00:00:03.\\d{3}Z ${ID} Task timed out after 3.00 seconds$`));
  });

  it('carries embedded metrics to CloudWatch', async () => {
    const world = new LambdaWorld({ services: [cloudWatchService, logsService] });
    const recorded: MetricRecord[] = [];
    const cloudWatch = world.world.service<CloudWatchService>('cloudwatch');
    jest.spyOn(cloudWatch, 'recordMetric').mockImplementation((record) => void recorded.push(record));
    const metric = '{ _aws: { Timestamp: Date.now(), CloudWatchMetrics: [{ Namespace: "Mine", Dimensions: [[]], Metrics: [{ Name: "Late" }] }] }, Late: 2 }';
    world.deploy('fn', `exports.handler = async () => { process.stdout.write(JSON.stringify(${metric}) + '\\n'); }`);
    await world.invoke('fn');
    expect(recorded).toContainEqual(expect.objectContaining({ namespace: 'Mine', name: 'Late', value: 2 }));
  });
});
