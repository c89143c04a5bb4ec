import type { S3Client } from '@aws-sdk/client-s3';
import { inserted, NOON, ORIGIN, row } from './fakes';
import { ClaimChecks } from '../../../lambda-src/transactional-outbox/claim-check';
import { enrich, lagOf } from '../../../lambda-src/transactional-outbox/enrich';
import type { ChangeOrigin } from '../../../lambda-src/transactional-outbox/envelope';

const CHANGES: ChangeOrigin = { kind: 'CHANGES', source: 'shop.books', tableName: 'books', changeTypes: { insert: 'BookAdded' } };

describe('a batch of stream records', () => {
  it('becomes events in its order', async () => {
    const events = await enrich([3, 1, 2].map((n) => inserted(row('Order#1', n))), ORIGIN, undefined);
    expect(events.map(({ id }) => id)).toEqual(['Order#1/3', 'Order#1/1', 'Order#1/2']);
  });

  it('fails with the row that is no event, for the pipe to single it out', async () => {
    const records = [inserted(row('Order#1', 1)), inserted(row('Order#1', 2, { type: undefined }))];
    await expect(enrich(records, ORIGIN, undefined)).rejects.toThrow('row ["Order#1","00000000000000000002"]');
    await expect(enrich([{ eventName: 'INSERT' }], ORIGIN, undefined)).rejects.toThrow("attribute 'pk' is missing");
  });

  it('leaves changes out that have no type', async () => {
    const records = [inserted(row('Order#1', 1)), { ...inserted(row('Order#1', 2)), eventName: 'REMOVE' as const }];
    expect(await enrich(records, CHANGES, undefined)).toHaveLength(1);
  });

  it('is behind by the age of its oldest record', () => {
    const record = (ApproximateCreationDateTime: number) => ({ dynamodb: { ApproximateCreationDateTime } });
    expect(lagOf([record(100), record(40), record(70)], 101_000)).toBe(61_000);
    expect(lagOf([record(100)], 99_000)).toBe(0);
    expect(lagOf([{}], 99_000)).toBe(0);
  });
});

describe('a change that is too large for an event', () => {
  const large = inserted(row('Order#1', 1, { text: { S: '長'.repeat(100) } }));

  it('goes to the bucket under a key that a repeated delivery has too, and the event refers to it', async () => {
    const bucket = new FakeBucket();
    const [first] = await enrich([large], CHANGES, bucket.claimChecks(300));
    const [again] = await enrich([large], CHANGES, bucket.claimChecks(300));
    expect(again).toEqual(first);
    expect(first).toMatchObject({ dataref: expect.stringMatching(/^s3:\/\/checks\/payloads\/2026-11-20\/[0-9a-f]{64}$/), data: '', datacontenttype: 'application/json' });
    const [object] = bucket.objects;
    expect(`s3://${object!.Bucket}/${object!.Key}`).toBe(first!.dataref);
    expect(JSON.parse(object!.Body).new.text).toBe('長'.repeat(100));
  });

  it('is one by its bytes, not by its characters', async () => {
    const bucket = new FakeBucket();
    const [event] = await enrich([large], CHANGES, undefined);
    const bytes = Buffer.byteLength(JSON.stringify(event!.data));
    expect(await enrich([large], CHANGES, bucket.claimChecks(bytes))).toEqual([event]);
    expect(await enrich([large], CHANGES, bucket.claimChecks(bytes - 1))).not.toEqual([event]);
    expect(bucket.objects).toHaveLength(1);
  });

  it('keeps its id in the key where it may stand there', async () => {
    const [event] = await enrich([{ ...large, eventID: '0a1b' }], CHANGES, new FakeBucket().claimChecks(1));
    expect(event!.dataref).toBe(`s3://checks/payloads/${new Date(NOON).toISOString().slice(0, 10)}/0a1b`);
  });

  it('is not published when the bucket does not take it', async () => {
    await expect(enrich([large], CHANGES, new FakeBucket(new Error('slow down')).claimChecks(1))).rejects.toThrow('slow down');
  });
});

class FakeBucket {
  readonly objects: Record<string, any>[] = [];

  constructor(private readonly error?: Error) {}

  claimChecks(limitBytes: number): ClaimChecks {
    return new ClaimChecks(this as unknown as S3Client, 'checks', limitBytes);
  }

  async send({ input }: { input: Record<string, any> }) {
    if (this.error) throw this.error;
    this.objects.push(input);
  }
}
