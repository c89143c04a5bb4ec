import { createHash } from 'crypto';
import { s3Error } from './errors';
import { bytesOf } from './inputs';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html#UserMetadata */
const MOST_METADATA_BYTES = 2_048;
/** The largest single put: https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html */
export const LARGEST_PUT = 5 * 1024 ** 3;

/** How an object is encrypted at rest. */
export interface Encryption {
  readonly algorithm: 'AES256' | 'aws:kms';
  /** The key's ARN, for aws:kms. */
  readonly keyArn?: string;
}

export interface StoredObject {
  readonly key: string;
  readonly body: Uint8Array;
  readonly etag: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly encryption: Encryption;
  readonly lastModified: number;
}

const HEADERS = ['ContentType', 'ContentEncoding', 'ContentDisposition', 'ContentLanguage', 'CacheControl'] as const;

export function createObject(key: string, input: any, encryption: Encryption, lastModified: number, writes: number): StoredObject {
  const body = bytesOf(input.Body);
  if (body.length > LARGEST_PUT) throw s3Error('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size');
  const headers: Record<string, string> = { ContentType: 'application/octet-stream' };
  for (const name of HEADERS) if (input[name] !== undefined) headers[name] = String(input[name]);
  return { key, body, etag: etagOf(body, encryption, writes), headers, metadata: metadataOf(input.Metadata ?? {}), encryption, lastModified };
}

/** The MD5 of the content, but not where KMS encrypts: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html (ETag) */
function etagOf(body: Uint8Array, { algorithm }: Encryption, writes: number): string {
  const hash = createHash('md5').update(body);
  if (algorithm === 'aws:kms') hash.update(`encrypted/${writes}`);
  return `"${hash.digest('hex')}"`;
}

/** Names travel as headers, so they come back in lower case. */
function metadataOf(input: Record<string, unknown>): Record<string, string> {
  const metadata = Object.fromEntries(Object.entries(input).map(([name, value]) => [name.toLowerCase(), String(value)]));
  const size = Object.entries(metadata).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
  if (size > MOST_METADATA_BYTES) throw s3Error('MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size');
  return metadata;
}

export function encryptionHeaders({ algorithm, keyArn }: Encryption) {
  return { ServerSideEncryption: algorithm, ...(keyArn === undefined ? {} : { SSEKMSKeyId: keyArn }) };
}
