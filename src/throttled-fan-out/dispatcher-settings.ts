import { Duration } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { batching } from './batching';
import { Concurrency } from './concurrency';
import { Destination, DispatcherSettings, LimitSettings } from './contract';
import { KillSwitch } from './kill-switch';
import { DEFAULT_AGEING, DEFAULT_MAX_ATTEMPTS, DEFAULT_RETRY_DELAY, ThrottledTargetOptions } from './props';

export interface DispatcherDescription {
  readonly target: string;
  readonly destination: Destination;
  readonly options: ThrottledTargetOptions;
  readonly killSwitch: KillSwitch;
  readonly priorities: readonly string[];
  readonly concurrency: readonly Concurrency[];
  readonly queues: { readonly [priority: string]: Queue };
  readonly deadLetterQueue: Queue;
  readonly expiredQueue: Queue;
  readonly deliveryTimeout: Duration;
  readonly maxAge: Duration;
}

/** How long an invocation paces and delivers before it gives back what is left. */
export const INVOCATION_BUDGET = Duration.seconds(20);
const LONGEST_RETRY_DELAY = Duration.minutes(15);
const AGED_SHARE = 0.1;

/** All that a target's dispatcher is told. */
export function dispatcherSettings(described: DispatcherDescription): DispatcherSettings {
  const { options: { rate, reserve = {}, maxAttempts, retryDelay }, priorities, concurrency, queues } = described;
  return {
    target: described.target,
    destination: described.destination,
    priorities: priorities.map((name, rank) => ({
      name,
      queueArn: queues[name].queueArn,
      queueUrl: queues[name].queueUrl,
      heldBack: priorities.slice(0, rank).reduce((sum, higher) => sum + (reserve[higher] ?? 0), 0),
      parallel: concurrency[rank].parallel,
      batchSize: batching(rate._bind().perSecond, rank).batchSize,
    })),
    limit: limitSettings(described),
    deadLetterQueueUrl: described.deadLetterQueue.queueUrl,
    expiredQueueUrl: described.expiredQueue.queueUrl,
    deliveryTimeoutMs: described.deliveryTimeout.toMilliseconds(),
    maxAttempts: maxAttempts ?? DEFAULT_MAX_ATTEMPTS,
    retryDelaySeconds: (retryDelay ?? DEFAULT_RETRY_DELAY).toSeconds(),
    longestRetryDelaySeconds: LONGEST_RETRY_DELAY.toSeconds(),
    maxAgeSeconds: described.maxAge.toSeconds(),
    invocationBudgetMs: INVOCATION_BUDGET.toMilliseconds(),
  };
}

function limitSettings({ options: { rate, adaptive, ageing }, killSwitch }: DispatcherDescription): LimitSettings {
  const { perSecond, burst, shards } = rate._bind();
  return {
    ratePerSecond: perSecond,
    burst,
    shards,
    adaptive: adaptive?._bind(perSecond),
    killSwitch: killSwitch._bind(),
    ageingSeconds: (ageing ?? DEFAULT_AGEING).toSeconds(),
    agedShare: AGED_SHARE,
  };
}
