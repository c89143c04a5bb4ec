import { billRequest } from './billing';
import { integerIn, sqsError } from './errors';
import { digestsOf, md5OfAttributes, type Message, type MessageAttribute } from './message';
import type { Queue, Received } from './queue';
import { MAX_VISIBILITY_SECONDS } from './settings';
import type { World } from '../../service';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-receiverequestattemptid-request-parameter.html */
const ATTEMPT_INTERVAL_MS = 5 * 60 * 1000;

interface Attempt {
  readonly at: number;
  readonly handles: readonly string[];
}

/** ReceiveMessage with short and long polling. */
export class Receiver {
  private readonly attempts = new Map<string, Attempt>();

  constructor(private readonly world: World) {}

  receive(queue: Queue, input: any): unknown {
    const max = integerIn('MaxNumberOfMessages', input.MaxNumberOfMessages, 1, 10) ?? 1;
    const waitSeconds = integerIn('WaitTimeSeconds', input.WaitTimeSeconds, 0, 20);
    const visibilitySeconds = integerIn('VisibilityTimeout', input.VisibilityTimeout, 0, MAX_VISIBILITY_SECONDS);
    const visibilityMs = visibilitySeconds === undefined ? queue.settings.visibilityTimeoutMs : visibilitySeconds * 1000;
    const waitMs = waitSeconds === undefined ? queue.settings.receiveWaitMs : waitSeconds * 1000;
    const attemptId = attemptOf(queue, input);

    const repeated = attemptId === undefined ? undefined : this.repeat(queue, attemptId, visibilityMs);
    if (repeated) return this.answer(queue, repeated, input);

    const take = () => {
      const received = queue.receive(max, visibilityMs);
      if (attemptId !== undefined && received.length > 0) {
        this.attempts.set(`${queue.settings.arn}|${attemptId}`, {
          at: this.world.kernel.now,
          handles: received.map(({ receiptHandle }) => receiptHandle),
        });
      }
      return received;
    };
    const received = take();
    if (received.length > 0 || waitMs === 0) return this.answer(queue, received, input);
    return new Promise((resolve) => {
      const timer = this.world.kernel.schedule(waitMs, () => {
        waiting.cancel();
        resolve(this.answer(queue, [], input));
      });
      const waiting = queue.wait(() => {
        const late = take();
        if (late.length === 0) return false;
        timer.cancel();
        resolve(this.answer(queue, late, input));
        return true;
      });
    });
  }

  /** The same attempt again, within five minutes, gets the same messages and handles, with a fresh visibility timeout. */
  private repeat(queue: Queue, attemptId: string, visibilityMs: number): Received[] | undefined {
    const attempt = this.attempts.get(`${queue.settings.arn}|${attemptId}`);
    if (!attempt || attempt.at + ATTEMPT_INTERVAL_MS <= this.world.kernel.now) return undefined;
    const received: Received[] = [];
    for (const receiptHandle of attempt.handles) {
      const message = queue.extendIfUntouched(receiptHandle, visibilityMs);
      if (message) received.push({ message, receiptHandle });
    }
    return received.length > 0 ? received : undefined;
  }

  private answer(queue: Queue, received: readonly Received[], input: any) {
    billRequest(this.world, queue, received.reduce((bytes, { message }) => bytes + message.content.size, 0));
    // Like the SDK: no list at all when nothing was received.
    if (received.length === 0) return {};
    const system = new Set<string>([...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])]);
    const wanted: string[] = [...(input.MessageAttributeNames ?? [])];
    return { Messages: received.map(({ message, receiptHandle }) => describe(message, receiptHandle, system, wanted)) };
  }
}

function attemptOf(queue: Queue, input: any): string | undefined {
  const id = input.ReceiveRequestAttemptId;
  if (id === undefined || id === null) return undefined;
  if (!queue.settings.fifo) {
    throw sqsError('InvalidParameterValue', `The request includes the parameter ReceiveRequestAttemptId, which is not valid for a standard queue: ${queue.settings.name}.`);
  }
  return String(id);
}

function describe(message: Message, receiptHandle: string, system: ReadonlySet<string>, wanted: readonly string[]) {
  const { content } = message;
  const attributes = selectAttributes(content.attributes, wanted);
  const allSystemAttributes = systemAttributesOf(message);
  const systemAttributes = system.has('All')
    ? allSystemAttributes
    : Object.fromEntries(Object.entries(allSystemAttributes).filter(([name]) => system.has(name)));
  const md5 = () => attributes === content.attributes ? digestsOf(content).attributes : md5OfAttributes(attributes);
  return {
    MessageId: message.id,
    ReceiptHandle: receiptHandle,
    MD5OfBody: digestsOf(content).body,
    Body: content.body,
    ...(Object.keys(systemAttributes).length > 0 ? { Attributes: systemAttributes } : {}),
    ...(Object.keys(attributes).length > 0 ? { MessageAttributes: attributes, MD5OfMessageAttributes: md5() } : {}),
  };
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html */
function systemAttributesOf(message: Message): Record<string, string> {
  const { content } = message;
  return {
    ApproximateFirstReceiveTimestamp: String(Math.floor(message.firstReceivedAt!)),
    ApproximateReceiveCount: String(message.receiveCount),
    SenderId: message.senderId,
    SentTimestamp: String(Math.floor(message.sentAt)),
    ...(content.traceHeader !== undefined ? { AWSTraceHeader: content.traceHeader } : {}),
    ...(content.groupId !== undefined ? { MessageGroupId: content.groupId } : {}),
    ...(content.deduplicationId !== undefined ? { MessageDeduplicationId: content.deduplicationId } : {}),
    ...(message.sequenceNumber !== undefined ? { SequenceNumber: message.sequenceNumber } : {}),
    ...(message.deadLetterSource !== undefined ? { DeadLetterQueueSourceArn: message.deadLetterSource } : {}),
  };
}

/** Names, `All` or `.*`, or a prefix such as `order.*`. */
function selectAttributes(attributes: Readonly<Record<string, MessageAttribute>>, wanted: readonly string[]) {
  if (wanted.includes('All') || wanted.includes('.*')) return attributes;
  const selects = (name: string) => wanted.some((want) => want === name || (want.endsWith('.*') && name.startsWith(want.slice(0, -1))));
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => selects(name)));
}
