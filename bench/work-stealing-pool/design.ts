import type { Stack } from 'aws-cdk-lib';

/** Groups of places: 4 × 8 are four groups that do eight tasks at once each. */
export interface PoolShape {
  readonly groups: number;
  readonly placesEach: number;
}

/** One way from whoever submits tasks to functions that do them. */
export interface Design {
  readonly name: string;
  /** Its event source feeds a router; in the others it feeds the functions that do the tasks. */
  readonly routes?: boolean;
  /** How many event sources it has, whatever the number of groups, and how many for each group. */
  readonly eventSources: { readonly pool: number; readonly group: number };
  build(stack: Stack, shape: PoolShape): void;
  /** The queue that gets a task, by construct path. */
  queueFor(task: BenchTask, shape: PoolShape): string;
  /** What a function of this design is given to do. Not at home its caches are cold. */
  received(event: any): ReceivedTask;
}

/** A task as it is submitted: the body of a message. */
export interface BenchTask {
  readonly id: string;
  readonly payload: { readonly tenant: string; readonly seconds: number };
}

export interface ReceivedTask {
  readonly id: string;
  readonly seconds: number;
  /** Absent where that is chance. */
  readonly isHome?: boolean;
}

export function placesOf({ groups, placesEach }: PoolShape): number {
  return groups * placesEach;
}

export function titleOf({ groups, placesEach }: PoolShape): string {
  return `${groups} × ${placesEach}`;
}

/** Names of groups, the same in all designs: a name decides which keys are a group's. */
export function groupNames({ groups }: PoolShape): string[] {
  return Array.from({ length: groups }, (_, index) => `Group${index + 1}`);
}
