import { s3Error } from './errors';

/** What each operation takes here, besides what changes nothing about its outcome. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  PutObject: [
    'Bucket', 'Key', 'Body', 'Metadata', 'ContentType', 'ContentEncoding', 'ContentDisposition', 'ContentLanguage', 'CacheControl',
    'IfMatch', 'IfNoneMatch', 'ServerSideEncryption', 'SSEKMSKeyId', 'BucketKeyEnabled',
  ],
  GetObject: ['Bucket', 'Key', 'IfMatch', 'IfNoneMatch'],
  HeadObject: ['Bucket', 'Key', 'IfMatch', 'IfNoneMatch'],
  DeleteObject: ['Bucket', 'Key'],
  ListObjectsV2: ['Bucket', 'Prefix', 'Delimiter', 'MaxKeys', 'ContinuationToken', 'StartAfter', 'FetchOwner'],
};

/** Integrity checks over a wire that is not there, and who pays. */
const WITHOUT_EFFECT = [
  'ContentLength', 'ContentMD5', 'ChecksumAlgorithm', 'ChecksumMode', 'ChecksumCRC32', 'ChecksumCRC32C', 'ChecksumCRC64NVME', 'ChecksumSHA1',
  'ChecksumSHA256', 'ExpectedBucketOwner', 'RequestPayer', 'StorageClass', 'Tagging',
];

const LONGEST_KEY_BYTES = 1_024;

/** Refuses a parameter that would have an effect on AWS and has none here. */
export function checkInput(operation: string, input: any) {
  const known = [...KNOWN[operation], ...WITHOUT_EFFECT];
  const unknown = Object.keys(input ?? {}).find((name) => input[name] !== undefined && !known.includes(name));
  if (unknown !== undefined) throw new Error(`${operation} with ${unknown} is not simulated; simulated: ${KNOWN[operation].join(', ')}`);
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
export function checkedKey(input: any): string {
  const key = input?.Key;
  if (typeof key !== 'string' || key === '') throw s3Error('InvalidArgument', `Key must be a text that is not empty, got ${JSON.stringify(key)}`);
  if (Buffer.byteLength(key) > LONGEST_KEY_BYTES) throw s3Error('KeyTooLongError', 'Your key is too long');
  return key;
}

export function bytesOf(body: any): Uint8Array {
  if (body === undefined || body === null) return new Uint8Array();
  if (typeof body === 'string') return new Uint8Array(Buffer.from(body, 'utf8'));
  if (ArrayBuffer.isView(body)) return Uint8Array.from(new Uint8Array(body.buffer, body.byteOffset, body.byteLength));
  throw new Error(`the Body of PutObject must be a text or bytes here, got ${Object.prototype.toString.call(body)}: read a stream before you put it`);
}
