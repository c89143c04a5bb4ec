import type { Iam } from '../../src/iam/iam';
import type { FaultPlan } from '../../src/kernel/faults';
import type { ServiceFactory } from '../../src/service';
import { type SqsService, sqsService } from '../../src/services/sqs';
import { SimulatedWorld } from '../../src/world';

const allowAll = {
  authorize: () => {},
  isAllowed: () => true,
  addRolePolicy: () => {},
  addResourcePolicy: () => {},
} as unknown as Iam;

export interface BenchOptions {
  readonly faults?: FaultPlan;
  readonly iam?: Iam;
  readonly services?: readonly ServiceFactory[];
  readonly latency?: Record<string, { median: number; p99: number }>;
}

/** A world with queues and without latency, called by an operator. */
export class Bench {
  readonly world: SimulatedWorld;

  constructor(options: BenchOptions = {}) {
    this.world = new SimulatedWorld(options.iam ?? allowAll, [sqsService, ...(options.services ?? [])], {
      faults: options.faults,
      latency: { 'sqs.call': { median: 0, p99: 0 }, 'sqs.delivery': { median: 0, p99: 0 }, ...options.latency },
    });
  }

  get sqs(): SqsService {
    return this.world.service<SqsService>('sqs');
  }

  /** Creates a queue as CloudFormation would; the result is its URL. */
  queue(name: string, properties: Record<string, unknown> = {}): string {
    const provider = this.sqs.resources.find(({ type }) => type === 'AWS::SQS::Queue')!;
    return provider.create({
      logicalId: name,
      type: 'AWS::SQS::Queue',
      properties: { QueueName: name, ...properties },
      stackName: 'Test',
      path: `Test/${name}/Resource`,
      generatedName: () => name,
      assetPath: () => '',
    }).ref;
  }

  fifo(name: string, properties: Record<string, unknown> = {}): string {
    return this.queue(`${name}.fifo`, { FifoQueue: true, ...properties });
  }

  arn(name: string): string {
    return `arn:aws:sqs:us-east-1:123456789012:${name}`;
  }

  /** Starts a call and runs the world until it has answered; virtual time then stands where it was answered. */
  async call(operation: string, input: any, principal: any = { kind: 'operator' }): Promise<any> {
    let outcome: { value?: any; error?: any } | undefined;
    void this.world.call({ service: 'sqs', operation, input, caller: { principal, name: 'test' } })
      .then((value) => { outcome = { value }; }, (error) => { outcome = { error }; });
    await this.world.kernel.run({ until: () => outcome !== undefined });
    if (!outcome) throw new Error(`${operation} was never answered`);
    if (outcome.error) throw outcome.error;
    return outcome.value;
  }

  async send(QueueUrl: string, MessageBody: string, more: object = {}) {
    return this.call('SendMessage', { QueueUrl, MessageBody, ...more });
  }

  /** What one receive returns, after everything that is due now has happened. */
  async receive(QueueUrl: string, more: object = {}): Promise<any[]> {
    await this.pass(0);
    const { Messages } = await this.call('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10, AttributeNames: ['All'], MessageAttributeNames: ['All'], ...more });
    return Messages ?? [];
  }

  async bodies(url: string, more: object = {}): Promise<string[]> {
    return (await this.receive(url, more)).map(({ Body }) => Body);
  }

  /** Lets this many seconds of virtual time pass. */
  async pass(seconds: number) {
    await this.world.kernel.run({ deadline: this.world.kernel.now + seconds * 1000 });
  }
}
