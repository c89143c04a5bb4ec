import { execFileSync } from 'child_process';
import * as path from 'path';
import { load, remove, start, WORKER } from './fleet';
import { type LogsService, ScriptedFaults, type Simulation } from '../../src';

afterAll(remove);

describe('a process outside Lambda', () => {
  it('runs in virtual time with its own environment, and ends with what its function returns', async () => {
    const simulation = load();
    const process = start(simulation, `exports.main = async () => {
      const start = Date.now();
      await new Promise((resolve) => setTimeout(resolve, 3_600_000));
      return { took: Date.now() - start, greeting: global.process.env.GREETING, region: process.env.AWS_REGION };
    }`, { handler: 'index.main', role: 'InstanceRole', environment: { GREETING: 'hello' } });
    expect(process.end).toBeUndefined();
    expect(await simulation.run()).toBe('quiet');
    expect(await process.result).toEqual({ exitCode: 0, value: { took: 3_600_000, greeting: 'hello', region: 'us-east-1' } });
    expect(process.end).toEqual(await process.result);
    expect(simulation.report().billable).toEqual({});
  });

  it('calls AWS with its role, and only with that', async () => {
    const simulation = load();
    simulation.start('Work', 'a');
    const worker = start(simulation, WORKER);
    simulation.world.kernel.schedule(60_000, () => worker.stop());
    await simulation.run();
    expect(worker.end).toEqual({ exitCode: 0, value: ['a'] });
    expect(simulation.report()).toMatchObject({ denials: [], undelivered: { Results: 1 } });

    const stranger = start(simulation, WORKER, { role: 'InstanceRole' });
    await simulation.run();
    expect(stranger.end).toMatchObject({ exitCode: 1, error: { errorType: 'AccessDeniedException' } });
    expect(simulation.report().denials).toMatchObject([{ name: 'ec2', action: 'sqs:ReceiveMessage' }]);
  });

  it('needs a role that machines can have', () => {
    expect(() => start(load(), WORKER, { role: 'FunctionRole' }))
      .toThrow('process lambda: the role FunctionRole trusts neither ecs-tasks.amazonaws.com nor ec2.amazonaws.com');
  });

  it('stops when its poll has ended, as it decides on SIGTERM', async () => {
    const simulation = load();
    const { now } = simulation.world.kernel;
    const worker = start(simulation, WORKER);
    simulation.world.kernel.schedule(1_000, () => worker.stop());
    await simulation.run();
    expect(worker.end).toEqual({ exitCode: 0, value: [] });
    expect(simulation.world.kernel.now - now).toBeGreaterThan(20_000);
    expect(simulation.world.kernel.now - now).toBeLessThan(21_000);
  });

  it.each([
    ['at once, if it does not listen', '', {}, 143, 1_000],
    ['when the stop timeout is over, if it does not end', 'process.on("SIGTERM", () => {});', {}, 137, 31_000],
    ['when its own stop timeout is over', 'process.on("SIGTERM", () => {});', { stopTimeoutMs: 5_000 }, 137, 6_000],
  ])('dies of being stopped %s', async (_, listening, options, exitCode, afterMs) => {
    const simulation = load();
    const { now } = simulation.world.kernel;
    const process = start(simulation, `exports.handler = async () => { ${listening} for (;;) await new Promise((resolve) => setTimeout(resolve, 300)); }`, options);
    simulation.world.kernel.schedule(1_000, () => process.stop());
    await simulation.run({ until: () => process.end !== undefined });
    expect(process.end).toEqual({ exitCode });
    expect(simulation.world.kernel.now - now).toBe(afterMs);
  });

  it.each([
    ['killed', (worker: ReturnType<typeof start>, simulation: Simulation) => simulation.world.kernel.schedule(2_000, () => worker.kill()), {}],
    // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
    ['crashed by a fault', () => {}, { faults: new ScriptedFaults([{ service: 'lambda', caller: 'worker', fault: { kind: 'crash-after' } }]) }],
  ] as const)('that is %s deletes nothing: what it received comes again, what it invoked goes on', async (_, end, options) => {
    const simulation = load({ ...options, trace: { keep: true } });
    simulation.start('Work', 'a');
    const worker = start(simulation, WORKER, { name: 'worker' });
    end(worker, simulation);
    await simulation.run({ until: () => worker.end !== undefined });
    expect(worker.end).toEqual({ exitCode: 137 });
    await simulation.run();
    expect(simulation.report()).toMatchObject({ undelivered: { Work: 1, Results: 1 } });
    const receives = simulation.world.trace.entries.filter(({ event }) => event === 'sqs.ReceiveMessage');
    expect(receives).toHaveLength(1);
    const next = start(simulation, WORKER, { name: 'next' });
    simulation.world.kernel.schedule(60_000, () => next.stop());
    await simulation.run();
    expect(next.end).toMatchObject({ value: ['a'] });
  });

  it.each([
    ['a rejection', 'exports.handler = async () => { throw new RangeError("no"); }', { exitCode: 1, error: { errorType: 'RangeError', errorMessage: 'no' } }],
    ['an exception in a timer', 'exports.handler = () => new Promise(() => setTimeout(() => { throw new Error("late"); }, 10))',
      { exitCode: 1, error: { errorMessage: 'late' } }],
    ['its exit', 'exports.handler = async () => { process.exit(3); }', { exitCode: 3 }],
    ['a missing function', 'exports.other = 1', { exitCode: 1, error: { errorMessage: 'index.handler is undefined or not exported' } }],
    ['waiting for nothing', 'exports.handler = () => new Promise(() => {})', { exitCode: 13 }],
  ])('ends with %s', async (_, source, end) => {
    const simulation = load();
    const process = start(simulation, source);
    await simulation.run();
    expect(process.end).toMatchObject(end);
  });

  it('ends with a rejection that nobody handles', () => {
    const script = path.join(__dirname, 'unhandled-rejection.ts');
    const output = execFileSync(process.execPath, ['--import', 'tsx', script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    expect(JSON.parse(output)).toMatchObject({ exitCode: 1, error: { errorType: 'Error', errorMessage: 'lost' } });
  }, 30_000);

  it('writes to its log group', async () => {
    const simulation = load();
    start(simulation, "exports.handler = async () => { console.log('hello', 1); process.stdout.write('raw\\n'); throw new Error('bad'); }", { logGroup: 'Logs' });
    await simulation.run();
    expect(simulation.world.service<LogsService>('logs').lines('fleet').map(({ message }) => message))
      .toEqual(['hello 1', 'raw', 'Uncaught Error: bad', expect.stringContaining('/var/task/index.js')]);
  });

  it('is the same for the same seed, and another beside another of the same role', async () => {
    const run = async () => {
      const simulation = load({ seed: 5 });
      const draw = 'exports.handler = async () => [Math.random(), require("crypto").randomUUID()]';
      const [one, two] = [start(simulation, draw), start(simulation, draw)];
      await simulation.run();
      return { values: [one.end!.value, two.end!.value], hash: simulation.report().traceHash };
    };
    const first = await run();
    expect(await run()).toEqual(first);
    expect(first.values[0]).not.toEqual(first.values[1]);
  });

  it('has the wrong clock that the fault plan gives it', async () => {
    const simulation = load({ faults: new ScriptedFaults([], [{ function: 'ecs-tasks', clockSkewMs: -700 }]) });
    const process = start(simulation, 'exports.handler = async () => Date.now()');
    await simulation.run();
    expect(process.end!.value).toBe(simulation.world.kernel.now - 700);
  });
});
