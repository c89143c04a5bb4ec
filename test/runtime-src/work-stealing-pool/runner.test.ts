import { type Hired, type HireOptions, LEASE_SECONDS, NOON, Scene, unreachable } from './scene';

const LEASE_MS = LEASE_SECONDS * 1000;
const CLOCK_MARGIN_MS = 2_000;
const IDLE_MS = 5_000;

let scene: Scene;

beforeEach(async () => {
  scene = await Scene.open();
});

afterEach(() => scene.close());

const ids = ({ begun }: Hired) => begun.map(({ task }) => task.id);

function runner(worker: string, { shift, ...options }: HireOptions = {}): Hired {
  return scene.hire('Gpu', { worker, shift: { leavesAfterIdleMs: IDLE_MS, ...shift }, ...options });
}

function fill(count: number, from = 1) {
  for (let task = from; task < from + count; task++) scene.gpu.send({ id: `t-${task}` });
}

describe('the role of runner', () => {
  it('has one at a time: another ends at once', async () => {
    fill(5);
    const first = runner('first');
    await scene.pass(100);
    const second = runner('second');
    await scene.pass(100);
    expect(second.ended).toBe(false);
    expect(ids(second)).toEqual([]);
    expect(first.begun).toHaveLength(2);
    expect(await scene.runner('Gpu')).toMatchObject({ worker: 'first', fence: 1, accepting: true, capacity: 2 });
  });

  it('is kept by heartbeats, and free a lease and a margin after the last', async () => {
    const first = runner('first', { capacity: 1 });
    fill(1);
    await scene.pass(LEASE_MS * 3);
    first.connection.via = () => { throw unreachable(); };
    const heardUntil = (await scene.runner('Gpu'))!.until;
    await scene.pass(heardUntil - Date.now() + CLOCK_MARGIN_MS);
    const early = runner('early');
    await scene.pass(1);
    expect(early.ended).toBe(false);
    await scene.pass(100);
    const successor = runner('successor');
    await scene.pass(100);
    expect(successor.ended).toBeUndefined();
    expect(await scene.runner('Gpu')).toMatchObject({ worker: 'successor', fence: 2 });
  });

  it('that is lost ends the taking, and what is under way is told apart', async () => {
    fill(1);
    const first = runner('first');
    await scene.pass(1_000);
    await scene.write({ ...await scene.item({ id: 'group#Gpu', entry: 'runner' }), worker: 'second', fence: 2, until: Date.now() + 600_000 });
    await scene.pass(LEASE_MS / 3);
    fill(3, 2);
    await scene.pass(LEASE_MS);
    expect(ids(first)).toEqual(['t-1']);
    expect(await scene.member('Gpu', 'first')).toMatchObject({ accepting: false, running: 1 });
    first.begun[0]!.finish();
    await scene.pass(1_000);
    expect(first.ended).toBe(true);
    expect(await scene.member('Gpu', 'first')).toBeUndefined();
    expect(await scene.runner('Gpu')).toMatchObject({ worker: 'second', fence: 2 });
  });

  it('that is lost while it asks has what arrives given back', async () => {
    const first = runner('first', { shift: { leavesAfterIdleMs: 600_000 } });
    await scene.pass(1_000);
    first.connection.via = async ({ operation, of }, answer) => {
      // Each poll answers late, at a time when the role is known to be lost.
      if (operation === 'ReceiveMessage') await new Promise((resolve) => setTimeout(resolve, LEASE_MS / 2));
      if (operation === 'UpdateItem' && of === 'runner') {
        await scene.write({ id: 'group#Gpu', entry: 'runner', worker: 'second', fence: 2, until: Date.now() + 600_000 });
      }
      return answer();
    };
    await scene.pass(2_000);
    fill(1);
    await scene.pass(LEASE_MS);
    expect(ids(first)).toEqual([]);
    expect(first.ended).toBe(true);
    expect(scene.gpu.inFlight).toBe(0);
  });

  it('whose answer is lost is recognised as its own', async () => {
    let lost = 0;
    fill(1);
    const first = runner('first', {
      via: async ({ operation, of }, answer) => {
        const isFirst = operation === 'UpdateItem' && of === 'runner' && lost++ === 0;
        const answered = await answer();
        // The SDK writes again.
        return isFirst ? answer() : answered;
      },
    });
    await scene.pass(100);
    expect(lost).toBe(1);
    expect(first.begun).toHaveLength(1);
    expect(await scene.runner('Gpu')).toMatchObject({ worker: 'first', fence: 1 });
    await scene.pass(LEASE_MS);
    expect(await scene.runner('Gpu')).toMatchObject({ worker: 'first', accepting: true });
  });

  it('is not taken where nobody can tell how many places are free, or whether the group is retired', async () => {
    for (const failing of ['Query', 'GetItem']) {
      const first = runner('first', {
        via: ({ operation }, answer) => {
          if (operation === failing) throw unreachable();
          return answer();
        },
      });
      await scene.pass(100);
      expect(first.ended).toMatchObject({ name: 'TimeoutError' });
      const second = runner('second');
      await scene.pass(100);
      expect(second.ended).toBeUndefined();
      second.worker.stop();
      await scene.pass(2_000);
    }
  });

  it('hands on what tasks cost', async () => {
    fill(1);
    runner('first', { takesMs: 4_000 });
    await scene.pass(60_000);
    runner('second');
    await scene.pass(LEASE_MS / 3 + 100);
    expect((await scene.runner('Gpu'))!.meanSeconds).toBeCloseTo(4, 1);
  });
});

describe('a runner whose shift ends', () => {
  const SHIFT_MS = 23_000;

  async function drained(): Promise<Hired> {
    fill(2);
    const first = runner('first', { capacity: 3, shift: { takesUntil: NOON + SHIFT_MS } });
    await scene.pass(SHIFT_MS + 1_500);
    fill(5, 3);
    return first;
  }

  it('takes nothing more, and ends when what it has begun is done', async () => {
    const first = await drained();
    await scene.pass(LEASE_MS * 4);
    expect(ids(first)).toEqual(['t-1', 't-2']);
    expect(first.ended).toBeUndefined();
    expect(scene.gpu.inFlight).toBe(2);
    expect(await scene.member('Gpu', 'first')).toMatchObject({ accepting: false, running: 2 });
    first.begun.forEach(({ finish }) => finish());
    await scene.pass(100);
    expect(first.ended).toBe(true);
    expect(await scene.member('Gpu', 'first')).toBeUndefined();
  });

  it('is seen as one that drains before it gives the role back', async () => {
    const first = await drained();
    const writes = first.connection.calls.filter(({ operation, of, at }) => at >= NOON + SHIFT_MS && (operation === 'PutItem' || (operation === 'UpdateItem' && of === 'runner')));
    expect(writes.slice(0, 2).map(({ operation, of }) => [operation, of])).toEqual([['PutItem', 'worker#first'], ['UpdateItem', 'runner']]);
    expect(await scene.runner('Gpu')).toMatchObject({ until: 0 });
  });

  it('keeps the role until it is seen', async () => {
    fill(2);
    const first = runner('first', { shift: { takesUntil: NOON + SHIFT_MS } });
    await scene.pass(100);
    first.connection.via = ({ operation }, answer) => {
      if (operation === 'PutItem' && Date.now() < NOON + 45_000) throw unreachable();
      return answer();
    };
    await scene.pass(SHIFT_MS + 2_000);
    expect((await scene.runner('Gpu'))!.until).toBeGreaterThan(Date.now());
    await scene.pass(40_000);
    expect(await scene.member('Gpu', 'first')).toMatchObject({ running: 2 });
    expect(await scene.runner('Gpu')).toMatchObject({ until: 0 });
  });

  it('leaves its successor the places that it does not need', async () => {
    const first = await drained();
    const successor = runner('successor', { capacity: 3 });
    await scene.pass(LEASE_MS);
    expect(successor.begun).toHaveLength(1);
    expect(scene.gpu.inFlight).toBe(3);
    first.begun[0]!.finish();
    await scene.pass(LEASE_MS);
    expect(successor.begun).toHaveLength(2);
    first.begun[1]!.finish();
    await scene.pass(LEASE_MS);
    expect(successor.begun).toHaveLength(3);
    expect(scene.gpu.inFlight).toBe(3);
  });

  it('and dies leaves its places a lease later', async () => {
    const first = await drained();
    first.connection.via = () => new Promise(() => undefined);
    const successor = runner('successor', { capacity: 3 });
    await scene.pass(LEASE_MS * 2);
    expect(successor.begun).toHaveLength(3);
  });
});

describe('a runner with nothing to do', () => {
  it('leaves after a while, and another may come at once', async () => {
    fill(1);
    const first = runner('first', { takesMs: 20_000 });
    await scene.pass(20_000 + IDLE_MS - 100);
    expect(first.ended).toBeUndefined();
    await scene.pass(4_000);
    expect(first.ended).toBe(true);
    expect(await scene.runner('Gpu')).toMatchObject({ until: 0 });
    fill(1, 2);
    const second = runner('second');
    await scene.pass(100);
    expect(ids(second)).toEqual(['t-2']);
    expect(await scene.runner('Gpu')).toMatchObject({ fence: 2 });
  });

  /** A task arrives when the first has left, and while it looks once more. */
  async function leaving(then: () => Promise<void> | void = () => undefined): Promise<Hired> {
    let left = false;
    const first = runner('first');
    first.connection.via = async ({ operation, input }, answer) => {
      const answered = await answer();
      if (operation === 'UpdateItem' && input.ExpressionAttributeValues[':left'] && !left) {
        left = true;
        fill(1);
        await then();
      }
      return answered;
    };
    await scene.pass(IDLE_MS + 3_000);
    expect(left).toBe(true);
    return first;
  }

  it('looks once more when it has left, and does what came meanwhile', async () => {
    const first = await leaving();
    expect(ids(first)).toEqual(['t-1']);
    expect(await scene.runner('Gpu')).toMatchObject({ worker: 'first', fence: 2, accepting: true });
    expect((await scene.runner('Gpu'))!.until).toBeGreaterThan(Date.now());
    first.begun[0]!.finish();
    await scene.pass(IDLE_MS + 4_000);
    expect(first.ended).toBe(true);
    expect(scene.gpu.size).toBe(0);
  });

  it('gives it back when another has the role by then', async () => {
    const first = await leaving(() => scene.write({ id: 'group#Gpu', entry: 'runner', worker: 'second', fence: 9, until: Date.now() + 600_000 }));
    expect(ids(first)).toEqual([]);
    expect(first.ended).toBe(true);
    expect(scene.gpu.inFlight).toBe(0);
    expect(await scene.runner('Gpu')).toMatchObject({ worker: 'second', fence: 9 });
  });

  /** The heartbeat after ten seconds arrives late, and the runner has had nothing to do for long enough meanwhile. */
  async function lateHeartbeat(): Promise<Hired> {
    const first = runner('first', { shift: { leavesAfterIdleMs: 9_700 } });
    await scene.pass(0);
    let late = 0;
    first.connection.via = async ({ operation, input }, answer) => {
      if (operation === 'ReceiveMessage' && Date.now() < NOON + 2_000) await new Promise((resolve) => setTimeout(resolve, 300));
      const values = input.ExpressionAttributeValues;
      if (operation === 'UpdateItem' && values[':running'] && values[':capacity'] === undefined && Date.now() > NOON + 9_000 && late++ === 0) {
        await new Promise((resolve) => setTimeout(resolve, 5_000));
      }
      return answer();
    };
    await scene.pass(10_800);
    expect(late).toBe(1);
    return first;
  }

  it('does not bring its role back by a heartbeat that arrives late', async () => {
    const first = await lateHeartbeat();
    await scene.pass(30_000);
    expect(first.ended).toBe(true);
    expect(await scene.runner('Gpu')).toMatchObject({ until: 0 });
    const second = runner('second');
    await scene.pass(100);
    expect(second.ended).toBeUndefined();
  });

  it('does not take the refusal of a late heartbeat for the loss of a role that it has taken anew', async () => {
    const first = await lateHeartbeat();
    fill(1);
    await scene.pass(6_000);
    fill(1, 2);
    await scene.pass(2_000);
    expect(ids(first)).toEqual(['t-1', 't-2']);
  });

  it('in a group that is retired leaves at once', async () => {
    fill(1);
    await scene.retire('Gpu');
    const first = runner('first');
    await scene.pass(100);
    expect(first.ended).toBe(true);
    expect(ids(first)).toEqual([]);
    expect(await scene.runner('Gpu')).toMatchObject({ until: 0 });
  });

  it('tells its shift with each heartbeat', async () => {
    const beats: number[] = [];
    runner('first', { shift: { leavesAfterIdleMs: 60_000, onHeartbeat: () => beats.push((Date.now() - NOON) / 1000) } });
    await scene.pass(31_000);
    expect(beats).toEqual([10, 20, 30]);
  });
});
