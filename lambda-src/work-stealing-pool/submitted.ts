import type { SQSRecord } from 'aws-lambda';
import type { QueuedTask, Task } from '../../src/work-stealing-pool/contract';
import { MOST_BYTES } from '../shared/sqs-batches';

const LONGEST_ID = 128;
/** No message is hidden for longer. @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html */
const LONGEST_SECONDS = 43_200;
/** For the name of the group that it gets, and the member's own text. */
const HOME_BYTES = 300;

/** A task that came in, before it has a group. */
export interface Submitted {
  readonly record: SQSRecord;
  readonly task: Omit<QueuedTask, 'home'>;
}

export interface Refused {
  readonly record: SQSRecord;
  /** Quotes nothing of the message. */
  readonly reason: string;
}

/** Tells tasks from messages that are none. */
export function submitted(
  records: readonly SQSRecord[],
  groups: readonly string[],
): { readonly tasks: readonly Submitted[]; readonly refused: readonly Refused[] } {
  const tasks: Submitted[] = [];
  const refused: Refused[] = [];
  for (const record of records) {
    const task = taskOf(record, groups);
    if (typeof task === 'string') refused.push({ record, reason: task });
    else tasks.push({ record, task });
  }
  return { tasks, refused };
}

function taskOf({ body, attributes }: SQSRecord, groups: readonly string[]): Omit<QueuedTask, 'home'> | string {
  const json = parsed(body);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return 'the body is no JSON object';
  const wrong = wrongIn(json, groups);
  if (wrong !== undefined) return wrong;
  const sentAt = Number(attributes.SentTimestamp);
  if (!Number.isFinite(sentAt)) return "attribute 'SentTimestamp' is no time";
  const task = { ...json as Task, submittedAt: new Date(sentAt).toISOString() };
  const bytes = Buffer.byteLength(JSON.stringify(task)) + HOME_BYTES;
  if (bytes > MOST_BYTES) return `with what the pool adds it has ${bytes} bytes; SQS takes ${MOST_BYTES}: put large payloads elsewhere and submit where they are`;
  return task;
}

type Json = Partial<Record<keyof Task, unknown>>;

function wrongIn({ id, payload, estimatedSeconds, groups: wanted }: Json, known: readonly string[]): string | undefined {
  if (typeof id !== 'string' || id.length < 1 || id.length > LONGEST_ID) return `'id' must be a text of 1 to ${LONGEST_ID} characters`;
  if (payload === undefined) return "'payload' is missing; it may be null";
  if (estimatedSeconds !== undefined && !isDuration(estimatedSeconds)) return `'estimatedSeconds' must be a number above 0, at most ${LONGEST_SECONDS}`;
  if (wanted !== undefined && !isSome(wanted, known)) return `'groups' must be a list of one or more of ${known.join(', ')}`;
  return undefined;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}

function isDuration(value: unknown): boolean {
  return typeof value === 'number' && value > 0 && value <= LONGEST_SECONDS;
}

function isSome(value: unknown, known: readonly unknown[]): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((name) => known.includes(name));
}
