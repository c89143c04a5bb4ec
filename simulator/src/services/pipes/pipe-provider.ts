import { compileEnrichment } from './enrichment';
import type { PipeIdentity } from './input-template';
import { Pipe } from './pipe';
import type { Pipes, PipeSource } from './pipes';
import { deadLetterArn, patternsOf, queueSettings, streamSettings } from './settings';
import { SqsSource } from './sqs-source';
import { PipeStreamProcessor } from './stream-processor';
import { compileTarget } from './targets';
import { readableName } from '../../cloudformation/readable-name';
import type { PropertySchema, ResourceInstance, ResourceProvider } from '../../cloudformation/resource-provider';
import type { World } from '../../service';
import type { DynamoDbService } from '../dynamodb';
import { StreamConsumer } from '../dynamodb/streams/consumer';

const SOURCE: PropertySchema = {
  FilterCriteria: { Filters: [{ Pattern: true }] },
  DynamoDBStreamParameters: {
    StartingPosition: true,
    BatchSize: true,
    DeadLetterConfig: { Arn: true },
    MaximumBatchingWindowInSeconds: true,
    MaximumRecordAgeInSeconds: true,
    MaximumRetryAttempts: true,
    OnPartialBatchItemFailure: true,
    ParallelizationFactor: true,
  },
  SqsQueueParameters: { BatchSize: true, MaximumBatchingWindowInSeconds: true },
};

const TARGET: PropertySchema = {
  InputTemplate: true,
  EventBridgeEventBusParameters: { DetailType: true, EndpointId: true, Resources: true, Source: true, Time: true },
  SqsQueueParameters: { MessageGroupId: true, MessageDeduplicationId: true },
  LambdaFunctionParameters: { InvocationType: true },
  StepFunctionStateMachineParameters: { InvocationType: true },
  CloudWatchLogsParameters: { LogStreamName: true, Timestamp: true },
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-pipes-pipe.html */
export function pipeProvider(world: World, pipes: Pipes): ResourceProvider {
  return {
    type: 'AWS::Pipes::Pipe',
    properties: {
      Name: true,
      RoleArn: true,
      Source: true,
      SourceParameters: SOURCE,
      Enrichment: true,
      EnrichmentParameters: { InputTemplate: true },
      Target: true,
      TargetParameters: TARGET,
      DesiredState: true,
      Description: 'inert',
      KmsKeyIdentifier: 'inert',
      LogConfiguration: 'inert',
      Tags: 'inert',
    },
    create: (resource) => {
      const name: string = resource.properties.Name ?? resource.generatedName(64);
      const { arn } = named(resource, () => create(world, pipes, resource, name));
      const created = new Date(world.kernel.now).toISOString();
      const { CurrentState } = pipes.describe(name);
      return { ref: name, attributes: { Arn: arn, CurrentState, CreationTime: created, LastModifiedTime: created } };
    },
  };
}

function create(world: World, pipes: Pipes, resource: ResourceInstance, name: string): PipeIdentity {
  const { properties, path } = resource;
  const { RoleArn, Source, Enrichment, Target, DesiredState = 'RUNNING' } = properties;
  const arn = `arn:aws:pipes:${world.region}:${world.account}:pipe/${name}`;
  if (DesiredState !== 'RUNNING' && DesiredState !== 'STOPPED') throw new Error(`DesiredState is '${DesiredState}'; allowed: RUNNING, STOPPED`);
  // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-permissions.html
  if (!world.iam.canAssume('pipes.amazonaws.com', RoleArn, arn)) throw new Error(`pipes.amazonaws.com may not assume ${RoleArn}`);
  const identity: PipeIdentity = { arn, name, sourceArn: String(Source), enrichmentArn: Enrichment, targetArn: String(Target) };
  const target = compileTarget(identity.targetArn, properties.TargetParameters, identity);
  const enrichment = compileEnrichment(Enrichment, properties.EnrichmentParameters);
  const pipe = new Pipe(world, { ...identity, readableName: readableName(path), roleArn: RoleArn, enrichment, target });
  const source = sourceOf(world, pipe, resource);
  pipes.add(pipe, source, DesiredState);
  source.create(DesiredState === 'RUNNING');
  return identity;
}

function sourceOf(world: World, pipe: Pipe, resource: ResourceInstance): PipeSource & { create(running: boolean): void } {
  const { SourceParameters: parameters = {} } = resource.properties;
  const { sourceArn, target, targetArn } = pipe.definition;
  const patterns = patternsOf(resource, parameters.FilterCriteria);
  const checked = <T extends { readonly batchSize: number }>(settings: T): T => {
    if (settings.batchSize <= target.maximumBatch) return settings;
    // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-batching-concurrency.html
    throw new Error(`BatchSize is ${settings.batchSize}; target ${targetArn} takes at most ${target.maximumBatch} events`);
  };
  switch (sourceArn.split(':')[2]) {
    case 'dynamodb': {
      const own = parameters.DynamoDBStreamParameters;
      const settings = checked(streamSettings(resource, own));
      const stream = world.service<DynamoDbService>('dynamodb').stream(sourceArn);
      const processor = new PipeStreamProcessor(world, pipe, patterns, deadLetterArn(resource, own.DeadLetterConfig));
      return new StreamConsumer(world, stream, settings, processor);
    }
    case 'sqs':
      return new SqsSource(world, pipe, { queueArn: sourceArn, patterns, ...checked(queueSettings(resource, parameters.SqsQueueParameters)) });
    default:
      throw new Error(`source ${sourceArn} is not simulated; simulated: DynamoDB streams and SQS queues`);
  }
}

function named<T>({ path }: ResourceInstance, work: () => T): T {
  try {
    return work();
  } catch (error: any) {
    const message = String(error.message);
    throw new Error(message.startsWith(path) ? message : `${path}: ${message}`);
  }
}
