import { type ServiceFactory, ServiceError } from '../../src/service';
import { type CloudWatchService, cloudWatchService, logsService } from '../../src/services/cloudwatch';
import { dynamodbService } from '../../src/services/dynamodb';
import { eventsService } from '../../src/services/events';
import { kmsService } from '../../src/services/kms';
import { pipesService } from '../../src/services/pipes';
import { sqsService } from '../../src/services/sqs';
import { type FakeCall, fakeService, LambdaWorld, type LambdaWorldOptions } from '../lambda/lambda-world';
import { item, STREAM_ARN, TABLE } from '../streams/stream-world';

export const ROLE = 'arn:aws:iam::123456789012:role/PipeRole';
export const arnOf = (service: string, resource: string) => `arn:aws:${service}:us-east-1:123456789012:${resource}`;
export const BUS = arnOf('events', 'event-bus/orders');
export const DLQ = arnOf('sqs', 'dlq');
export const QUEUE = arnOf('sqs', 'target');
export const FIFO = arnOf('sqs', 'target.fifo');
export const SOURCE_QUEUE = arnOf('sqs', 'source');
export const FUNCTION = arnOf('lambda', 'function:fn');
export const HOUR = 3600_000;

/** Everything written at the same moment is readable at the same moment. */
export const AT_ONCE = { latency: { 'dynamodb.call': { median: 5, p99: 5 }, 'dynamodb.stream': { median: 200, p99: 200 } } };

export interface PipeWorldOptions extends LambdaWorldOptions {
  /** Answers each PutEvents in place of EventBridge. */
  readonly putEvents?: (input: any, earlier: number) => any;
}

/** A table with a stream, queues, and what pipes connect. */
export class PipeWorld extends LambdaWorld {
  /** What EventBridge was called with, when it is replaced. */
  readonly puts: FakeCall[];

  constructor(options: PipeWorldOptions = {}) {
    const puts: FakeCall[] = [];
    const { putEvents } = options;
    const fake = fakeService('events', { PutEvents: (input) => putEvents!(input, puts.length - 1) }, puts);
    // Alarms tell the default bus of their changes.
    const events: ServiceFactory = putEvents ? (world) => Object.assign(fake(world), { publishServiceEvent: () => {} }) : eventsService;
    const services = [dynamodbService, kmsService, sqsService, cloudWatchService, logsService, events, pipesService, ...options.services ?? []];
    super({ ...AT_ONCE, ...options, services });
    this.puts = puts;
    this.create('AWS::DynamoDB::Table', TABLE, 'Stack/Items');
    this.create('AWS::SQS::Queue', { QueueName: 'dlq' }, 'Stack/Dlq');
    this.create('AWS::SQS::Queue', { QueueName: 'target' }, 'Stack/Target');
    this.create('AWS::SQS::Queue', { QueueName: 'source', VisibilityTimeout: 30 }, 'Stack/Source');
    this.create('AWS::SQS::Queue', { QueueName: 'target.fifo', FifoQueue: true }, 'Stack/Fifo');
  }

  pipe(properties: any = {}, stream: any = {}) {
    return this.create('AWS::Pipes::Pipe', {
      Name: 'relay',
      RoleArn: ROLE,
      Source: STREAM_ARN,
      SourceParameters: {
        DynamoDBStreamParameters: { StartingPosition: 'TRIM_HORIZON', ...stream }, ...properties.FilterCriteria && { FilterCriteria: properties.FilterCriteria },
      },
      Target: QUEUE,
      ...Object.fromEntries(Object.entries(properties).filter(([name]) => name !== 'FilterCriteria')),
    }, 'Stack/Relay');
  }

  queuePipe(properties: any = {}, sqs: any = {}, FilterCriteria?: any) {
    return this.pipe({ Source: SOURCE_QUEUE, SourceParameters: { SqsQueueParameters: sqs, ...FilterCriteria && { FilterCriteria } }, ...properties });
  }

  write(...items: any[]) {
    for (const Item of items) void this.call('dynamodb', 'PutItem', { TableName: 'Items', Item });
  }

  send(...bodies: unknown[]) {
    const QueueUrl = urlOf(SOURCE_QUEUE);
    for (const body of bodies) void this.call('sqs', 'SendMessage', { QueueUrl, MessageBody: typeof body === 'string' ? body : JSON.stringify(body) });
  }

  run(ms?: number) {
    return this.world.kernel.run(ms === undefined ? {} : { deadline: this.world.kernel.now + ms });
  }

  /** Makes a call and lets the world go on until it is answered. */
  async answer(service: string, operation: string, input: any): Promise<any> {
    let outcome: { value?: any; error?: any } | undefined;
    this.call(service, operation, input).then((value) => { outcome = { value }; }, (error) => { outcome = { error }; });
    await this.world.kernel.run({ until: () => outcome !== undefined });
    if (outcome!.error) throw outcome!.error;
    return outcome!.value;
  }

  /** Takes all messages out of a queue. */
  async messages(queueArn: string = QUEUE): Promise<any[]> {
    const all: any[] = [];
    for (;;) {
      const { Messages = [] } = await this.answer('sqs', 'ReceiveMessage', {
        QueueUrl: urlOf(queueArn), MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All'],
      });
      if (Messages.length === 0) return all;
      all.push(...Messages);
      for (const { ReceiptHandle } of Messages) await this.answer('sqs', 'DeleteMessage', { QueueUrl: urlOf(queueArn), ReceiptHandle });
    }
  }

  async bodies(queueArn: string = QUEUE): Promise<any[]> {
    return (await this.messages(queueArn)).map(({ Body }) => JSON.parse(Body));
  }

  events(event: string) {
    return this.world.trace.entries.filter((entry) => entry.event === event);
  }

  metric(name: string): number | undefined {
    const { metrics } = this.world.service<CloudWatchService>('cloudwatch');
    return metrics.total({ namespace: 'AWS/EventBridge/Pipes', name, dimensions: { PipeName: 'relay' } });
  }
}

export function urlOf(queueArn: string): string {
  return `https://sqs.us-east-1.amazonaws.com/123456789012/${queueArn.split(':')[5]}`;
}

export const a = (...numbers: number[]) => numbers.map((n) => item('a', n));
export const ACCEPT = (input: any) => ({ FailedEntryCount: 0, Entries: input.Entries.map(() => ({ EventId: 'x' })) });
export const refuse = (name: string, options: { retryable?: boolean; fault?: 'client' | 'server' } = {}) => {
  throw new ServiceError(name, 'refused', options);
};
