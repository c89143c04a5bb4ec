import { publishGauges } from './metrics';
import type { QueueDirectory } from './queues';
import { MAX_MESSAGE_BYTES, parseRedriveAllowPolicy, parseRedrivePolicy } from './settings';
import { readableName } from '../../cloudformation/readable-name';
import type { ResourceProvider } from '../../cloudformation/resource-provider';
import type { World } from '../../service';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queue.html, with its defaults. */
export function queueProvider(world: World, directory: QueueDirectory): ResourceProvider {
  return {
    type: 'AWS::SQS::Queue',
    properties: {
      QueueName: true,
      FifoQueue: true,
      ContentBasedDeduplication: true,
      DeduplicationScope: true,
      FifoThroughputLimit: 'inert',
      VisibilityTimeout: true,
      DelaySeconds: true,
      MessageRetentionPeriod: true,
      ReceiveMessageWaitTimeSeconds: true,
      MaximumMessageSize: true,
      RedrivePolicy: true,
      RedriveAllowPolicy: true,
      KmsMasterKeyId: true,
      KmsDataKeyReusePeriodSeconds: 'inert',
      SqsManagedSseEnabled: 'inert',
      Tags: 'inert',
    },
    create: (resource) => {
      const { properties, path } = resource;
      const fifo = isTrue(properties.FifoQueue);
      const name: string = properties.QueueName ?? `${resource.generatedName(fifo ? 75 : 80)}${fifo ? '.fifo' : ''}`;
      if (fifo !== name.endsWith('.fifo')) {
        throw new Error(`queue ${name}: the name of a FIFO queue, and only that, ends in .fifo (FifoQueue is ${fifo})`);
      }
      if (!fifo && isTrue(properties.ContentBasedDeduplication)) throw new Error(`queue ${name}: ContentBasedDeduplication needs FifoQueue: true`);
      const number = (property: string, fallback: number, min: number, max: number) =>
        integerProperty(name, property, properties[property], fallback, min, max);
      const queue = directory.create({
        name,
        arn: `arn:aws:sqs:${world.region}:${world.account}:${name}`,
        url: `https://sqs.${world.region}.amazonaws.com/${world.account}/${name}`,
        label: readableName(path),
        fifo,
        contentBasedDeduplication: isTrue(properties.ContentBasedDeduplication),
        deduplicationScope: properties.DeduplicationScope === 'messageGroup' ? 'messageGroup' : 'queue',
        visibilityTimeoutMs: number('VisibilityTimeout', 30, 0, 43_200) * 1000,
        delayMs: number('DelaySeconds', 0, 0, 900) * 1000,
        retentionMs: number('MessageRetentionPeriod', 345_600, 60, 1_209_600) * 1000,
        receiveWaitMs: number('ReceiveMessageWaitTimeSeconds', 0, 0, 20) * 1000,
        maxMessageBytes: number('MaximumMessageSize', MAX_MESSAGE_BYTES, 1024, MAX_MESSAGE_BYTES),
        redrive: parseRedrivePolicy(properties.RedrivePolicy, name),
        redriveAllow: parseRedriveAllowPolicy(properties.RedriveAllowPolicy, name),
        kmsKey: properties.KmsMasterKeyId,
      });
      publishGauges(world, queue);
      const { arn, url } = queue.settings;
      return { ref: url, attributes: { Arn: arn, QueueName: name, QueueUrl: url } };
    },
  };
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queuepolicy.html */
export function queuePolicyProvider(world: World, directory: QueueDirectory): ResourceProvider {
  return {
    type: 'AWS::SQS::QueuePolicy',
    properties: { Queues: true, PolicyDocument: true },
    create: (resource) => {
      const { Queues, PolicyDocument } = resource.properties;
      for (const url of Queues) world.iam.addResourcePolicy(directory.byUrl(url).settings.arn, PolicyDocument);
      return { ref: resource.generatedName(), attributes: { Id: resource.generatedName() } };
    },
  };
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}

function integerProperty(queue: string, property: string, value: unknown, fallback: number, min: number, max: number): number {
  if (value === undefined) return fallback;
  const number = Number(value);
  if (!Number.isInteger(number) || number < min || number > max) {
    throw new Error(`queue ${queue}: ${property} must be an integer from ${min} to ${max}, got ${JSON.stringify(value)}`);
  }
  return number;
}
