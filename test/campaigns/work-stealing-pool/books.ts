import { FLEET, type FunctionGroup, FUNCTION_GROUPS, type Group, GROUPS, type Note, noteIn, POOL } from './environment';
import { itemOf, observe } from './observe';
import { EFFECTS_TABLE, FLEET_LOG, functionOf } from './stack';
import type { SubmittedTask } from './workload';
import type { DynamoDbService, LogsService, Simulation, SqsService } from '../../../simulator/src';
import type { QueuedTask, TaskItem } from '../../../src/work-stealing-pool/contract';

/** A message of a group's queue. */
export interface QueuedMessage {
  readonly id: string;
  readonly task: string;
  readonly home: Group;
  readonly sentBy: string;
  readonly sentAt: number;
  /** How often it was handed out, all its copies together. */
  receives: number;
  /** Copies that were handed out and are not deleted: a standard queue may have several. */
  copies: number;
}

/** Whether nobody will get it any more, as far as that can be known. */
export function isGone({ receives, copies }: QueuedMessage): boolean {
  return receives > 0 && copies === 0;
}

export interface NoteAt extends Note {
  readonly at: number;
}

/** What became of tasks and messages, as users, queues and the table saw it. The pool's own numbers are not asked. */
export class Books {
  /** Tasks by id, and how often each was submitted. */
  readonly submitted = new Map<string, { readonly task: SubmittedTask; times: number }>();
  /** How often the messages with a task were handed to the router. */
  readonly routed = new Map<string, number>();
  readonly messages = new Map<string, QueuedMessage>();
  readonly notes: NoteAt[] = [];
  readonly items = new Map<string, TaskItem>();
  /** Committed effects, by task. */
  readonly effects = new Map<string, { readonly times: number; readonly fence: number }>();
  /** Sentences about what must not have happened at any time. */
  readonly outrages: string[] = [];
  /** When a task was begun anew while somebody had it under way, who then goes on in vain. */
  readonly takenAway: number[] = [];
  /** Conditional writes that were refused, by caller. */
  readonly refusals = new Map<string, number>();
  private readonly handles = new Map<string, string>();
  private readonly groups = new Map<string, Group>();

  constructor(private readonly simulation: Simulation) {
    for (const group of GROUPS) this.groups.set(simulation.find(`${POOL}/${group}/Queue`, ['AWS::SQS::Queue']).provisioned.ref, group);
    this.observeQueues();
    this.observeTables();
    this.readLogs();
  }

  /** The group of a queue, unless it is none's. */
  groupOf(queueUrl: string): Group | undefined {
    return this.groups.get(queueUrl);
  }

  messagesOf(task: string): QueuedMessage[] {
    return [...this.messages.values()].filter((message) => message.task === task);
  }

  notesOf(task: string, what: Note['what']): NoteAt[] {
    return this.notes.filter((note) => note.task === task && note.what === what);
  }

  private observeQueues() {
    const { simulation } = this;
    observe(simulation, 'sqs', 'SendMessage', { after: ({ input, answer, caller, at }) => this.sent(input.QueueUrl, input.MessageBody, answer.MessageId, caller, at) });
    observe(simulation, 'sqs', 'SendMessageBatch', {
      after: ({ input, answer, caller, at }) => {
        for (const { Id, MessageId } of answer.Successful) {
          this.sent(input.QueueUrl, input.Entries.find((entry: any) => entry.Id === Id).MessageBody, MessageId, caller, at);
        }
      },
    });
    observe(simulation, 'sqs', 'ReceiveMessage', {
      after: ({ input, answer }) => {
        for (const message of answer.Messages ?? []) this.received(input.QueueUrl, message);
      },
    });
    let before = 0;
    observe(simulation, 'sqs', 'DeleteMessage', {
      before: ({ QueueUrl }) => before = this.depthOf(QueueUrl),
      after: ({ input, caller, at }) => { if (this.depthOf(input.QueueUrl) < before) this.deleted(input.ReceiptHandle, caller, at); },
    });
  }

  private observeTables() {
    const { simulation } = this;
    for (const operation of ['PutItem', 'UpdateItem', 'TransactWriteItems']) {
      observe(simulation, 'dynamodb', operation, {
        after: () => undefined,
        refused: ({ name }, caller) => {
          if (name === 'ConditionalCheckFailedException' || name === 'TransactionCanceledException') this.refusals.set(caller, (this.refusals.get(caller) ?? 0) + 1);
        },
      });
    }
    const dynamodb = simulation.world.service<DynamoDbService>('dynamodb');
    const tableOf = (id: string) => simulation.find(id, ['AWS::DynamoDB::Table']).provisioned.ref;
    dynamodb.onChange(tableOf(`${POOL}/Table`), ({ newImage }) => {
      const item = newImage && itemOf<TaskItem & { id: string }>(newImage);
      if (item?.id.startsWith('task#')) this.claimed(item.id.slice('task#'.length), item);
    });
    dynamodb.onChange(tableOf(EFFECTS_TABLE), ({ newImage }) => {
      const { task, times, fence } = itemOf<{ task: string; times: number; fence: number }>(newImage!);
      this.effects.set(task, { times, fence });
      this.expect(times === 1, () => `the effect of ${task} has happened ${times} times`);
    });
  }

  private readLogs() {
    const logs = this.simulation.world.service<LogsService>('logs');
    const read = (line: { readonly at: number; readonly message: string }) => {
      const note = noteIn(line.message);
      if (note) this.notes.push({ ...note, at: line.at });
    };
    for (const group of FUNCTION_GROUPS) logs.listen(`/aws/lambda/${this.functionName(group)}`, read);
    logs.listen(this.simulation.find(FLEET_LOG, ['AWS::Logs::LogGroup']).provisioned.ref, read);
  }

  private functionName(group: FunctionGroup): string {
    return this.simulation.find(functionOf(group), ['AWS::Lambda::Function']).provisioned.ref;
  }

  private sent(queueUrl: string, body: string, id: string, sentBy: string, sentAt: number) {
    const home = this.groupOf(queueUrl);
    if (home === undefined) return;
    const task = JSON.parse(body) as QueuedTask;
    this.messages.set(id, { id, task: task.id, home, sentBy, sentAt, receives: 0, copies: 0 });
    this.expect(sentBy === `${POOL}/Route`, () => `${sentBy} sends ${task.id} to the queue of ${home}, which only the router may`);
    this.expect(task.home === home, () => `${task.id} is in the queue of ${home} and names ${task.home} as its home`);
  }

  private received(queueUrl: string, { MessageId, ReceiptHandle, Body, Attributes }: any) {
    const message = this.messages.get(MessageId);
    this.handles.set(ReceiptHandle, MessageId);
    if (message) {
      message.receives++;
      if (Attributes?.ApproximateReceiveCount === '1') message.copies++;
    }
    if (this.groupOf(queueUrl) !== undefined || !queueUrl.includes('Submit')) return;
    const task = taskOf(Body);
    if (task !== undefined) this.routed.set(task, (this.routed.get(task) ?? 0) + 1);
  }

  /** Whatever is taken out of a queue is done, or another message stands for it. */
  private deleted(handle: string, caller: string, at: number) {
    const message = this.messages.get(this.handles.get(handle) ?? '');
    if (!message) return;
    message.copies--;
    const item = this.items.get(message.task);
    const other = item && item.message !== message.id ? this.messages.get(item.message) : undefined;
    this.expect(item?.state === 'DONE' || (other !== undefined && !isGone(other)), () => (
      `${caller} deleted the message of ${message.task} ${Math.round(at - message.sentAt)} ms after it was sent, while the task was ${item?.state ?? 'not begun'}`));
  }

  private claimed(task: string, item: TaskItem) {
    const before = this.items.get(task);
    this.items.set(task, item);
    if (before?.state === 'RUNNING' && item.fence > before.fence) this.takenAway.push(this.simulation.world.kernel.now);
    this.expect(item.fence >= (before?.fence ?? 0), () => `${task} had fence ${before!.fence}, and has ${item.fence}`);
    this.expect(before?.state !== 'DONE' || item.state === 'DONE', () => `${task} was done, and is ${item.state} again`);
  }

  private depthOf(queueUrl: string): number {
    const sqs = this.simulation.world.service<SqsService>('sqs');
    const { visible, inFlight, delayed } = sqs.queues().find(({ arn }) => sqs.urlOf(arn) === queueUrl)!;
    return visible + inFlight + delayed;
  }

  private expect(holds: boolean, sentence: () => string) {
    if (!holds) this.outrages.push(sentence());
  }
}

/** Who makes a call: a group's runner, a worker of the fleet, or nobody who works. */
export function workerGroup(caller: string): Group | undefined {
  const runner = FUNCTION_GROUPS.find((group) => caller === `${POOL}/${group}/Run`);
  return runner ?? (caller.startsWith(`${FLEET}/`) ? FLEET : undefined);
}

function taskOf(body: string): string | undefined {
  try {
    return (JSON.parse(body) as { id?: string }).id;
  } catch {
    return undefined;
  }
}
