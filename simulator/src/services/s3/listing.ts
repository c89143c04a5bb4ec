import { s3Error } from './errors';
import type { StoredObject } from './object';

const MOST_KEYS = 1_000;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html: keys in the order of their UTF-8 bytes. */
export function listObjects(name: string, objects: Iterable<StoredObject>, input: any) {
  const { Prefix = '', Delimiter, StartAfter, ContinuationToken } = input;
  const MaxKeys = Math.min(Number(input.MaxKeys ?? MOST_KEYS), MOST_KEYS);
  if (!(MaxKeys >= 0)) throw s3Error('InvalidArgument', `MaxKeys must be 0 or more, got ${JSON.stringify(input.MaxKeys)}`);
  const after: string = ContinuationToken === undefined ? StartAfter ?? '' : Buffer.from(String(ContinuationToken), 'base64').toString('utf8');
  const sorted = [...objects].filter(({ key }) => key.startsWith(Prefix)).sort((a, b) => compare(a.key, b.key));
  const Contents: object[] = [];
  const prefixes = new Set<string>();
  let last = after;
  let IsTruncated = false;
  for (const object of sorted) {
    const folder = commonPrefix(object.key, Prefix, Delimiter);
    const entry = folder ?? object.key;
    if (compare(entry, after) <= 0 || prefixes.has(entry)) continue;
    if (Contents.length + prefixes.size === MaxKeys) {
      IsTruncated = MaxKeys > 0;
      break;
    }
    if (folder === undefined) {
      Contents.push({ Key: object.key, ETag: object.etag, Size: object.body.length, LastModified: new Date(object.lastModified), StorageClass: 'STANDARD' });
    } else {
      prefixes.add(folder);
    }
    last = entry;
  }
  const CommonPrefixes = [...prefixes].map((prefix) => ({ Prefix: prefix }));
  return {
    Name: name,
    Prefix,
    ...(Delimiter === undefined ? {} : { Delimiter }),
    ...(StartAfter === undefined ? {} : { StartAfter }),
    MaxKeys,
    KeyCount: Contents.length + CommonPrefixes.length,
    IsTruncated,
    ...(IsTruncated ? { NextContinuationToken: Buffer.from(last, 'utf8').toString('base64') } : {}),
    ...(Contents.length > 0 ? { Contents } : {}),
    ...(CommonPrefixes.length > 0 ? { CommonPrefixes } : {}),
  };
}

/** Keys with the delimiter after the prefix are one entry together, up to and including the delimiter. */
function commonPrefix(key: string, prefix: string, delimiter: string | undefined): string | undefined {
  if (!delimiter) return undefined;
  const end = key.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : key.slice(0, end + delimiter.length);
}

function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));
}
