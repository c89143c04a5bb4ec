import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { sha256 } from './envelope';
import { CLAIM_CHECK_PREFIX, type OutboxEnvelope } from '../../src/transactional-outbox/contract';

/** Puts what is too large for a destination into a bucket, and its address into the event. */
export class ClaimChecks {
  constructor(private readonly s3: S3Client, private readonly bucketName: string, private readonly limitBytes: number) {}

  /** The event as it may be published. The key follows from the event, so that a repeated delivery writes the same object again. */
  async apply(envelope: OutboxEnvelope): Promise<OutboxEnvelope> {
    const text = JSON.stringify(envelope.data);
    if (Buffer.byteLength(text) <= this.limitBytes) return envelope;
    const Key = `${CLAIM_CHECK_PREFIX}${envelope.time.slice(0, 10)}/${keyPart(envelope.id)}`;
    await this.s3.send(new PutObjectCommand({ Bucket: this.bucketName, Key, Body: text, ContentType: envelope.datacontenttype }));
    return { ...envelope, dataref: `s3://${this.bucketName}/${Key}`, data: '' };
  }
}

/** An id with only characters that are safe in keys. @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
function keyPart(id: string): string {
  return /^[\w.-]{1,128}$/.test(id) ? id : sha256(id);
}
