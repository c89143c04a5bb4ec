import { type Bucket, type BucketDirectory } from './bucket';
import { s3Error } from './errors';
import { checkedKey, checkInput } from './inputs';
import { scheduleExpiration } from './lifecycle';
import { listObjects } from './listing';
import { createObject, type Encryption, encryptionHeaders, type StoredObject } from './object';
import type { AccessRequest } from '../../iam/principal';
import type { Operation, OperationContext, World } from '../../service';
import type { KmsService } from '../kms';

type Conditions = Readonly<Record<string, string | readonly string[]>>;

/** Objects are strongly consistent: https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel */
export function s3Operations(world: World, directory: BucketDirectory): Record<string, Operation> {
  let writes = 0;

  const onObject = (action: string, input: any, context: Conditions = {}): AccessRequest => {
    const { arn } = directory.byName(input?.Bucket).settings;
    return { action, resource: `${arn}/${checkedKey(input)}`, policyHolder: arn, context: { 's3:TlsVersion': '1.3', ...context } };
  };

  const put: Operation = {
    access: (input) => {
      const encryption = encryptionOf(world, directory.byName(input?.Bucket), input);
      return [
        onObject('s3:PutObject', input, putConditions(input)),
        // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html (If-Match reads the present object)
        ...(input.IfMatch === undefined ? [] : [onObject('s3:GetObject', input)]),
        ...keyRequests(world, encryption, ['kms:GenerateDataKey']),
      ];
    },
    handle: (input) => {
      checkInput('PutObject', input);
      world.meter.add('s3.putRequests');
      const bucket = directory.byName(input.Bucket);
      const key = checkedKey(input);
      checkWritable(bucket.objects.get(key), input);
      const object = createObject(key, input, encryptionOf(world, bucket, input), world.kernel.now, ++writes);
      bucket.objects.set(key, object);
      scheduleExpiration(world, bucket, object);
      return { ETag: object.etag, ...encryptionHeaders(object.encryption) };
    },
  };

  const read = (operation: 'GetObject' | 'HeadObject'): Operation => ({
    readOnly: true,
    access: (input) => {
      const object = directory.byName(input?.Bucket).objects.get(checkedKey(input));
      return [onObject('s3:GetObject', input), ...(object ? keyRequests(world, object.encryption, ['kms:Decrypt']) : [])];
    },
    handle: (input, context) => {
      checkInput(operation, input);
      world.meter.add('s3.getRequests');
      const bucket = directory.byName(input.Bucket);
      const object = bucket.objects.get(checkedKey(input)) ?? missing(world, bucket, operation, input, context);
      checkReadable(object, input);
      const answer = describe(object);
      return operation === 'HeadObject' ? answer : { ...answer, Body: Uint8Array.from(object.body) };
    },
  });

  return {
    PutObject: put,
    GetObject: read('GetObject'),
    HeadObject: read('HeadObject'),

    // Deletes are free: https://aws.amazon.com/s3/pricing/
    DeleteObject: {
      access: (input) => [onObject('s3:DeleteObject', input)],
      handle: (input) => {
        checkInput('DeleteObject', input);
        directory.byName(input.Bucket).objects.delete(checkedKey(input));
        return {};
      },
    },

    // A list costs as much as a put: https://aws.amazon.com/s3/pricing/
    ListObjectsV2: {
      readOnly: true,
      access: (input) => {
        const { arn } = directory.byName(input?.Bucket).settings;
        const context: Record<string, string> = { 's3:TlsVersion': '1.3' };
        if (input.Prefix !== undefined) context['s3:prefix'] = String(input.Prefix);
        if (input.Delimiter !== undefined) context['s3:delimiter'] = String(input.Delimiter);
        if (input.MaxKeys !== undefined) context['s3:max-keys'] = String(input.MaxKeys);
        return [{ action: 's3:ListBucket', resource: arn, context }];
      },
      handle: (input) => {
        checkInput('ListObjectsV2', input);
        world.meter.add('s3.putRequests');
        const { settings, objects } = directory.byName(input.Bucket);
        return listObjects(settings.name, objects.values(), input);
      },
    },
  };
}

/** What bucket policies may ask about a put: https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html */
function putConditions(input: any): Conditions {
  const keys: Record<string, unknown> = {
    's3:if-match': input.IfMatch,
    's3:if-none-match': input.IfNoneMatch,
    's3:x-amz-server-side-encryption': input.ServerSideEncryption,
    's3:x-amz-server-side-encryption-aws-kms-key-id': input.SSEKMSKeyId,
  };
  return Object.fromEntries(Object.entries(keys).filter(([, value]) => value !== undefined).map(([name, value]) => [name, String(value)]));
}

/** The put's own encryption, or the bucket's: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html */
function encryptionOf(world: World, { settings }: Bucket, input: any): Encryption {
  const algorithm = input.ServerSideEncryption ?? settings.encryption.algorithm;
  if (algorithm === 'AES256') return { algorithm };
  if (algorithm !== 'aws:kms') throw s3Error('InvalidArgument', `The encryption method specified is not supported: ${String(algorithm)}`);
  const key = input.SSEKMSKeyId ?? settings.encryption.key ?? 'alias/aws/s3';
  return { algorithm, keyArn: world.service<KmsService>('kms').keyArn(key) };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#sse-permissions */
function keyRequests(world: World, { keyArn }: Encryption, actions: readonly string[]): AccessRequest[] {
  if (keyArn === undefined) return [];
  const context = { 'kms:ViaService': `s3.${world.region}.amazonaws.com`, 'kms:CallerAccount': world.account };
  return actions.map((action) => ({ action, resource: keyArn, context }));
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html */
function checkWritable(present: StoredObject | undefined, { IfMatch, IfNoneMatch, Key }: any) {
  if (IfMatch !== undefined && IfNoneMatch !== undefined) throw s3Error('InvalidRequest', 'IfMatch and IfNoneMatch cannot be used together');
  if (IfNoneMatch !== undefined) {
    if (IfNoneMatch !== '*') throw s3Error('InvalidArgument', `IfNoneMatch of a put must be '*', got ${JSON.stringify(IfNoneMatch)}`);
    if (present) throw preconditionFailed('If-None-Match');
  }
  if (IfMatch !== undefined) {
    if (!present) throw noSuchKey(Key);
    if (!sameTag(IfMatch, present.etag)) throw preconditionFailed('If-Match');
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-reads.html */
function checkReadable({ etag }: StoredObject, { IfMatch, IfNoneMatch }: any) {
  if (IfMatch !== undefined && IfMatch !== '*' && !sameTag(IfMatch, etag)) throw preconditionFailed('If-Match');
  if (IfNoneMatch !== undefined && (IfNoneMatch === '*' || sameTag(IfNoneMatch, etag))) throw s3Error('NotModified', 'Not Modified');
}

/**
 * Whoever may not list the bucket does not learn that a key is missing. HEAD has no body, so its errors have no code.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html (Permissions)
 */
function missing(world: World, { settings: { arn } }: Bucket, operation: 'GetObject' | 'HeadObject', { Key }: any, { caller }: OperationContext): never {
  const mayList = world.iam.attempt(caller.principal, { action: 's3:ListBucket', resource: arn, context: { 's3:TlsVersion': '1.3' } });
  if (operation === 'HeadObject') throw mayList ? s3Error('NotFound', 'NotFound') : s3Error('403', 'UnknownError');
  throw mayList ? noSuchKey(Key) : s3Error('AccessDenied', 'Access Denied');
}

function describe({ body, etag, headers, metadata, encryption, lastModified }: StoredObject) {
  return {
    ...headers,
    ContentLength: body.length,
    ETag: etag,
    // HTTP dates have no milliseconds.
    LastModified: new Date(Math.floor(lastModified / 1000) * 1000),
    Metadata: { ...metadata },
    AcceptRanges: 'bytes',
    ...encryptionHeaders(encryption),
  };
}

/** Clients give tags with quotes or without. */
function sameTag(given: unknown, etag: string): boolean {
  return String(given).replace(/^"|"$/g, '') === etag.slice(1, -1);
}

function noSuchKey(key: unknown) {
  return s3Error('NoSuchKey', 'The specified key does not exist.', { Key: key });
}

function preconditionFailed(condition: string) {
  return s3Error('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', { Condition: condition });
}
