import fc from 'fast-check';
import { envelopeOf, MemoryS3 } from './envelope';
import {
  type NewOutboxEvent, openOutboxEvent, outboxPut, outboxPutWithClaimCheck, readOutboxEvent,
} from 'cdk-integration-patterns/runtime/transactional-outbox';

const NOW = new Date('2101-05-06T07:08:09.010Z');
const ORDER = { aggregateType: 'Order', aggregateId: '17', type: 'OrderPlaced', payload: { total: 5 } };
const OPTIONS = { tableName: 'outbox', retentionSeconds: 60, now: NOW };

afterEach(() => {
  for (const name of Object.keys(process.env).filter((variable) => variable.startsWith('OUTBOX_'))) delete process.env[name];
});

function row(event: Partial<NewOutboxEvent>) {
  return outboxPut({ ...ORDER, ...event } as NewOutboxEvent, OPTIONS).Put.Item;
}

describe('an entry of a transaction', () => {
  it('has the whole row, on condition that it is new', () => {
    const { Put } = outboxPut({ ...ORDER, sequence: 3, eventId: 'e-1', traceParent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` }, OPTIONS);
    expect(Put).toEqual({
      TableName: 'outbox',
      Item: {
        pk: 'Order#17', sk: '00000000000000000003', eventId: 'e-1', type: 'OrderPlaced', payload: '{"total":5}', payloadRef: '',
        occurredAt: '2101-05-06T07:08:09.010Z', traceParent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, expiresAt: NOW.getTime() / 1000 - 0.01 + 60,
      },
      ConditionExpression: 'attribute_not_exists(pk)',
    });
  });

  it('takes table and retention from the environment that addWriter sets; rows stay for 7 days otherwise', () => {
    process.env.OUTBOX_TABLE_NAME = 'from-environment';
    const expiresAfter = () => outboxPut(ORDER, { now: NOW }).Put.Item.expiresAt - Math.floor(NOW.getTime() / 1000);
    expect(outboxPut(ORDER).Put.TableName).toBe('from-environment');
    expect(expiresAfter()).toBe(7 * 86_400);
    process.env.OUTBOX_RETENTION_SECONDS = '3600';
    expect(expiresAfter()).toBe(3_600);
  });

  it('names each event itself unless told, and sorts events without a sequence by when they were written', () => {
    const [first, second] = [row({}), row({})];
    expect(first.eventId).not.toBe(second.eventId);
    expect(first.sk < second.sk).toBe(true);
    expect(row({ occurredAt: new Date('2000-01-01T00:00:00.5Z') }).occurredAt).toBe('2000-01-01T00:00:00.500Z');
  });

  it.each<[Partial<Record<keyof NewOutboxEvent, any>>, string]>([
    [{ aggregateType: 'Order#x' }, "aggregateType must not contain #, which separates it from aggregateId, received 'Order#x'"],
    [{ aggregateType: '' }, "aggregateType must be text of visible ASCII characters without spaces, as message groups of SQS are, received ''"],
    [{ aggregateId: 17 }, 'aggregateId must be text of visible ASCII characters without spaces, as message groups of SQS are, received 17'],
    [{ aggregateId: 'Müller' }, "aggregateId must be text of visible ASCII characters without spaces, as message groups of SQS are, received 'Müller'"],
    [{ aggregateId: '1'.repeat(123) }, `aggregateType#aggregateId must have at most 128 characters, received 'Order#${'1'.repeat(123)}'`],
    [{ sequence: 1.5 }, 'sequence must be a whole number from 0 to 20 digits, received 1.5; give numbers above 2^53 as text'],
    [{ type: '' }, "type must be text of 1 to 128 bytes without control characters, received ''"],
    [{ type: 'ä'.repeat(65) }, `type must be text of 1 to 128 bytes without control characters, received '${'ä'.repeat(65)}'`],
    [{ type: 'a\nb' }, "type must be text of 1 to 128 bytes without control characters, received 'a\nb'"],
    [{ eventId: 'x'.repeat(129) }, `eventId must have at most 128 characters, received '${'x'.repeat(129)}'`],
    [{ eventId: 'a b' }, "eventId must be text of visible ASCII characters without spaces, as message groups of SQS are, received 'a b'"],
    [{ occurredAt: new Date('nonsense') }, 'occurredAt must be a Date of the years 0 to 9999, received Invalid Date'],
    [{ occurredAt: '2026-01-01' }, "occurredAt must be a Date of the years 0 to 9999, received '2026-01-01'"],
    [{ traceParent: 'Root=1-2' }, "traceParent must be a W3C trace context such as 00-<32 hex digits>-<16 hex digits>-01, received 'Root=1-2'"],
    [{ payload: undefined }, 'payload must be a value that JSON can hold, received undefined; null is one'],
    [{ payload: () => 1 }, 'payload must be a value that JSON can hold, received function; null is one'],
    [{ payload: 1n }, 'payload cannot be written as JSON: Do not know how to serialize a BigInt'],
    [{ payload: undefined, payloadText: '{total: 5}' }, 'payloadText must be JSON, received 10 characters that are not; give values as payload'],
    [{ payload: undefined, payloadText: { total: 5 } }, 'payloadText must be text, received object; give values as payload'],
    [{ payload: undefined, payloadText: '"\ud800"' }, 'payloadText must be Unicode, received half of a surrogate pair; escape it as \\ud800 … \\udfff'],
    [{ payloadText: '5' }, 'an event takes payload or payloadText, received both'],
  ])('refuses %j with a sentence', (change, sentence) => {
    expect(() => row(change)).toThrow(expect.objectContaining({ name: 'InvalidOutboxEvent', message: sentence }));
  });

  it('says what is missing in the environment', () => {
    expect(() => outboxPut(ORDER)).toThrow('environment variable OUTBOX_TABLE_NAME must be set, received undefined; TransactionalOutbox.addWriter sets it');
    process.env.OUTBOX_RETENTION_SECONDS = '1 day';
    expect(() => outboxPut(ORDER, { tableName: 'outbox' })).toThrow('retentionSeconds must be a whole number from 1, received 1 day in OUTBOX_RETENTION_SECONDS');
  });

  it('never cites the payload in an error, which may end in a log', () => {
    const secret = '{"card": 4111111111111111';
    expect(() => row({ payload: undefined, payloadText: secret })).toThrow(expect.objectContaining({ message: expect.not.stringContaining('4111') }));
    expect(() => readOutboxEvent({ ...envelopeOf(row({})), data: secret })).toThrow(expect.objectContaining({ message: expect.not.stringContaining('4111') }));
    expect(() => readOutboxEvent(secret)).toThrow(expect.objectContaining({ message: expect.not.stringContaining('4111') }));
  });
});

describe('a payload', () => {
  it('arrives byte for byte as its text was: Unicode, numbers of any length, white space', () => {
    const number = fc.tuple(fc.bigInt(), fc.nat(), fc.integer({ min: -400, max: 400 })).map(([whole, fraction, exponent]) => `${whole}.${fraction}0e${exponent}`);
    const space = fc.constantFrom('', ' ', '\n', '\t ');
    const text = fc.oneof(fc.json({ stringUnit: 'binary' }), number, fc.tuple(space, fc.json(), space).map((parts) => parts.join('')));
    fc.assert(fc.property(text, (payloadText) => {
      const written = row({ payload: undefined, payloadText });
      // What every destination does to an envelope: JSON there and back, as UTF-8.
      const received = Buffer.from(JSON.stringify(envelopeOf(written))).toString();
      const event = readOutboxEvent(received);
      expect(Buffer.from(event.text!).equals(Buffer.from(payloadText))).toBe(true);
    }));
  });

  it('arrives as the value that it was; integers above 2^53 as their digits', () => {
    const digits = (_: string, value: unknown) => Number.isInteger(value) && !Number.isSafeInteger(value) ? JSON.stringify(value) : value;
    fc.assert(fc.property(fc.jsonValue({ stringUnit: 'binary' }), (payload) => {
      expect(readOutboxEvent(envelopeOf(row({ payload }))).data).toEqual(JSON.parse(JSON.stringify(payload), digits));
    }));
  });

  it('is refused when it is too large as it stands inside the event: escaped, in UTF-8', () => {
    const limited = (payloadText: string) => () => outboxPut({ ...ORDER, payload: undefined, payloadText }, { ...OPTIONS, payloadLimitBytes: 100 });
    expect(limited(`"${'x'.repeat(94)}"`)).not.toThrow();
    expect(limited(`"${'x'.repeat(95)}"`)).toThrow('the payload takes 101 bytes inside an event, more than 100; store it in S3 by outboxPutWithClaimCheck');
    // Two bytes each.
    expect(limited(`"${'ä'.repeat(48)}"`)).toThrow('the payload takes 102 bytes');
    // Each quote takes a backslash in the text, and both are escaped in the event.
    expect(limited(JSON.stringify('"'.repeat(24)))).toThrow('the payload takes 102 bytes');
  });

  it('has 240,000 bytes at most unless the outbox says otherwise', () => {
    const ofBytes = (bytes: number) => () => row({ payload: 'x'.repeat(bytes - 6) });
    expect(ofBytes(240_000)).not.toThrow();
    expect(ofBytes(240_001)).toThrow('the payload takes 240001 bytes inside an event, more than 240000');
    process.env.OUTBOX_PAYLOAD_LIMIT_BYTES = '10';
    expect(ofBytes(11)).toThrow('more than 10;');
  });
});

describe('a claim check', () => {
  const large = { ...ORDER, payload: { text: `𝄞${'x'.repeat(300_000)}` } };

  it('is made only for what does not fit into an event', async () => {
    const s3 = new MemoryS3();
    const { Put } = await outboxPutWithClaimCheck({ ...ORDER, eventId: 'e-1', sequence: 1 }, { ...OPTIONS, s3, bucketName: 'checks' });
    expect(Put).toEqual(outboxPut({ ...ORDER, eventId: 'e-1', sequence: 1 }, OPTIONS).Put);
    expect(s3.objects.size).toBe(0);
  });

  it('brings the payload to the consumer as if it had been in the event', async () => {
    const s3 = new MemoryS3();
    process.env.OUTBOX_CLAIM_CHECK_BUCKET = 'checks';
    const { Item } = (await outboxPutWithClaimCheck({ ...large, eventId: 'a/b' }, { ...OPTIONS, s3 })).Put;
    expect(Item).toMatchObject({ eventId: 'a/b', payload: '', payloadRef: 's3://checks/payloads/2101-05-06/a%2Fb' });
    expect([...s3.objects]).toEqual([[Item.payloadRef, JSON.stringify(large.payload)]]);
    const event = await openOutboxEvent({ 'detail-type': 'OrderPlaced', 'detail': envelopeOf(Item) }, { s3 });
    expect(event).toMatchObject({ id: 'a/b', data: large.payload, text: JSON.stringify(large.payload) });
  });

  it('is named after the event, also when the event names itself', async () => {
    const { Item } = (await outboxPutWithClaimCheck(large, { ...OPTIONS, s3: new MemoryS3(), bucketName: 'checks' })).Put;
    expect(Item.payloadRef.endsWith(`/${Item.eventId}`)).toBe(true);
  });

  it('writes no row when the payload could not be stored', async () => {
    const s3 = { send: async () => { throw new Error('Access Denied'); } };
    await expect(outboxPutWithClaimCheck(large, { ...OPTIONS, s3, bucketName: 'checks' })).rejects.toThrow('Access Denied');
  });

  it('is not followed by readOutboxEvent, which says who does', async () => {
    const { Item } = (await outboxPutWithClaimCheck({ ...large, eventId: 'e-1' }, { ...OPTIONS, s3: new MemoryS3(), bucketName: 'checks' })).Put;
    expect(() => readOutboxEvent(envelopeOf(Item))).toThrow("the payload of event 'e-1' is in s3://checks/payloads/2101-05-06/e-1; read the event by openOutboxEvent");
  });
});
