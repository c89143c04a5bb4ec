import { LambdaWorld } from './lambda-world';
import { type FaultPlan, RandomFaults, ScriptedFaults } from '../../src/kernel/faults';
import { Random } from '../../src/kernel/random';
import { sqsService } from '../../src/services/sqs';

/** What an invocation reads, with a sleep of a second in between: wall clocks in ms since the start of the simulation, and what was measured. */
const READ = `exports.handler = async (event) => {
  const wall = () => [Date.now(), +new Date(), Math.round(performance.timeOrigin + performance.now())].map((ms) => ms - event.start);
  const before = wall(); const precise = performance.now(); const [seconds] = process.hrtime(); const up = process.uptime();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  return { before, after: wall(), durations: [performance.now() - precise, 1000 * (process.hrtime()[0] - seconds), 1000 * (process.uptime() - up)].map(Math.round) };
}`;
const NOW = { latency: { 'lambda.init': { median: 0, p99: 0 }, 'lambda.call': { median: 0, p99: 0 }, 'sqs.call': { median: 0, p99: 0 } } };

function worldWith(faults: FaultPlan | undefined, source: string = READ) {
  const world = new LambdaWorld({ faults, ...NOW, services: [sqsService] });
  world.deploy('fn', source);
  const start = world.world.kernel.now;
  const invoke = () => world.call('lambda', 'Invoke', { FunctionName: 'fn', Payload: JSON.stringify({ start }) }).then(({ Payload }) => JSON.parse(Payload));
  /** Runs that many invocations at once, each in an environment of its own. */
  const together = async (count: number) => {
    const answers = Promise.all(Array.from({ length: count }, invoke));
    await world.world.kernel.run();
    return answers;
  };
  return { world, start, together };
}

describe('the clock of an execution environment', () => {
  it('is ahead or behind by what the plan says, from one invocation to the next, and apart from other environments', async () => {
    const faults = new ScriptedFaults([], [
      { function: 'fn', nth: 1, clockSkewMs: 7_000 },
      { function: 'fn', nth: 2, clockSkewMs: -3_000 },
      { function: 'other', clockSkewMs: 99_000 },
    ]);
    const { together } = worldWith(faults);
    const first = await together(3);
    expect(first.map(({ before }) => before)).toEqual([7_000, -3_000, 0].map((skew) => [skew, skew, skew]));
    expect(first.map(({ after }) => after)).toEqual([8_000, -2_000, 1_000].map((wall) => [wall, wall, wall]));
    const again = await together(3);
    expect(again.map(({ before: [wall] }) => wall).sort((a, b) => a - b)).toEqual([-2_000, 1_000, 8_000]);
  });

  it('measures right all the same', async () => {
    const { together } = worldWith(new ScriptedFaults([], [{ clockSkewMs: -60_000 }]));
    expect((await together(1))[0].durations).toEqual([1_000, 1_000, 1_000]);
  });

  it('does not change what services tell', async () => {
    const { world, together } = worldWith(new ScriptedFaults([], [{ clockSkewMs: 50_000 }]), `
      const { SQSClient, SendMessageCommand, ReceiveMessageCommand } = require('@aws-sdk/client-sqs');
      exports.handler = async (event, context) => {
        const sqs = new SQSClient({}); const QueueUrl = 'https://sqs.us-east-1.amazonaws.com/123456789012/jobs';
        await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'm' }));
        const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20, MessageSystemAttributeNames: ['All'] }));
        return [Messages[0].Attributes.SentTimestamp - event.start, context.getRemainingTimeInMillis() > 2_000];
      }`);
    world.create('AWS::SQS::Queue', { QueueName: 'jobs' }, 'Stack/Jobs');
    expect(await together(1)).toEqual([[0, true]]);
  });

  it('is also that of a function\'s stand-in', async () => {
    const world = new LambdaWorld({
      ...NOW,
      faults: new ScriptedFaults([], [{ clockSkewMs: 5 }]),
      lambda: { functionOverrides: { 'Stack/fn': (_event, _context, { now }) => now() } },
    });
    world.deploy('fn', '');
    const start = world.world.kernel.now;
    expect((await world.invoke('fn')).result).toBe(start + 5);
  });

  it('is right unless the plan says otherwise, which is in the trace', async () => {
    const right = worldWith(undefined);
    expect((await right.together(2)).map(({ before: [wall] }) => wall)).toEqual([0, 0]);
    const wrong = worldWith(new ScriptedFaults([], [{ nth: 2, clockSkewMs: -8 }]));
    await wrong.together(2);
    const skews = (world: LambdaWorld) => world.world.trace.entries.filter(({ event }) => event === 'fault.clockSkew').map(({ subject, detail }) => [subject, detail]);
    expect([skews(right.world), skews(wrong.world)]).toEqual([[], [['fn', { ms: -8 }]]]);
  });

  it('is drawn from the seed as often and as wrong as the rates say, and changes no other draw', () => {
    const draw = (clockSkew: number) => {
      const faults = new RandomFaults({ clockSkew, longestClockSkewMs: 500, duplicate: 0.5 }, new Random('1'));
      return Array.from({ length: 4_000 }, () => ({ clock: faults.onEnvironment()?.clockSkewMs, delivery: faults.onDelivery() }));
    };
    const [with_, without] = [draw(0.25), draw(0)];
    const clocks = with_.flatMap(({ clock }) => clock ?? []);
    expect(clocks.length / 4_000).toBeCloseTo(0.25, 1);
    expect([Math.min(...clocks), Math.max(...clocks)]).toEqual([-500, 500]);
    expect(without.every(({ clock }) => clock === undefined)).toBe(true);
    expect(with_.map(({ delivery }) => delivery)).toEqual(without.map(({ delivery }) => delivery));
  });
});
