import type { Concurrency } from './concurrency';
import type { FunctionDirectory } from './function-directory';
import { integer } from './function-provider';
import { StreamSource } from './stream-source';
import type { ResourceInstance } from '../../cloudformation/resource-provider';
import type { Random } from '../../kernel/random';
import type { World } from '../../service';
import type { DynamoDbService } from '../dynamodb';
import { StreamConsumer } from '../dynamodb/streams/consumer';
import type { ConsumerSettings } from '../dynamodb/streams/consumer-contract';
import { EventPattern } from '../events/pattern';

/** Properties that only streams have. https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html */
export const STREAM_PROPERTIES: readonly string[] = [
  'BisectBatchOnFunctionError', 'DestinationConfig', 'MaximumRecordAgeInSeconds', 'MaximumRetryAttempts', 'ParallelizationFactor', 'StartingPosition',
];

/** Connects a function with the stream of a DynamoDB table. */
export function createStreamSource(
  world: World, directory: FunctionDirectory, concurrency: Concurrency, random: Random, resource: ResourceInstance, enabled: boolean,
) {
  const { properties, path } = resource;
  if (properties.ScalingConfig !== undefined) throw new Error(`${path}: ScalingConfig is for queues; streams have ParallelizationFactor`);
  const target = directory.target(properties.FunctionName);
  const stream = world.service<DynamoDbService>('dynamodb').stream(String(properties.EventSourceArn));
  const source = new StreamSource(world, concurrency, random, {
    target,
    reportBatchItemFailures: reportsItemFailures(resource),
    patterns: (properties.FilterCriteria?.Filters ?? []).map(({ Pattern }: any) => EventPattern.compile(Pattern, 'filter')),
    onFailure: destination(resource),
  });
  new StreamConsumer(world, stream, settings(resource), source).create(enabled);
}

function settings({ path, properties }: ResourceInstance): ConsumerSettings {
  const { StartingPosition } = properties;
  if (StartingPosition !== 'TRIM_HORIZON' && StartingPosition !== 'LATEST') {
    throw new Error(`${path}: StartingPosition is ${JSON.stringify(StartingPosition)}; allowed for DynamoDB streams: TRIM_HORIZON, LATEST`);
  }
  const age = integer(path, 'MaximumRecordAgeInSeconds', properties.MaximumRecordAgeInSeconds ?? -1, -1, 604_800);
  if (age !== -1 && age < 60) throw new Error(`${path}: MaximumRecordAgeInSeconds is ${age}; allowed: -1, or 60 to 604800`);
  return {
    startingPosition: StartingPosition,
    batchSize: integer(path, 'BatchSize', properties.BatchSize ?? 100, 1, 10_000),
    batchingWindowMs: integer(path, 'MaximumBatchingWindowInSeconds', properties.MaximumBatchingWindowInSeconds ?? 0, 0, 300) * 1000,
    parallelizationFactor: integer(path, 'ParallelizationFactor', properties.ParallelizationFactor ?? 1, 1, 10),
    bisect: properties.BisectBatchOnFunctionError === true || properties.BisectBatchOnFunctionError === 'true',
    maximumRetryAttempts: integer(path, 'MaximumRetryAttempts', properties.MaximumRetryAttempts ?? -1, -1, 10_000),
    maximumRecordAgeMs: age === -1 ? -1 : age * 1000,
  };
}

function reportsItemFailures({ path, properties }: ResourceInstance): boolean {
  const types: unknown[] = properties.FunctionResponseTypes ?? [];
  const unknown = types.find((type) => type !== 'ReportBatchItemFailures');
  if (unknown !== undefined) throw new Error(`${path}: FunctionResponseTypes has '${String(unknown)}'; allowed: ReportBatchItemFailures`);
  return types.length > 0;
}

/** Queues and topics; FIFO ones are not allowed. */
function destination({ path, properties }: ResourceInstance): string | undefined {
  const { OnSuccess, OnFailure } = properties.DestinationConfig ?? {};
  if (OnSuccess !== undefined) throw new Error(`${path}: DestinationConfig.OnSuccess is not for streams, only OnFailure is`);
  const arn = OnFailure?.Destination;
  if (arn === undefined) return undefined;
  const service = String(arn).split(':')[2];
  if ((service !== 'sqs' && service !== 'sns') || String(arn).endsWith('.fifo')) {
    throw new Error(`${path}: OnFailure destination ${String(arn)} is not simulated; simulated: standard queues and topics`);
  }
  return String(arn);
}
