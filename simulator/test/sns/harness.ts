import type { ResourceInstance } from '../../src/cloudformation/resource-provider';
import { PolicyEngine } from '../../src/iam/policies';
import type { Principal } from '../../src/iam/principal';
import type { FaultPlan } from '../../src/kernel/faults';
import { DEFAULT_START } from '../../src/kernel/kernel';
import type { ServiceFactory } from '../../src/service';
import { type CloudWatchService, cloudWatchService } from '../../src/services/cloudwatch';
import { kmsService } from '../../src/services/kms';
import { s3Service } from '../../src/services/s3';
import { type SnsService, snsService } from '../../src/services/sns';
import { sqsService } from '../../src/services/sqs';
import { SimulatedWorld } from '../../src/world';

const NOTHING = { median: 0, p99: 0 };
const OPERATOR: Principal = { kind: 'operator' };

export const ROLE = 'arn:aws:iam::123456789012:role/Worker';
export const AS_ROLE: Principal = { kind: 'role', arn: ROLE };

export interface BenchOptions {
  readonly faults?: FaultPlan;
  readonly services?: readonly ServiceFactory[];
  readonly latency?: Record<string, { median: number; p99: number }>;
}

/** A world with topics, queues and buckets, with real permissions and without latency. */
export class Bench {
  readonly iam = new PolicyEngine({ account: '123456789012', region: 'us-east-1' });
  readonly world: SimulatedWorld;

  constructor(options: BenchOptions = {}) {
    this.world = new SimulatedWorld(this.iam, [cloudWatchService, kmsService, sqsService, snsService, s3Service, ...(options.services ?? [])], {
      faults: options.faults,
      latency: {
        'default.call': NOTHING, 'sqs.call': NOTHING, 'sqs.delivery': NOTHING, 'sns.delivery': NOTHING,
        'lambda.call': NOTHING, 'lambda.async': NOTHING, 'lambda.init': NOTHING, 'events.call': NOTHING, 'events.delivery': NOTHING,
        ...options.latency,
      },
      trace: { keep: true },
    });
  }

  get sns(): SnsService {
    return this.world.service('sns');
  }

  create(type: string, properties: any, id: string = 'Thing') {
    const provider = this.world.allServices().flatMap(({ resources }) => resources).find((candidate) => candidate.type === type)!;
    const resource: ResourceInstance = {
      logicalId: id, type, properties, stackName: 'Stack', path: `Stack/${id}/Resource`, generatedName: () => `Stack-${id}`, assetPath: () => '',
    };
    return provider.create(resource);
  }

  /** Its ARN. */
  topic(name: string, properties: Record<string, unknown> = {}): string {
    return this.create('AWS::SNS::Topic', { TopicName: name, ...properties }, name).ref;
  }

  /** Its ARN; SNS may send to it unless told otherwise. */
  queue(name: string, { open = true, ...properties }: Record<string, unknown> = {}): string {
    const fifo = name.endsWith('.fifo');
    const { attributes } = this.create('AWS::SQS::Queue', { QueueName: name, ...(fifo ? { FifoQueue: true } : {}), ...properties }, name);
    if (open) this.allow(attributes!.Arn, 'sqs:SendMessage');
    return attributes!.Arn;
  }

  /** Lets a service do something to a resource. */
  allow(resource: string, action: string, service: string = 'sns.amazonaws.com') {
    this.iam.addResourcePolicy(resource, { Statement: { Effect: 'Allow', Principal: { Service: service }, Action: action, Resource: '*' } });
  }

  /** Lets the role do something. */
  grant(...actions: string[]) {
    this.iam.addRolePolicy(ROLE, actions.join(), { Statement: { Effect: 'Allow', Action: actions, Resource: '*' } });
  }

  subscribe(topicArn: string, endpoint: string, properties: Record<string, unknown> = {}): string {
    return this.create('AWS::SNS::Subscription', { TopicArn: topicArn, Protocol: endpoint.split(':')[2], Endpoint: endpoint, ...properties }).ref;
  }

  /** Starts a call and runs the world until it has answered. */
  async call(service: string, operation: string, input: any, principal: Principal = OPERATOR): Promise<any> {
    let outcome: { value?: any; error?: any } | undefined;
    void this.world.call({ service, operation, input, caller: { principal, name: 'test', faultFree: true } })
      .then((value) => { outcome = { value }; }, (error) => { outcome = { error }; });
    await this.world.kernel.run({ until: () => outcome !== undefined });
    if (!outcome) throw new Error(`${operation} was never answered`);
    if (outcome.error) throw outcome.error;
    return outcome.value;
  }

  publish(TopicArn: string, Message: string, more: Record<string, unknown> = {}, principal: Principal = OPERATOR): Promise<any> {
    return this.call('sns', 'Publish', { TopicArn, Message, ...more }, principal);
  }

  /** The messages in a queue after all that is due within the next ten seconds. */
  async messages(queueArn: string, seconds: number = 10): Promise<any[]> {
    await this.pass(seconds);
    const [, , , region, account, name] = queueArn.split(':');
    const input = {
      QueueUrl: `https://sqs.${region}.amazonaws.com/${account}/${name}`, MaxNumberOfMessages: 10, AttributeNames: ['All'], MessageAttributeNames: ['All'],
    };
    return (await this.call('sqs', 'ReceiveMessage', input)).Messages ?? [];
  }

  async bodies(queueArn: string, seconds?: number): Promise<string[]> {
    return (await this.messages(queueArn, seconds)).map(({ Body }) => Body);
  }

  /** Lets this many seconds of virtual time pass. */
  async pass(seconds: number) {
    await this.world.kernel.run({ deadline: this.world.kernel.now + seconds * 1000 });
  }

  traced(event: string): any[] {
    return this.world.trace.entries.filter((entry) => entry.event === event).map(({ detail }) => detail);
  }

  /** The sum of a topic's metric. */
  metric(topic: string, name: string): number {
    const { metrics } = this.world.service<CloudWatchService>('cloudwatch');
    const source = { namespace: 'AWS/SNS', name, dimensions: { TopicName: topic }, statistic: 'Sum', periodSeconds: 60 };
    const end = Math.ceil((this.world.kernel.now + 1) / 60_000) * 60_000;
    const values = metrics.statistics({ ...source, start: DEFAULT_START, end });
    return [...values.values()].reduce((sum, value) => sum + value, 0);
  }
}

export const attribute = (StringValue: string, DataType: string = 'String') => ({ DataType, StringValue });
