import { sqsOperations } from './operations';
import { QueueDirectory } from './queues';
import { queuePolicyProvider, queueProvider } from './resources';
import type { Chain, Service, World } from '../../service';

export interface QueueReport {
  readonly name: string;
  readonly arn: string;
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
  /** Whether another queue's redrive policy sends messages here that could not be processed. */
  readonly deadLetterQueue: boolean;
  readonly expired: number;
}

export interface SqsService extends Service {
  /** Calls back whenever a message becomes receivable: for event source mappings, which poll only when it is worth it. */
  onMessageVisible(queueArn: string, callback: () => void): void;
  /** Whether a message is receivable now. */
  hasVisible(queueArn: string): boolean;
  /** The chain of requests in which the message of a receipt handle was sent, for event source mappings. */
  chainOf(queueArn: string, receiptHandle: string): Chain | undefined;
  /** The queue's URL, for callers that know the ARN. */
  urlOf(queueArn: string): string;
  /** What is in each queue now. */
  queues(): QueueReport[];
}

/** Amazon SQS: standard and FIFO queues. */
export function sqsService(world: World): SqsService {
  const directory = new QueueDirectory(world);
  return {
    name: 'sqs',
    operations: sqsOperations(world, directory),
    resources: [queueProvider(world, directory), queuePolicyProvider(world, directory)],
    onMessageVisible: (queueArn, callback) => directory.byArn(queueArn).onVisible(callback),
    hasVisible: (queueArn) => directory.byArn(queueArn).hasVisible(),
    chainOf: (queueArn, receiptHandle) => directory.byArn(queueArn).find(receiptHandle).message?.content.chain,
    urlOf: (queueArn) => directory.byArn(queueArn).settings.url,
    queues: () => directory.all().map((queue) => ({
      name: queue.settings.label,
      arn: queue.settings.arn,
      ...queue.counts(),
      deadLetterQueue: directory.isDeadLetterQueue(queue.settings.arn),
      expired: queue.expired,
    })),
  };
}
