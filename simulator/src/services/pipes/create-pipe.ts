import { compileEnrichment } from './enrichment';
import type { PipeIdentity } from './input-template';
import { Pipe } from './pipe';
import type { PipeRequest, Pipes, PipeSource } from './pipes';
import { deadLetterArn, patternsOf, queueSettings, streamSettings } from './settings';
import { SqsSource } from './sqs-source';
import { PipeStreamProcessor } from './stream-processor';
import { compileTarget } from './targets';
import { readableName } from '../../cloudformation/readable-name';
import type { PropertySchema } from '../../cloudformation/resource-provider';
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
export const PIPE_PROPERTIES: PropertySchema = {
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
  LogConfiguration: { Level: true, IncludeExecutionData: true, CloudwatchLogsLogDestination: { LogGroupArn: true } },
  Tags: 'inert',
};

/** Creates a pipe, which begins to read unless it is to be stopped. Throws a sentence naming what is wrong or not simulated. */
export function createPipe(world: World, pipes: Pipes, request: PipeRequest, name: string): PipeIdentity {
  const { properties, path } = request;
  pipes.checkFree(name);
  const { RoleArn, Source, Enrichment, Target, DesiredState = 'RUNNING', LogConfiguration } = properties;
  const arn = `arn:aws:pipes:${world.region}:${world.account}:pipe/${name}`;
  if (DesiredState !== 'RUNNING' && DesiredState !== 'STOPPED') throw new Error(`DesiredState is '${DesiredState}'; allowed: RUNNING, STOPPED`);
  // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-permissions.html
  if (!world.iam.canAssume('pipes.amazonaws.com', RoleArn, arn)) throw new Error(`pipes.amazonaws.com may not assume ${RoleArn}`);
  const identity: PipeIdentity = { arn, name, sourceArn: String(Source), enrichmentArn: Enrichment, targetArn: String(Target) };
  const target = compileTarget(identity.targetArn, properties.TargetParameters, identity);
  const enrichment = compileEnrichment(Enrichment, properties.EnrichmentParameters);
  const pipe = new Pipe(world, {
    ...identity, readableName: readableName(path), roleArn: RoleArn, enrichment, target, logConfiguration: LogConfiguration,
  });
  const source = sourceOf(world, pipe, request);
  pipes.add(request, pipe, source, DesiredState);
  source.create(DesiredState === 'RUNNING');
  return identity;
}

function sourceOf(world: World, pipe: Pipe, request: PipeRequest): PipeSource & { create(running: boolean): void } {
  const { SourceParameters: parameters = {} } = request.properties;
  const { sourceArn, target, targetArn } = pipe.definition;
  const patterns = patternsOf(request, parameters.FilterCriteria);
  const checked = <T extends { readonly batchSize: number }>(settings: T): T => {
    if (settings.batchSize <= target.maximumBatch) return settings;
    // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-batching-concurrency.html
    throw new Error(`BatchSize is ${settings.batchSize}; target ${targetArn} takes at most ${target.maximumBatch} events`);
  };
  switch (sourceArn.split(':')[2]) {
    case 'dynamodb': {
      const own = parameters.DynamoDBStreamParameters;
      const settings = checked(streamSettings(request, own));
      const stream = world.service<DynamoDbService>('dynamodb').stream(sourceArn);
      const processor = new PipeStreamProcessor(world, pipe, patterns, deadLetterArn(request, own.DeadLetterConfig));
      return new StreamConsumer(world, stream, settings, processor);
    }
    case 'sqs':
      return new SqsSource(world, pipe, { queueArn: sourceArn, patterns, ...checked(queueSettings(request, parameters.SqsQueueParameters)) });
    default:
      throw new Error(`source ${sourceArn} is not simulated; simulated: DynamoDB streams and SQS queues`);
  }
}
