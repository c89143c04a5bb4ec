import { type Hired, LEASE_SECONDS, NOON, Scene, unreachable } from './scene';
import { itemKey } from '../../../src/work-stealing-pool/contract';

const LEASE_MS = LEASE_SECONDS * 1000;

let scene: Scene;

beforeEach(async () => {
  scene = await Scene.open();
});

afterEach(() => scene.close());

const ids = ({ begun }: Hired) => begun.map(({ task }) => task.id);
const pollsOf = ({ connection }: Hired, queue: string) => connection.of('ReceiveMessage').filter(({ of }) => of === queue);

function fill(count: number) {
  for (let task = 1; task <= count; task++) scene.gpu.send({ id: `t-${task}` });
}

it('steals nothing without a grant', async () => {
  fill(3);
  await scene.plan([{ thief: 'Gpu' }, { worker: 'another' }], { forMs: 600_000 });
  const thief = scene.hire('Cpu', { worker: 'thief' });
  await scene.pass(60_000);
  expect(pollsOf(thief, 'Gpu')).toEqual([]);
  expect(ids(thief)).toEqual([]);
});

it.each([undefined, 'thief'])('steals as much as it is granted, for %p', async (worker) => {
  fill(5);
  await scene.plan([{ worker, tasks: 3 }], { forMs: 600_000 });
  const thief = scene.hire('Cpu', { worker: 'thief', capacity: 10, takesMs: 100 });
  await scene.pass(30_000);
  expect(ids(thief)).toEqual(['t-1', 't-2', 't-3']);
  expect(scene.gpu.size).toBe(2);
  expect(thief.begun[0]).toMatchObject({ group: 'Cpu', home: 'Gpu' });
  expect(thief.events[0]).toMatchObject({ kind: 'DONE', home: 'Gpu', stolen: true });
});

it('steals no more than it has places for, and counts what is left of its grant', async () => {
  fill(5);
  await scene.plan([{ tasks: 3 }], { forMs: 600_000 });
  const thief = scene.hire('Cpu', { capacity: 2 });
  await scene.pass(10_000);
  expect(ids(thief)).toHaveLength(2);
  expect(scene.gpu.inFlight).toBe(2);
  thief.begun.forEach(({ finish }) => finish());
  await scene.pass(20_000);
  expect(ids(thief)).toHaveLength(3);
});

it('gets the same grant anew with the next plan', async () => {
  fill(5);
  await scene.plan([{ tasks: 1 }], { forMs: 600_000 });
  const thief = scene.hire('Cpu', { takesMs: 100 });
  await scene.pass(10_000);
  await scene.plan([{ tasks: 1 }], { forMs: 600_000 });
  await scene.pass(15_000);
  expect(ids(thief)).toHaveLength(2);
});

it('is not misled by a read that shows an older plan again', async () => {
  fill(5);
  await scene.plan([{ tasks: 1 }], { forMs: 600_000, revision: 1 });
  const thief = scene.hire('Cpu', { takesMs: 100 });
  await scene.pass(5_000);
  await scene.plan([{ tasks: 1 }], { forMs: 600_000, revision: 2 });
  await scene.pass(11_000);
  await scene.plan([{ tasks: 1 }], { forMs: 600_000, revision: 1 });
  await scene.pass(30_000);
  expect(ids(thief)).toHaveLength(2);
  await scene.plan([{ tasks: 1 }], { forMs: 600_000, revision: 1, fence: 2 });
  await scene.pass(11_000);
  expect(ids(thief)).toHaveLength(3);
});

it('takes from its own queue first', async () => {
  fill(3);
  await scene.plan([{ tasks: 5 }], { forMs: 600_000 });
  scene.cpu.send({ id: 'own-1' });
  const thief = scene.hire('Cpu', { capacity: 1 });
  const next = async () => {
    await scene.pass(2_500);
    thief.begun.at(-1)!.finish();
  };
  await next();
  await scene.pass(2_500);
  scene.cpu.send({ id: 'own-2' });
  await next();
  await next();
  await scene.pass(2_500);
  expect(ids(thief)).toEqual(['own-1', 't-1', 'own-2', 't-2']);
});

it('does not use a grant that has run out', async () => {
  await scene.plan([{ tasks: 5 }], { forMs: 5_000 });
  const thief = scene.hire('Cpu', { capacity: 1 });
  scene.cpu.send({ id: 'own-1' });
  await scene.pass(6_000);
  fill(1);
  thief.begun[0]!.finish();
  await scene.pass(30_000);
  expect(ids(thief)).toEqual(['own-1']);
});

it('tells that a victim had nothing, and does not ask again by this grant', async () => {
  await scene.plan([{ tasks: 5 }], { forMs: 600_000 });
  const thief = scene.hire('Cpu', { worker: 'thief' });
  await scene.pass(LEASE_MS / 3 + 100);
  expect(pollsOf(thief, 'Gpu')).toHaveLength(1);
  const { dry, idle } = (await scene.member('Cpu', 'thief'))!;
  expect(dry).toEqual({ Gpu: pollsOf(thief, 'Gpu')[0]!.at + 1_000 });
  expect(idle).toBe(true);
});

it('tells that its own queue gives nothing before it does what it stole', async () => {
  fill(3);
  await scene.plan([{ tasks: 1 }], { forMs: 600_000 });
  scene.cpu.send({ id: 'own-1' });
  const thief = scene.hire('Cpu', { worker: 'thief', capacity: 1 });
  await scene.pass(3_000);
  thief.begun[0]!.finish();
  await scene.pass(3_000);
  expect(ids(thief)).toEqual(['own-1', 't-1']);
  expect(await scene.member('Cpu', 'thief')).toMatchObject({ idle: true });
});

it('does not tell so of a victim that it could not reach', async () => {
  await scene.plan([{ tasks: 1 }], { forMs: 600_000 });
  const thief = scene.hire('Cpu', {
    worker: 'thief', via: ({ operation, of }, answer) => {
      if (operation === 'ReceiveMessage' && of === 'Gpu' && Date.now() < NOON + 5_000) throw unreachable();
      return answer();
    },
  });
  fill(1);
  await scene.pass(4_000);
  expect(pollsOf(thief, 'Gpu').length).toBeGreaterThan(0);
  await scene.pass(10_000);
  expect((await scene.member('Cpu', 'thief'))!.dry).toEqual({});
  expect(ids(thief)).toEqual(['t-1']);
});

it('leaves alone a victim of which it does not know the queue, without asking its own faster', async () => {
  await scene.plan([{ victim: 'Added later' }], { forMs: 600_000 });
  const thief = scene.hire('Cpu');
  await scene.pass(9_000);
  expect(thief.connection.of('ReceiveMessage').length).toBeLessThanOrEqual(10);
  expect(thief.events).toEqual([]);
});

it('does what the leader wants as long as the plan cannot be read', async () => {
  fill(5);
  await scene.plan([{ tasks: 3 }], { forMs: 600_000 });
  const thief = scene.hire('Cpu', { capacity: 1 });
  await scene.pass(2_000);
  thief.connection.via = ({ operation, of }, answer) => {
    if (operation === 'GetItem' && of === 'leader') throw unreachable();
    return answer();
  };
  thief.begun[0]!.finish();
  await scene.pass(2_000);
  expect(ids(thief)).toHaveLength(2);
});

it('gives a stolen task that fails back to its own queue, whose dead-letter queue it reaches', async () => {
  scene = await Scene.open({ maxReceiveCount: 3 });
  fill(1);
  await scene.plan([{ tasks: 5 }], { forMs: 600_000 });
  const thief = scene.hire('Cpu', { work: async () => { throw new Error('no'); } });
  const home = scene.hire('Gpu', { work: async () => { throw new Error('no'); } });
  for (let look = 0; look < 14; look++) {
    await scene.pass(10_000);
    await scene.plan([{ tasks: 5 }], { forMs: 600_000 });
  }
  const attempts = [...thief.events, ...home.events].filter(({ kind }) => kind === 'FAILED');
  expect(attempts).toHaveLength(3);
  expect(scene.gpu.deadLetters).toEqual(['Gpu-1']);
  expect(scene.cpu.size).toBe(0);
  expect(await scene.item(itemKey.task('t-1'))).toMatchObject({ fence: 3, state: 'RELEASED' });
});
