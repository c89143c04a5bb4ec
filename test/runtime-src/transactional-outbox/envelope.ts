import { type OutboxEnvelope, type OutboxRow } from '../../../src/transactional-outbox/contract';

/** What the outbox makes of a row: see the envelope in `contract.ts`. */
export function envelopeOf(row: OutboxRow, source = 'orders'): OutboxEnvelope {
  return {
    specversion: '1.0',
    id: row.eventId,
    source,
    type: row.type,
    subject: row.pk,
    time: row.occurredAt,
    sequence: row.sk,
    partitionkey: row.pk,
    traceparent: row.traceParent,
    dataref: row.payloadRef,
    datacontenttype: 'text/plain',
    data: row.payload,
  };
}

/** A bucket that keeps what is put into it. */
export class MemoryS3 {
  public readonly objects = new Map<string, string>();

  public async send({ input }: { input: { Bucket: string; Key: string; Body?: string } }): Promise<any> {
    const name = `s3://${input.Bucket}/${input.Key}`;
    if (input.Body !== undefined) {
      this.objects.set(name, input.Body);
      return {};
    }
    const text = this.objects.get(name);
    if (text === undefined) throw Object.assign(new Error('The specified key does not exist.'), { name: 'NoSuchKey' });
    return { Body: { transformToString: async () => text } };
  }
}
