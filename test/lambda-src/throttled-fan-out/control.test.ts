import { awsError, FakeClient, NOON } from './fakes';
import { controlOf, OperatorControl } from '../../../lambda-src/throttled-fan-out/control';
import type { DispatcherSettings } from '../../../src/throttled-fan-out/contract';

const DEPLOYED = { ratePerSecond: 50, burst: 100 };

describe('what an operator writes', () => {
  it('is taken', () => {
    const item = { ratePerSecond: 2, burst: 5, paused: true, killSwitch: 'CLOSED', dryRun: false };
    expect(controlOf({ id: 'Email#control', ...item }, DEPLOYED)).toEqual({ control: item, refused: [] });
    expect(controlOf({}, DEPLOYED)).toEqual({ control: {}, refused: [] });
  });

  it.each([
    [{ ratePerSecond: 0 }, "'ratePerSecond' is 0; it takes a number above 0, at most 10000"],
    [{ ratePerSecond: 10_001 }, "'ratePerSecond' is 10001; it takes a number above 0, at most 10000"],
    [{ ratePerSecond: '5' }, '\'ratePerSecond\' is "5"; it takes a number above 0, at most 10000'],
    [{ ratePerSecond: Infinity }, "'ratePerSecond' is null; it takes a number above 0, at most 10000"],
    [{ burst: 1 }, "'burst' is 1; it takes a number of at least 2"],
    [{ paused: 'yes' }, '\'paused\' is "yes"; it takes true or false'],
    [{ killSwitch: 'open' }, '\'killSwitch\' is "open"; it takes OPEN, CLOSED or AUTO'],
    [{ dryRun: 1 }, "'dryRun' is 1; it takes true or false"],
    [{ rate: 5 }, "'rate' is no control; there are ratePerSecond, burst, paused, killSwitch, dryRun"],
  ])('is refused with its name and what is allowed: %j', (item, refusal) => {
    expect(controlOf({ paused: true, ...item }, DEPLOYED).refused).toEqual([refusal]);
    const { control } = controlOf({ killSwitch: 'OPEN', ...item }, DEPLOYED);
    for (const name of Object.keys(item)) expect(control).not.toHaveProperty(name);
  });

  it('is refused when its slots could not be used in time', () => {
    expect(controlOf({ ratePerSecond: 5_000, paused: true }, DEPLOYED)).toEqual({
      control: { paused: true }, refused: ["'burst' is 100 at 5000 a second; it must be at least 201"],
    });
    expect(controlOf({ ratePerSecond: 5_000, burst: 201 }, DEPLOYED).refused).toEqual([]);
    expect(controlOf({ burst: 2 }, DEPLOYED)).toEqual({ control: {}, refused: ["'burst' is 2 at 50 a second; it must be at least 3"] });
  });
});

describe('the control item', () => {
  const scene = (answer: ConstructorParameters<typeof FakeClient>[0]) => {
    const client = new FakeClient(answer);
    const warned: Record<string, unknown>[] = [];
    let time = NOON;
    const control = new OperatorControl({
      documents: client.as(), tableName: 'table', settings: { target: 'Email', limit: DEPLOYED } as DispatcherSettings, now: () => time,
      warn: (_, details) => void warned.push(details),
    });
    return { client, warned, read: control.read, pass: (ms: number) => void (time += ms) };
  };

  it('is read once a second', async () => {
    const { client, read, pass } = scene((_, call) => (call === 1 ? {} : { Item: { id: 'Email#control', paused: true } }));
    expect(await Promise.all([read(), read()])).toEqual([{}, {}]);
    pass(999);
    expect(await read()).toEqual({});
    pass(1);
    expect(await read()).toEqual({ paused: true });
    expect(client.inputs).toEqual([1, 2].map(() => ({ TableName: 'table', Key: { id: 'Email#control' } })));
  });

  it('is read again when the clock was set back', async () => {
    const { client, read, pass } = scene(() => ({}));
    await read();
    pass(-60_000);
    await read();
    expect(client.inputs).toHaveLength(2);
  });

  it('that cannot be read is no control at all, and is read again', async () => {
    const { read } = scene((_, call) => (call === 1 ? awsError('ThrottlingException') : { Item: { paused: true } }));
    await expect(read()).rejects.toThrow();
    expect(await read()).toEqual({ paused: true });
  });

  it('is complained of once, and anew when it changes', async () => {
    const { read, pass, warned } = scene((_, call) => ({ Item: call < 4 ? { burst: 1 } : { burst: 1, paused: 1 } }));
    for (let second = 0; second < 5; second++) {
      await read();
      pass(1_000);
    }
    expect(warned.map(({ refused }) => (refused as string[]).length)).toEqual([1, 2]);
  });
});
