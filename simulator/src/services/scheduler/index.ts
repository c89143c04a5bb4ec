import { schedulerOperations } from './operations';
import { scheduleGroupProvider, scheduleProvider } from './resources';
import { Schedules } from './schedules';
import type { Service, World } from '../../service';

export interface SchedulerService extends Service {
  /** Names of all schedules, `group/name`. */
  names(): string[];
}

/** Amazon EventBridge Scheduler. */
export function schedulerService(world: World): SchedulerService {
  const schedules = new Schedules(world);
  return {
    name: 'scheduler',
    operations: schedulerOperations(world, schedules),
    resources: [scheduleProvider(schedules), scheduleGroupProvider(world, schedules)],
    names: () => schedules.list().map(({ group, name }) => `${group}/${name}`),
  };
}
