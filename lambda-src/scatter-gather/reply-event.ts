import type { SQSRecord } from 'aws-lambda';
import type { Answer } from './gathering-store';
import { DETAIL_TYPE, LAMBDA_DESTINATION, REPLY_LIMIT_BYTES, type ReplyDetail } from '../../src/scatter-gather/contract';

/** A reply event out of the queue: whose answer it is, and to which gathering. */
export interface ReceivedAnswer extends Answer {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly correlationId: string;
}

/** Of an error's name and of its cause: whatever a responder sends must fit the table and a workflow's output. */
const MAXIMUM_TEXT_LENGTH = 500;

/**
 * Reads a reply event, from a responder itself or from a Lambda destination.
 * @throws a sentence that says what is wrong, without the payload
 */
export function parseReplyEvent(record: SQSRecord, gatheringName: string): ReceivedAnswer {
  const event = parseJson(record.body);
  const detail = isObject(event) && isObject(event.detail) ? event.detail : undefined;
  if (!isObject(event) || !detail) throw new Error('the message is not an EventBridge event with a detail object');
  const reply = replyOf(event, detail);
  if (reply.gathering !== gatheringName) throw new Error(`the reply is for gathering '${String(reply.gathering)}', not for '${gatheringName}'`);
  for (const field of ['correlationId', 'responder'] as const) {
    if (typeof reply[field] !== 'string' || reply[field] === '') throw new Error(`the reply has no ${field}`);
  }
  if (reply.payload === undefined && reply.error === undefined) throw new Error('the reply has neither a payload nor an error');
  return {
    messageId: record.messageId,
    receiptHandle: record.receiptHandle,
    correlationId: reply.correlationId,
    responder: reply.responder,
    eventId: typeof event.id === 'string' ? event.id : record.messageId,
    receivedAt: Number(record.attributes.SentTimestamp),
    ...content(reply),
  };
}

function replyOf(event: Record<string, any>, detail: Record<string, any>): ReplyDetail {
  switch (event['detail-type']) {
    case DETAIL_TYPE.REPLY:
      return detail as ReplyDetail;
    case LAMBDA_DESTINATION.SUCCESS:
      return { ...addressOf(detail), payload: detail.responsePayload ?? null };
    case LAMBDA_DESTINATION.FAILURE:
      return {
        ...addressOf(detail),
        error: detail.responsePayload?.errorType ?? detail.requestContext?.condition ?? 'Unknown',
        cause: detail.responsePayload?.errorMessage ?? `the function could not be invoked: ${detail.requestContext?.condition ?? 'unknown'}`,
      };
    default:
      throw new Error(`the event's detail-type is '${String(event['detail-type'])}', which is no reply`);
  }
}

/** A destination's record repeats the request, and with it whose answer this is. */
function addressOf(detail: Record<string, any>): ReplyDetail {
  const { gathering, correlationId, responder } = isObject(detail.requestPayload) ? detail.requestPayload : {} as Record<string, any>;
  return { gathering, correlationId, responder };
}

function content(reply: ReplyDetail): Pick<Answer, 'payload' | 'error' | 'cause'> {
  if (reply.error !== undefined) {
    return { error: cut(String(reply.error)), cause: cut(String(reply.cause ?? '')) };
  }
  const payload = JSON.stringify(reply.payload);
  const bytes = Buffer.byteLength(payload);
  if (bytes > REPLY_LIMIT_BYTES) {
    return { error: 'ReplyTooLarge', cause: `the reply has ${bytes} bytes, at most ${REPLY_LIMIT_BYTES} can be stored: send a reference instead` };
  }
  return { payload };
}

function cut(text: string): string {
  return text.slice(0, MAXIMUM_TEXT_LENGTH);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('the message is not JSON');
  }
}

function isObject(value: unknown): value is Record<string, any> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
