import fc from 'fast-check';
import { envelopeOf, MemoryS3 } from './envelope';
import { parseJson } from '../../../lambda-src/transactional-outbox/plain-json';
import { parseExactly } from '../../../runtime-src/transactional-outbox/exact-json';
import { openOutboxEvent, readOutboxEvent } from 'cdk-integration-patterns/runtime/transactional-outbox';

const ROW = {
  pk: 'Order#17', sk: '00000000000000000003', eventId: 'e-1', type: 'OrderPlaced', payload: '{"total": 5.0}', payloadRef: '',
  occurredAt: '2026-05-06T07:08:09.010Z', traceParent: '', expiresAt: 1,
};
const ENVELOPE = envelopeOf(ROW);
const TEXT = JSON.stringify(ENVELOPE);
const BUS_EVENT = { 'version': '0', 'id': 'other', 'detail-type': 'OrderPlaced', 'source': 'orders', 'detail': ENVELOPE };
const NOTIFICATION = { Type: 'Notification', MessageId: 'm-1', Message: TEXT };
const EVENT = {
  id: 'e-1', source: 'orders', type: 'OrderPlaced', subject: 'Order#17', time: '2026-05-06T07:08:09.010Z', sequence: '00000000000000000003',
  partitionkey: 'Order#17', traceparent: '', data: { total: 5 }, text: '{"total": 5.0}',
};

describe('reading an event', () => {
  it.each<[string, unknown]>([
    ['an EventBridge event', BUS_EVENT],
    ["an element of a function's array", ENVELOPE],
    ["a state machine's input", [ENVELOPE]],
    ['a record of SQS', { messageId: 'm-1', body: TEXT, eventSource: 'aws:sqs' }],
    ['a record of SQS with a notification in it', { body: JSON.stringify(NOTIFICATION) }],
    ["a record of SQS with a bus's event in it", { body: JSON.stringify(BUS_EVENT) }],
    ["a record of SQS with a notification of a bus's event in it", { body: JSON.stringify({ ...NOTIFICATION, Message: JSON.stringify(BUS_EVENT) }) }],
    ['a record of SNS', { EventSource: 'aws:sns', Sns: NOTIFICATION }],
    ['a body that SNS posts', JSON.stringify(NOTIFICATION)],
    ['the text of an envelope', TEXT],
  ])('finds it in %s', async (_, received) => {
    expect(readOutboxEvent(received)).toEqual(EVENT);
    expect(await openOutboxEvent(received)).toEqual(EVENT);
  });

  it('leaves data alone that the outbox parsed on its way', () => {
    const event = readOutboxEvent({ ...ENVELOPE, datacontenttype: 'application/json', data: { total: '9007199254740993' } });
    expect(event).toMatchObject({ data: { total: '9007199254740993' }, text: undefined });
  });

  it('keeps the digits of numbers that JavaScript cannot hold, as the outbox does when it parses', () => {
    expect(readOutboxEvent({ ...ENVELOPE, data: '{"big":9007199254740993,"small":1.10,"e":1e400}' }).data).toEqual({ big: '9007199254740993', small: 1.1, e: '1e400' });
    const numbers = fc.tuple(fc.bigInt(), fc.nat(), fc.integer({ min: -400, max: 400 })).map(([whole, fraction, exponent]) => `[${whole}, ${whole}.${fraction}, ${whole}e${exponent}]`);
    fc.assert(fc.property(fc.oneof(fc.json({ stringUnit: 'binary' }), numbers), (text) => {
      expect(parseExactly(text)).toEqual(parseJson(text));
    }));
    expect(parseExactly('{"a":1,"a":2,"__proto__":{"b":1}}')).toEqual(JSON.parse('{"a":1,"a":2,"__proto__":{"b":1}}'));
  });

  it.each<[unknown, string]>([
    ['no JSON', 'received 7 characters that are no JSON, and so no event of an outbox'],
    [undefined, 'received undefined, which is no event of an outbox'],
    [null, 'received null, which is no event of an outbox'],
    [17, 'received number, which is no event of an outbox'],
    [{}, 'received an object with no fields, which is no event of an outbox: it has no specversion'],
    [{ orderId: 1, total: 2 }, 'received an object with the fields orderId, total, which is no event of an outbox: it has no specversion'],
    [[], 'received 0 events; read each of them'],
    [[ENVELOPE, ENVELOPE], 'received 2 events; read each of them'],
    [{ Records: [{ body: TEXT }] }, 'received a batch of 1 records; read each of its Records'],
    [{ ...ENVELOPE, id: '' }, 'the id of an event must be text that is not empty, received ""'],
    [{ ...ENVELOPE, source: undefined }, 'the source of an event must be text that is not empty, received undefined'],
    [{ ...ENVELOPE, data: '' }, "the payload of event 'e-1' must be JSON, received 0 characters that are not"],
    [{ ...ENVELOPE, data: { total: 5 } }, "the data of event 'e-1' must be text, received object"],
  ])('refuses %j with a sentence', async (received, sentence) => {
    const refusal = expect.objectContaining({ name: 'InvalidOutboxEvent', message: sentence });
    expect(() => readOutboxEvent(received)).toThrow(refusal);
    await expect(openOutboxEvent(received)).rejects.toEqual(refusal);
  });
});

describe('opening a claim check', () => {
  const s3 = new MemoryS3();
  s3.objects.set('s3://checks/payloads/2026-05-06/e-1', '{"total": 9007199254740993}');
  const dataref = 's3://checks/payloads/2026-05-06/e-1';

  it('gives the text of an event whose data is text, and values of one whose data is JSON', async () => {
    const data = { total: '9007199254740993' };
    expect(await openOutboxEvent({ ...ENVELOPE, data: '', dataref }, { s3 })).toMatchObject({ data, text: '{"total": 9007199254740993}' });
    expect(await openOutboxEvent({ ...ENVELOPE, data: '', dataref, datacontenttype: 'application/json' }, { s3 })).toMatchObject({ data, text: undefined });
  });

  it('throws what S3 says, so that the event comes again', async () => {
    await expect(openOutboxEvent({ ...ENVELOPE, dataref: 's3://checks/payloads/gone' }, { s3 })).rejects.toThrow('The specified key does not exist.');
  });

  it('refuses a reference that is none', async () => {
    await expect(openOutboxEvent({ ...ENVELOPE, dataref: 'https://example.com/x' }, { s3 }))
      .rejects.toThrow("the dataref of event 'e-1' must be s3://bucket/key, received 'https://example.com/x'");
  });
});
