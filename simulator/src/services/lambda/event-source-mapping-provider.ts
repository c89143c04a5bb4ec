import type { Concurrency } from './concurrency';
import { queueUrl } from './destinations';
import type { FunctionDirectory } from './function-directory';
import { integer } from './function-provider';
import { SqsFilter } from './sqs-filter';
import { SqsPoller } from './sqs-poller';
import { createStreamSource, STREAM_PROPERTIES } from './stream-source-mapping';
import type { ResourceInstance, ResourceProvider } from '../../cloudformation/resource-provider';
import { ServiceError, type World } from '../../service';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-eventsourcemapping.html, for SQS queues and DynamoDB streams */
export function eventSourceMappingProvider(world: World, directory: FunctionDirectory, concurrency: Concurrency): ResourceProvider {
  return {
    type: 'AWS::Lambda::EventSourceMapping',
    properties: {
      EventSourceArn: true,
      FunctionName: true,
      BatchSize: true,
      MaximumBatchingWindowInSeconds: true,
      FunctionResponseTypes: true,
      FilterCriteria: { Filters: [{ Pattern: true }] },
      ScalingConfig: { MaximumConcurrency: true },
      Enabled: true,
      KmsKeyArn: 'inert',
      MetricsConfig: 'inert',
      LoggingConfig: 'inert',
      Tags: 'inert',
      ...Object.fromEntries(STREAM_PROPERTIES.map((property) => [property, true as const])),
      DestinationConfig: { OnFailure: { Destination: true }, OnSuccess: { Destination: true } },
      TumblingWindowInSeconds: (value) => (Number(value) === 0 ? undefined : 'tumbling windows are not simulated'),
      ...Object.fromEntries(OTHER_SOURCES.map((property) => [
        property,
        () => `${property} is not simulated: it is for event sources other than SQS queues and DynamoDB streams`,
      ])),
      ProvisionedPollerConfig: () => 'ProvisionedPollerConfig is not simulated',
    },
    create: (resource) => {
      const { properties } = resource;
      const random = world.kernel.random.fork(`lambda/event-source/${resource.path}`);
      const enabled = properties.Enabled !== false && properties.Enabled !== 'false';
      if (sourceService(resource) === 'dynamodb') {
        createStreamSource(world, directory, concurrency, random, resource, enabled);
      } else {
        const target = directory.target(properties.FunctionName);
        const queueArn = String(properties.EventSourceArn);
        const visibilityTimeoutMs = checkedVisibilityTimeout(world, queueArn, target.function.configuration.timeoutMs);
        const source = { target, queueArn, visibilityTimeoutMs, ...settings(resource) };
        if (enabled) new SqsPoller(world, concurrency, random, source).start();
      }
      const id = random.uuid();
      return { ref: id, attributes: { Id: id, EventSourceMappingArn: `arn:aws:lambda:${world.region}:${world.account}:event-source-mapping:${id}` } };
    },
  };
}

const OTHER_SOURCES = [
  'AmazonManagedKafkaEventSourceConfig', 'DocumentDBEventSourceConfig', 'Queues', 'SelfManagedEventSource',
  'SelfManagedKafkaEventSourceConfig', 'SourceAccessConfigurations', 'StartingPositionTimestamp', 'Topics',
];

function sourceService({ path, properties }: ResourceInstance): 'sqs' | 'dynamodb' {
  const service = String(properties.EventSourceArn).split(':')[2];
  if (service === 'dynamodb') return service;
  if (service !== 'sqs') {
    throw new Error(`${path}: event source ${String(properties.EventSourceArn)} is not simulated; event source mappings here read SQS queues and DynamoDB streams`);
  }
  const misplaced = STREAM_PROPERTIES.find((property) => properties[property] !== undefined);
  if (misplaced) throw new Error(`${path}: property ${misplaced} is for streams, and ${String(properties.EventSourceArn)} is a queue`);
  return service;
}

function settings({ path, properties }: ResourceInstance) {
  const fifo = String(properties.EventSourceArn).endsWith('.fifo');
  const window = integer(path, 'MaximumBatchingWindowInSeconds', properties.MaximumBatchingWindowInSeconds ?? 0, 0, 300);
  if (fifo && window > 0) throw new Error(`${path}: MaximumBatchingWindowInSeconds is ${window}; FIFO queues have no batching window`);
  const batchSize = integer(path, 'BatchSize', properties.BatchSize ?? 10, 1, fifo ? 10 : 10_000);
  if (batchSize > 10 && window === 0) {
    throw new Error(`${path}: BatchSize is ${batchSize}; more than 10 needs a MaximumBatchingWindowInSeconds of at least 1`);
  }
  const responseTypes: unknown[] = properties.FunctionResponseTypes ?? [];
  const unknown = responseTypes.find((type) => type !== 'ReportBatchItemFailures');
  if (unknown !== undefined) throw new Error(`${path}: FunctionResponseTypes has '${String(unknown)}'; allowed: ReportBatchItemFailures`);
  const maximumConcurrency = properties.ScalingConfig?.MaximumConcurrency;
  return {
    batchSize,
    batchingWindowMs: window * 1000,
    reportBatchItemFailures: responseTypes.length > 0,
    filter: new SqsFilter(properties.FilterCriteria),
    maximumConcurrency: maximumConcurrency === undefined ? undefined : integer(path, 'MaximumConcurrency', maximumConcurrency, 2, 1_000),
  };
}

/** Lambda refuses a queue whose messages would come back while the function may still be running. */
function checkedVisibilityTimeout(world: World, queueArn: string, timeoutMs: number): number {
  const { Attributes }: any = world.service('sqs').operations.GetQueueAttributes.handle(
    { QueueUrl: queueUrl(queueArn), AttributeNames: ['VisibilityTimeout'] },
    { caller: { principal: { kind: 'operator' }, name: 'lambda' } },
  );
  const visibility = Number(Attributes.VisibilityTimeout);
  if (visibility * 1000 >= timeoutMs) return visibility * 1000;
  throw new ServiceError(
    'InvalidParameterValueException',
    `Queue visibility timeout: ${visibility} seconds is less than Function timeout: ${timeoutMs / 1000} seconds`,
  );
}
