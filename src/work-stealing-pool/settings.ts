import { Duration, Lazy, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { CoordinatorSettings, RouterSettings, Routing, RunnerSettings, StealingSettings, WorkerSettings } from './contract';
import { BoundFunction, BoundGroup } from './worker-group';

/** A group as the handlers know it. */
export interface DescribedGroup {
  readonly name: string;
  readonly queueUrl: string;
  readonly runnerArn?: string;
  readonly bound: BoundGroup;
}

/** What all workers of a pool are told alike. */
export interface WorkDescription {
  readonly poolName: string;
  readonly tableName: string;
  readonly lease: Duration;
  readonly retryDelay: Duration;
  readonly taskRetention: Duration;
}

/** SQS's longest delay, and about the longest that somebody who mends a cause wants to wait for. */
const LONGEST_RETRY_DELAY = Duration.minutes(15);

export function routerSettings(
  groups: readonly DescribedGroup[], routing: Routing, { coordinatorArn, deadLetterQueueUrl }: { coordinatorArn: string; deadLetterQueueUrl: string },
): RouterSettings {
  return {
    routing,
    groups: groups.map(({ name, queueUrl, runnerArn, bound: { weight, work, typicalSeconds } }) => ({
      name, queueUrl, runnerArn, weight, capacity: work?.maxConcurrency, typicalSeconds,
    })),
    coordinatorArn,
    deadLetterQueueUrl,
  };
}

export function coordinatorSettings(groups: readonly DescribedGroup[], stealing: StealingSettings | undefined, lease: Duration): CoordinatorSettings {
  return {
    groups: groups.map(({ name, queueUrl, runnerArn, bound: { work, typicalSeconds, stealsFrom } }) => ({
      name, queueUrl, runnerArn, capacity: work?.maxConcurrency, typicalSeconds, stealsFrom,
    })),
    stealing,
    leaseSeconds: lease.toSeconds(),
  };
}

/** @param victims those from which the group may steal */
export function workerSettings(work: WorkDescription, group: DescribedGroup, victims: readonly DescribedGroup[]): WorkerSettings {
  return {
    pool: work.poolName,
    tableName: work.tableName,
    group: group.name,
    queueUrls: Object.fromEntries([group, ...victims].map(({ name, queueUrl }) => [name, queueUrl])),
    leaseSeconds: work.lease.toSeconds(),
    retryDelaySeconds: work.retryDelay.toSeconds(),
    longestRetryDelaySeconds: LONGEST_RETRY_DELAY.toSeconds(),
    retentionSeconds: work.taskRetention.toSeconds(),
  };
}

export function runnerSettings(worker: WorkerSettings, { handler, maxConcurrency, taskTimeoutSeconds }: BoundFunction): RunnerSettings {
  return { worker, functionArn: handler.functionArn, maxConcurrency, taskTimeoutSeconds };
}

/** The settings as a handler gets them, made at the end: groups are added after the handlers and in any order. */
export function settingsJson(scope: Construct, settings: () => RouterSettings | CoordinatorSettings | RunnerSettings | WorkerSettings): string {
  return Stack.of(scope).toJsonString(Lazy.any({ produce: settings }));
}
