import { DEFAULT_MAX_MESSAGE_BYTES, LARGEST_MAX_MESSAGE_BYTES, SMALLEST_MAX_MESSAGE_BYTES } from './settings';
import type { TopicDirectory } from './topics';
import { readableName } from '../../cloudformation/readable-name';
import type { ResourceProvider } from '../../cloudformation/resource-provider';
import type { World } from '../../service';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topic.html, with its defaults. */
export function topicProvider(world: World, directory: TopicDirectory): ResourceProvider {
  return {
    type: 'AWS::SNS::Topic',
    properties: {
      TopicName: true,
      FifoTopic: true,
      ContentBasedDeduplication: true,
      FifoThroughputScope: true,
      MaximumMessageSize: true,
      KmsMasterKeyId: true,
      SignatureVersion: true,
      Subscription: [{ Endpoint: true, Protocol: true }],
      DisplayName: 'inert',
      TracingConfig: 'inert',
      DeliveryStatusLogging: 'inert',
      Tags: 'inert',
    },
    create: (resource) => {
      const { properties, path } = resource;
      const fifo = isTrue(properties.FifoTopic);
      const name: string = properties.TopicName ?? `${resource.generatedName(fifo ? 251 : 256)}${fifo ? '.fifo' : ''}`;
      if (fifo !== name.endsWith('.fifo')) {
        throw new Error(`topic ${name}: the name of a FIFO topic, and only that, ends in .fifo (FifoTopic is ${fifo})`);
      }
      if (!fifo && isTrue(properties.ContentBasedDeduplication)) throw new Error(`topic ${name}: ContentBasedDeduplication needs FifoTopic: true`);
      const scope = properties.FifoThroughputScope ?? 'Topic';
      if (scope !== 'Topic' && scope !== 'MessageGroup') throw new Error(`topic ${name}: FifoThroughputScope must be Topic or MessageGroup, got '${scope}'`);
      const { settings } = directory.create({
        name,
        arn: `arn:aws:sns:${world.region}:${world.account}:${name}`,
        label: readableName(path),
        fifo,
        contentBasedDeduplication: isTrue(properties.ContentBasedDeduplication),
        throughputScope: scope,
        maxMessageBytes: maxMessageBytes(name, properties.MaximumMessageSize),
        signatureVersion: String(properties.SignatureVersion ?? '1'),
        kmsKey: properties.KmsMasterKeyId,
      });
      for (const subscription of properties.Subscription ?? []) directory.subscribe(settings.arn, subscription, endpointName(subscription.Endpoint));
      return { ref: settings.arn, attributes: { TopicArn: settings.arn, TopicName: name } };
    },
  };
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-subscription.html */
export function subscriptionProvider(world: World, directory: TopicDirectory): ResourceProvider {
  return {
    type: 'AWS::SNS::Subscription',
    properties: {
      TopicArn: true,
      Protocol: true,
      Endpoint: true,
      RawMessageDelivery: true,
      FilterPolicy: true,
      FilterPolicyScope: true,
      RedrivePolicy: true,
      Region: (region) => (region === world.region ? undefined : `Region '${String(region)}' is not simulated; the simulated account has only ${world.region}`),
      DeliveryPolicy: () => 'DeliveryPolicy is for HTTP endpoints, which are not simulated',
      ReplayPolicy: () => 'ReplayPolicy is not simulated: topics keep no archive',
    },
    create: ({ properties }) => {
      const { arn } = directory.subscribe(properties.TopicArn, properties, endpointName(properties.Endpoint));
      return { ref: arn, attributes: { Arn: arn } };
    },
  };
}

/** It replaces the default policy: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topicpolicy.html */
export function topicPolicyProvider(directory: TopicDirectory): ResourceProvider {
  return {
    type: 'AWS::SNS::TopicPolicy',
    properties: { Topics: true, PolicyDocument: true },
    create: (resource) => {
      const { Topics, PolicyDocument } = resource.properties;
      for (const topic of Topics) directory.allow(topic, PolicyDocument);
      return { ref: resource.generatedName(), attributes: { Id: resource.generatedName() } };
    },
  };
}

/** The last part of an ARN: the queue's or the function's own name. */
function endpointName(endpoint: unknown): string {
  return String(endpoint).split(':').pop()!;
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}

function maxMessageBytes(topic: string, value: unknown): number {
  if (value === undefined) return DEFAULT_MAX_MESSAGE_BYTES;
  const bytes = Number(value);
  if (!Number.isInteger(bytes) || bytes < SMALLEST_MAX_MESSAGE_BYTES || bytes > LARGEST_MAX_MESSAGE_BYTES) {
    throw new Error(`topic ${topic}: MaximumMessageSize must be an integer from ${SMALLEST_MAX_MESSAGE_BYTES} to ${LARGEST_MAX_MESSAGE_BYTES}, got ${JSON.stringify(value)}`);
  }
  return bytes;
}
