import { type Design, placesOf } from './design';
import { firstRecord, queueWithPlaces } from './task-function';

/** One queue and one event source for all places. */
export const sharedQueue: Design = {
  name: 'one shared queue',
  eventSources: { pool: 1, group: 0 },
  build: (stack, shape) => queueWithPlaces(stack, placesOf(shape)),
  queueFor: () => 'Queue',
  received: firstRecord,
};
