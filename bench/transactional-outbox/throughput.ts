import { type Design, QUEUE } from './design';
import { orderAt } from './orders';
import { Scene } from './scene';
import type { SqsService } from '../../simulator/src';

export const BURST = { changes: 4_000, orders: 1_000 };
/** The rate is taken between these shares of the burst: all functions are warm, and all shards are still busy. */
const [FROM, TO] = [0.2, 0.6];
const SAMPLE_MS = 10;
const PATIENCE_MS = 3_600_000;

export interface Throughput {
  readonly design: Design;
  /** Events a second that one shard's relay takes to the destination when more are waiting. */
  readonly perShard: number;
}

/** Commits a burst that the relay cannot follow, and sees how fast it works it off. Nobody takes the events from the destination. */
export function measureThroughput(design: Design): Promise<Throughput> {
  return Scene.open(design, async (scene) => {
    const { simulation } = scene;
    const { kernel } = simulation.world;
    const shards = await scene.shards();
    const reached: number[] = [];
    const sample = () => {
      const share = taken(scene) / BURST.changes;
      if (reached.length === 0 && share >= FROM) reached.push(kernel.now, share);
      if (reached.length === 2 && share >= TO) return void reached.push(kernel.now, share);
      kernel.schedule(SAMPLE_MS, sample);
    };
    for (let index = 0; index < BURST.changes; index++) kernel.schedule(0, () => void scene.commit(orderAt(index, BURST.orders)));
    sample();
    await simulation.run({ until: () => reached.length === 4, deadline: kernel.now + PATIENCE_MS });
    if (reached.length < 4) throw new Error(`${design.name}: the destination has only ${taken(scene)} of ${BURST.changes} events after ${PATIENCE_MS / 60_000} minutes`);
    const [from, fromShare, to, toShare] = reached;
    return { design, perShard: ((toShare - fromShare) * BURST.changes) / ((to - from) / 1000) / shards };
  }, { consumed: false });
}

/** Events that the destination has. */
function taken({ design, simulation: { world } }: Scene): number {
  if (design.destination === 'bus') return world.meter.get('events.customEvents');
  return world.service<SqsService>('sqs').queues().filter(({ name }) => name === QUEUE).reduce((sum, { visible, inFlight }) => sum + visible + inFlight, 0);
}
