/** The settings of a pipe's source. */
import type { ConsumerSettings } from '../dynamodb/streams/consumer-contract';
import { EventPattern } from '../events/pattern';
import { integer } from '../lambda/function-provider';

/** What errors name. */
interface Named {
  readonly path: string;
}

/** https://docs.aws.amazon.com/eventbridge/latest/pipes-reference/API_PipeSourceDynamoDBStreamParameters.html */
export function streamSettings({ path }: Named, parameters: any): ConsumerSettings {
  if (parameters === undefined) throw new Error(`${path}: SourceParameters.DynamoDBStreamParameters are required for a DynamoDB stream`);
  const { StartingPosition, OnPartialBatchItemFailure: bisect } = parameters;
  if (StartingPosition !== 'TRIM_HORIZON' && StartingPosition !== 'LATEST') {
    throw new Error(`${path}: StartingPosition is ${JSON.stringify(StartingPosition)}; allowed: TRIM_HORIZON, LATEST`);
  }
  if (bisect !== undefined && bisect !== 'AUTOMATIC_BISECT') {
    throw new Error(`${path}: OnPartialBatchItemFailure is ${JSON.stringify(bisect)}; allowed: AUTOMATIC_BISECT`);
  }
  const age = integer(path, 'MaximumRecordAgeInSeconds', parameters.MaximumRecordAgeInSeconds ?? -1, -1, 604_800);
  return {
    startingPosition: StartingPosition,
    batchSize: integer(path, 'BatchSize', parameters.BatchSize ?? 1, 1, 10_000),
    batchingWindowMs: 1000 * integer(path, 'MaximumBatchingWindowInSeconds', parameters.MaximumBatchingWindowInSeconds ?? 0, 0, 300),
    parallelizationFactor: integer(path, 'ParallelizationFactor', parameters.ParallelizationFactor ?? 1, 1, 10),
    bisect: bisect !== undefined,
    maximumRetryAttempts: integer(path, 'MaximumRetryAttempts', parameters.MaximumRetryAttempts ?? -1, -1, 10_000),
    maximumRecordAgeMs: age === -1 ? -1 : age * 1000,
  };
}

/** https://docs.aws.amazon.com/eventbridge/latest/pipes-reference/API_PipeSourceSqsQueueParameters.html */
export function queueSettings({ path }: Named, parameters: any = {}) {
  return {
    batchSize: integer(path, 'BatchSize', parameters.BatchSize ?? 10, 1, 10_000),
    batchingWindowMs: 1000 * integer(path, 'MaximumBatchingWindowInSeconds', parameters.MaximumBatchingWindowInSeconds ?? 0, 0, 300),
  };
}

/** At most five; one that matches is enough. https://docs.aws.amazon.com/eventbridge/latest/pipes-reference/API_FilterCriteria.html */
export function patternsOf({ path }: Named, criteria: any): EventPattern[] {
  const filters: any[] = criteria?.Filters ?? [];
  if (filters.length > 5) throw new Error(`${path}: FilterCriteria has ${filters.length} filters; at most 5 are allowed`);
  return filters.map(({ Pattern }) => EventPattern.compile(Pattern, 'filter'));
}

/** Queues and topics, but not FIFO ones. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-error-troubleshooting.html */
export function deadLetterArn({ path }: Named, config: any): string | undefined {
  const arn = config?.Arn;
  if (arn === undefined) return undefined;
  if (!['sqs', 'sns'].includes(String(arn).split(':')[2]) || String(arn).endsWith('.fifo')) {
    throw new Error(`${path}: DeadLetterConfig is ${String(arn)}; allowed: standard queues and topics`);
  }
  return String(arn);
}
