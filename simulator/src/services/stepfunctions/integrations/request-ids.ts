import type { Random } from '../../../kernel/random';
import type { World } from '../../../service';

const streams = new WeakMap<World, Random>();

/** Request ids come from a stream of their own, so that they do not shift anything else that is drawn. */
export function requestIds(world: World): () => string {
  let stream = streams.get(world);
  if (!stream) {
    stream = world.kernel.random.fork('states/request-ids');
    streams.set(world, stream);
  }
  const random = stream;
  return () => random.uuid();
}
