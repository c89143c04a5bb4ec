import type { SQSClient } from '@aws-sdk/client-sqs';
import { type Depth, depthOf } from './depths';
import { isLive, type RegisteredWorker, takesTasks } from './registered-worker';
import type { Registry } from './registry';
import type { CoordinatorSettings } from '../../src/work-stealing-pool/contract';

export type GroupSettings = CoordinatorSettings['groups'][number];

/** A group at a moment. */
export interface GroupState extends Depth {
  readonly settings: GroupSettings;
  readonly retired: boolean;
  /** Those that are heard of, also when they take no more tasks. */
  readonly living: readonly RegisteredWorker[];
  /** Of those, who take tasks. */
  readonly taking: readonly RegisteredWorker[];
  /** Its runner's last word, awake or not; none in a group of external workers. */
  readonly runner: RegisteredWorker | undefined;
}

/** What the leader sees of the pool. */
export type Look = () => Promise<readonly GroupState[]>;

export interface LookProps {
  readonly groups: readonly GroupSettings[];
  readonly registry: Pick<Registry, 'workers' | 'retired'>;
  readonly sqs: SQSClient;
  readonly now: () => number;
}

/** Looks at all groups. @throws when one of them cannot be seen: half a picture would have tasks stolen the wrong way round */
export function lookAt({ groups, registry, sqs, now }: LookProps): Look {
  return async () => {
    const [retired, ...seen] = await Promise.all([
      registry.retired(groups.map(({ name }) => name)),
      ...groups.map(async ({ name, queueUrl }) => Promise.all([depthOf(sqs, queueUrl), registry.workers(name)])),
    ]);
    const at = now();
    return groups.map((settings, index) => {
      const [depth, workers] = seen[index]!;
      return {
        settings,
        ...depth,
        retired: retired.has(settings.name),
        living: workers.filter((worker) => isLive(worker, at)),
        taking: workers.filter((worker) => takesTasks(worker, at)),
        runner: workers.find(({ isRunner }) => isRunner),
      };
    });
  };
}

export function hasWork(groups: readonly GroupState[]): boolean {
  return groups.some(({ waiting, inFlight, living }) => waiting > 0 || inFlight > 0 || runningOf(living) > 0);
}

export function runningOf(workers: readonly RegisteredWorker[]): number {
  return workers.reduce((sum, { running }) => sum + running, 0);
}
