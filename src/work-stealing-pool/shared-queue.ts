import { Routing } from './contract';
import { BoundGroup } from './worker-group';

/** Why one queue for all tasks would do as well as this pool, if it would. */
export function whySharedQueueWouldDo(groups: readonly BoundGroup[], routing: Routing): string | undefined {
  if (groups.length === 1) return 'a pool with one group has nobody to steal from; one queue in front of its workers would do as well';
  const [first, ...others] = groups.map(({ work }) => work?.handler.functionArn);
  if (first === undefined || routing.kind === 'AFFINITY' || others.some((other) => other !== first)) return undefined;
  return 'all groups are the same function and nothing binds a task to a group; one queue in front of the function would do as well, or use TaskRouter.affinity';
}
