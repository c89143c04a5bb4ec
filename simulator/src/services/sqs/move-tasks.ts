import { billRequest } from './billing';
import { integerIn, missingParameter, sqsError } from './errors';
import type { Queue } from './queue';
import type { QueueDirectory } from './queues';
import type { AccessRequest } from '../../iam/principal';
import { type Caller, type Operation, ServiceError, type World } from '../../service';

interface MoveTask {
  readonly handle: string;
  readonly source: Queue;
  readonly destination?: Queue;
  readonly perSecond: number;
  readonly startedAt: number;
  readonly toMove: number;
  moved: number;
  status: 'RUNNING' | 'COMPLETED' | 'FAILED';
  failure?: string;
}

/** At most this many messages a second: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html */
const MAX_PER_SECOND = 500;

/** Dead-letter queue redrive: messages go back as new messages, with a new id and a new sending time. */
export class MoveTasks {
  private readonly tasks: MoveTask[] = [];
  private readonly random;

  constructor(private readonly world: World, private readonly directory: QueueDirectory) {
    this.random = world.kernel.random.fork('sqs.move');
  }

  start(): Operation {
    return {
      access: (input) => this.access(input),
      handle: (input, { caller }) => {
        const source = this.source(input);
        billRequest(this.world, source);
        const perSecond = integerIn('MaxNumberOfMessagesPerSecond', input.MaxNumberOfMessagesPerSecond, 1, MAX_PER_SECOND) ?? MAX_PER_SECOND;
        if (this.tasks.some((task) => task.source === source && task.status === 'RUNNING')) {
          throw sqsError('UnsupportedOperation', `There is already a task running for queue ${source.settings.name}. Only one active task is allowed for a source queue.`);
        }
        const task: MoveTask = {
          handle: this.random.uuid(),
          source,
          destination: input.DestinationArn ? this.directory.byArn(String(input.DestinationArn)) : undefined,
          perSecond,
          startedAt: this.world.kernel.now,
          toMove: source.counts().visible,
          moved: 0,
          status: 'RUNNING',
        };
        this.tasks.push(task);
        this.step(task, caller);
        return { TaskHandle: task.handle };
      },
    };
  }

  list(): Operation {
    return {
      access: (input) => [{ action: 'sqs:ListMessageMoveTasks', resource: this.source(input).settings.arn }],
      readOnly: true,
      handle: (input) => {
        const source = this.source(input);
        billRequest(this.world, source);
        const max = integerIn('MaxResults', input.MaxResults, 1, 10) ?? 1;
        const tasks = this.tasks.filter((task) => task.source === source).reverse().slice(0, max);
        return {
          Results: tasks.map((task) => ({
            ...(task.status === 'RUNNING' ? { TaskHandle: task.handle } : {}),
            Status: task.status,
            SourceArn: source.settings.arn,
            DestinationArn: task.destination?.settings.arn,
            MaxNumberOfMessagesPerSecond: task.perSecond,
            ApproximateNumberOfMessagesMoved: task.moved,
            ApproximateNumberOfMessagesToMove: task.toMove,
            FailureReason: task.failure,
            StartedTimestamp: Math.floor(task.startedAt),
          })),
        };
      },
    };
  }

  private access(input: any): AccessRequest[] {
    const { arn } = this.source(input).settings;
    const destinations = input.DestinationArn ? [this.directory.byArn(String(input.DestinationArn))] : this.directory.sourcesOf(arn);
    return [
      ...['StartMessageMoveTask', 'ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].map((action) => ({ action: `sqs:${action}`, resource: arn })),
      ...destinations.map(({ settings }) => ({ action: 'sqs:SendMessage', resource: settings.arn })),
    ];
  }

  private source(input: any): Queue {
    if (!input?.SourceArn) throw missingParameter('SourceArn');
    let queue: Queue;
    try {
      queue = this.directory.byArn(String(input.SourceArn));
    } catch {
      throw new ServiceError('ResourceNotFoundException', `The resource that you specified for the SourceArn parameter doesn't exist: ${String(input.SourceArn)}.`);
    }
    if (!this.directory.isDeadLetterQueue(queue.settings.arn)) {
      throw sqsError('InvalidParameterValue', `Source queue must be configured as a Dead Letter Queue: ${queue.settings.name} is not.`);
    }
    return queue;
  }

  private step(task: MoveTask, caller: Caller) {
    const [message] = task.source.takeVisible(1);
    if (!message || task.moved >= task.toMove) {
      task.status = 'COMPLETED';
      return;
    }
    const destination = task.destination ?? (message.deadLetterSource ? this.directory.byArn(message.deadLetterSource) : undefined);
    if (!destination) {
      // It was sent to the dead-letter queue directly, so it has nowhere to go back to.
      task.source.accept(message, 0);
      task.status = 'FAILED';
      task.failure = 'CouldNotDetermineMessageSource';
      return;
    }
    task.moved++;
    this.world.trace.record({
      at: this.world.kernel.now,
      subject: task.source.settings.label,
      event: 'sqs.redrive',
      detail: { message: message.id, to: destination.settings.label },
    });
    destination.send(this.random.uuid(), message.content, message.senderId, 0, message.sequenceNumber);
    this.world.kernel.schedule(1000 / task.perSecond, () => this.step(task, caller));
  }
}
