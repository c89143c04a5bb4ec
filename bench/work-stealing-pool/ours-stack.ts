import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { type BenchTask, type Design, groupNames } from './design';
import { taskFunction } from './task-function';
import { Stealing, TaskRouter, WorkerGroup, WorkStealingPool } from '../../src';
import type { Assignment } from '../../src/work-stealing-pool/contract';

/** What the construct's default is. */
const INTERVAL = Duration.seconds(15);

export const ours: Design = {
  name: 'WorkStealingPool',
  routes: true,
  eventSources: { pool: 1, group: 0 },
  build(stack, shape) {
    const pool = new WorkStealingPool(stack, 'Pool', {
      router: TaskRouter.affinity('tenant'), stealing: Stealing.leader({ interval: INTERVAL }), removalPolicy: RemovalPolicy.DESTROY,
    });
    for (const group of groupNames(shape)) {
      pool.addGroup(group, WorkerGroup.function(taskFunction(stack, group), { maxConcurrency: shape.placesEach }));
    }
  },
  queueFor: () => 'Pool/Submit',
  received({ task: { id, payload }, group, home }: Assignment) {
    return { id, seconds: (payload as BenchTask['payload']).seconds, isHome: group === home };
  },
};
