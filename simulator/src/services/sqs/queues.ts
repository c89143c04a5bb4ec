import { missingParameter, sqsError } from './errors';
import type { Message } from './message';
import { publishFairness } from './metrics';
import { Queue } from './queue';
import type { QueueSettings } from './settings';
import type { World } from '../../service';
import { type MetricRecord, type MetricRecorder, metricRecorder } from '../cloudwatch';

/** All queues of the account, and the ways between them. */
export class QueueDirectory {
  private readonly arns = new Map<string, Queue>();
  private readonly urls = new Map<string, Queue>();
  private readonly record: MetricRecorder;
  private copies = 0;

  constructor(private readonly world: World) {
    this.record = metricRecorder(world);
  }

  create(settings: QueueSettings): Queue {
    if (this.arns.has(settings.arn)) throw new Error(`queue ${settings.name} exists already: two queues of the templates have this name`);
    this.checkRedrive(settings);
    const counters = new Map<string, MetricRecord>();
    const queue = new Queue(settings, {
      world: this.world,
      nextCopy: () => this.nextCopy(),
      count: (name, QueueName) => {
        let counter = counters.get(name);
        if (!counter) counters.set(name, counter = { namespace: 'AWS/SQS', name, dimensions: { QueueName }, value: 1, unit: 'Count' });
        this.record(counter);
      },
      deadLetter: (message, from) => this.deadLetter(message, from),
      fair: (of, shelf) => publishFairness(this.world, of, shelf),
    });
    this.arns.set(settings.arn, queue);
    this.urls.set(settings.url, queue);
    return queue;
  }

  nextCopy(): number {
    return ++this.copies;
  }

  all(): Queue[] {
    return [...this.arns.values()];
  }

  byArn(arn: string): Queue {
    const queue = this.arns.get(arn);
    if (!queue) throw sqsError('QueueDoesNotExist', `The specified queue does not exist: ${arn}.`);
    return queue;
  }

  byUrl(url: unknown): Queue {
    if (url === undefined || url === null) throw missingParameter('QueueUrl');
    const queue = this.urls.get(String(url));
    if (!queue) throw sqsError('QueueDoesNotExist', `The specified queue does not exist: ${String(url)}.`);
    return queue;
  }

  byName(name: string): Queue {
    const queue = this.all().find(({ settings }) => settings.name === name);
    if (!queue) throw sqsError('QueueDoesNotExist', `The specified queue does not exist: ${name}.`);
    return queue;
  }

  sourcesOf(deadLetterArn: string): Queue[] {
    return this.all().filter(({ settings }) => settings.redrive?.deadLetterTargetArn === deadLetterArn);
  }

  isDeadLetterQueue(arn: string): boolean {
    return this.sourcesOf(arn).length > 0;
  }

  /** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html */
  checkRedrive(settings: QueueSettings) {
    if (!settings.redrive) return;
    const target = this.arns.get(settings.redrive.deadLetterTargetArn)?.settings;
    if (!target) throw new Error(`queue ${settings.name}: dead-letter target ${settings.redrive.deadLetterTargetArn} does not exist`);
    if (target.fifo !== settings.fifo) {
      const kind = (fifo: boolean) => (fifo ? 'FIFO' : 'standard');
      throw new Error(`queue ${settings.name}: the dead-letter queue of a ${kind(settings.fifo)} queue must be ${kind(settings.fifo)}, but ${target.name} is ${kind(target.fifo)}`);
    }
    const allow = target.redriveAllow;
    if (allow?.redrivePermission === 'denyAll' || (allow?.redrivePermission === 'byQueue' && !allow.sourceQueueArns.includes(settings.arn))) {
      throw new Error(`queue ${settings.name}: queue ${target.name} does not allow it as a source (redrive permission ${allow.redrivePermission})`);
    }
  }

  /**
   * The message keeps its id. In a standard queue it also keeps the time at which it was first sent, so its retention runs on;
   * in a FIFO queue that time starts anew.
   * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html#how-do-dead-letter-queues-work
   */
  private deadLetter(message: Message, from: Queue) {
    const target = this.byArn(from.settings.redrive!.deadLetterTargetArn);
    target.accept({
      ...message,
      copy: this.nextCopy(),
      deadLetterSource: from.settings.arn,
      sentAt: target.settings.fifo ? this.world.kernel.now : message.sentAt,
      timer: undefined,
    }, 0);
  }
}
