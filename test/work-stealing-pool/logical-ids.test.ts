import { rendering } from './fixtures';
import { WorkerGroup } from '../../src';
import { keptOf, losses, stackWithPaths } from '../logical-ids';

it('keeps, under their logical ids, tasks that wait, what is known of those under way, and what was given up', () => {
  const stack = stackWithPaths();
  const pool = rendering(stack);
  pool.addGroup('Fleet', WorkerGroup.external({ stealsFrom: ['Cpu'] }));
  expect(losses(keptOf(__dirname), stack, [pool])).toEqual([]);
});
