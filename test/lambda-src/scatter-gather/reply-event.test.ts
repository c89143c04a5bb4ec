import type { SQSRecord } from 'aws-lambda';
import { parseReplyEvent } from '../../../lambda-src/scatter-gather/reply-event';

const address = { gathering: 'quotes', correlationId: 'c-1', responder: 'BigBank' };

describe('a reply event', () => {
  it('is read from a function\'s success destination', () => {
    const record = message('Lambda Function Invocation Result - Success', { requestPayload: address, responsePayload: { rate: 4.5 } });
    expect(parseReplyEvent(record, 'quotes')).toMatchObject({ correlationId: 'c-1', responder: 'BigBank', eventId: 'event-1', receivedAt: 1000, payload: '{"rate":4.5}' });
  });

  it('is null when a function returned nothing', () => {
    expect(parseReplyEvent(message('Lambda Function Invocation Result - Success', { requestPayload: address }), 'quotes').payload).toBe('null');
  });

  it('is a failure when it comes from a function\'s failure destination', () => {
    const record = message('Lambda Function Invocation Result - Failure', {
      requestPayload: address, responsePayload: { errorType: 'NoSuchCustomer', errorMessage: 'who?' }, requestContext: { condition: 'RetriesExhausted' },
    });
    expect(parseReplyEvent(record, 'quotes')).toMatchObject({ error: 'NoSuchCustomer', cause: 'who?' });
  });

  it('is a failure with the condition when the function was never run', () => {
    const record = message('Lambda Function Invocation Result - Failure', {
      requestPayload: address, responsePayload: null, requestContext: { condition: 'EventAgeExceeded' },
    });
    expect(parseReplyEvent(record, 'quotes')).toMatchObject({ error: 'EventAgeExceeded', cause: 'the function could not be invoked: EventAgeExceeded' });
  });

  it('keeps numbers, nesting and unicode exactly as they came', () => {
    const payload = { amount: 0.1, large: 9007199254740991, name: 'Łódź 🏦', list: [[1], []], none: null };
    expect(JSON.parse(parseReplyEvent(message('ScatterGather Reply', { ...address, payload }), 'quotes').payload!)).toEqual(payload);
  });

  it('that is too large for the table becomes a failure that says so, and is not lost', () => {
    const record = message('ScatterGather Reply', { ...address, payload: 'x'.repeat(400_000) });
    expect(parseReplyEvent(record, 'quotes')).toMatchObject({ error: 'ReplyTooLarge', cause: 'the reply has 400002 bytes, at most 390000 can be stored: send a reference instead' });
  });

  it('has an error and a cause of bounded length: they must fit the table and the result', () => {
    const { error, cause } = parseReplyEvent(message('ScatterGather Reply', { ...address, error: 'E'.repeat(500_000), cause: 'x'.repeat(10_000) }), 'quotes');
    expect([error, cause]).toEqual(['E'.repeat(500), 'x'.repeat(500)]);
  });

  it('is measured in bytes and not in characters', () => {
    expect(parseReplyEvent(message('ScatterGather Reply', { ...address, payload: '長'.repeat(131_000) }), 'quotes').error).toBe('ReplyTooLarge');
  });

  it('may be null', () => {
    expect(parseReplyEvent(message('ScatterGather Reply', { ...address, payload: null }), 'quotes').payload).toBe('null');
  });

  it('is known by the event\'s id, so that a second delivery of one event is not taken for a second answer', () => {
    const { eventId } = parseReplyEvent({ ...message('ScatterGather Reply', { ...address, payload: 1 }), messageId: 'm-2' }, 'quotes');
    expect(eventId).toBe('event-1');
  });
});

describe('a malformed reply is refused with a sentence that does not show its payload', () => {
  it.each([
    ['no JSON', 'secret', 'the message is not JSON'],
    ['no event', '[]', 'the message is not an EventBridge event with a detail object'],
    ['another detail type', body('Order Placed', address), "the event's detail-type is 'Order Placed', which is no reply"],
    ['another gathering', body('ScatterGather Reply', { ...address, gathering: 'other', payload: 1 }), "the reply is for gathering 'other', not for 'quotes'"],
    ['no correlation id', body('ScatterGather Reply', { ...address, correlationId: undefined, payload: 1 }), 'the reply has no correlationId'],
    ['a responder that is no text', body('ScatterGather Reply', { ...address, responder: 7, payload: 1 }), 'the reply has no responder'],
    ['nothing in it', body('ScatterGather Reply', address), 'the reply has neither a payload nor an error'],
    ['no request in a destination\'s record', body('Lambda Function Invocation Result - Success', { responsePayload: 1 }), "the reply is for gathering 'undefined', not for 'quotes'"],
  ])('%s', (_, text, sentence) => {
    expect(() => parseReplyEvent({ ...message('', {}), body: text }, 'quotes')).toThrow(sentence);
  });
});

function body(detailType: string, detail: unknown): string {
  return JSON.stringify({ 'id': 'event-1', 'source': 'test', 'detail-type': detailType, detail });
}

function message(detailType: string, detail: unknown): SQSRecord {
  return { messageId: 'm-1', receiptHandle: 'r-1', body: body(detailType, detail), attributes: { SentTimestamp: '1000' } } as SQSRecord;
}
