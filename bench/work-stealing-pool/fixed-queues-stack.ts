import { type Design, groupNames } from './design';
import { firstRecord, queueWithPlaces } from './task-function';
import { rendezvous } from '../../lambda-src/work-stealing-pool/routing/rendezvous';

/** A queue and an event source for each group. Whoever submits sends a tenant's tasks to its group, by the same hashing as ours. */
export const fixedQueues: Design = {
  name: 'fixed queues',
  eventSources: { pool: 0, group: 1 },
  build(stack, shape) {
    for (const group of groupNames(shape)) queueWithPlaces(stack, shape.placesEach, group);
  },
  queueFor: ({ payload: { tenant } }, shape) => `${rendezvous(tenant, groupNames(shape).map((name) => ({ name, weight: 1 })))!.name}Queue`,
  received: (event) => ({ ...firstRecord(event), isHome: true }),
};
