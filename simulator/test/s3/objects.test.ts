import { AS_ROLE, Bench, ROLE } from '../sns/harness';

const DAY = 86_400;

function bucket(properties: Record<string, unknown> = {}) {
  const bench = new Bench();
  const { ref, attributes } = bench.create('AWS::S3::Bucket', { BucketName: 'claims', ...properties }, 'Claims');
  const call = (operation: string, input: any = {}, principal?: any) => bench.call('s3', operation, { Bucket: ref, ...input }, principal);
  return { bench, call, arn: attributes!.Arn, put: (Key: string, Body: unknown = 'x', more: object = {}, principal?: any) => call('PutObject', { Key, Body, ...more }, principal) };
}

const text = ({ Body }: any) => Buffer.from(Body).toString('utf8');

describe('an object', () => {
  it('comes back byte by byte, with its headers and metadata', async () => {
    const { put, call } = bucket();
    const { ETag, ServerSideEncryption } = await put('a/ü.json', '{"ü":"🦊"}', { ContentType: 'application/json', Metadata: { 'Event-Id': '7' } });
    expect(ETag).toMatch(/^"[0-9a-f]{32}"$/);
    expect(ServerSideEncryption).toBe('AES256');
    const answer = await call('GetObject', { Key: 'a/ü.json' });
    expect(text(answer)).toBe('{"ü":"🦊"}');
    expect(answer).toMatchObject({
      ContentType: 'application/json', ContentLength: Buffer.byteLength('{"ü":"🦊"}'), ETag, Metadata: { 'event-id': '7' }, ServerSideEncryption: 'AES256',
      LastModified: new Date('2026-01-01T00:00:00Z'),
    });
    const head = await call('HeadObject', { Key: 'a/ü.json' });
    expect(head).toMatchObject({ ETag, ContentType: 'application/json' });
    expect(head).not.toHaveProperty('Body');
  });

  it('has the MD5 of its content as its tag', async () => {
    const { put } = bucket();
    expect((await put('a', 'hello')).ETag).toBe('"5d41402abc4b2a76b9719d911017c592"');
    expect((await put('b', Buffer.from('hello'))).ETag).toBe('"5d41402abc4b2a76b9719d911017c592"');
    expect((await put('c', null)).ETag).toBe('"d41d8cd98f00b204e9800998ecf8427e"');
  });

  it('belongs to nobody who has put or read it', async () => {
    const { put, call } = bucket();
    const bytes = new Uint8Array([1, 2, 3]);
    await put('a', bytes);
    bytes[0] = 9;
    const first = await call('GetObject', { Key: 'a' });
    first.Body[1] = 9;
    expect([...(await call('GetObject', { Key: 'a' })).Body]).toEqual([1, 2, 3]);
  });

  it('is replaced by the next put, at once', async () => {
    const { put, call } = bucket();
    await put('a', '1');
    await put('a', '2');
    expect(text(await call('GetObject', { Key: 'a' }))).toBe('2');
  });

  it('is gone after a delete, which may be repeated', async () => {
    const { put, call, bench } = bucket();
    await put('a');
    expect(bench.world.service<any>('s3').buckets()).toEqual([{ name: 'Claims', arn: 'arn:aws:s3:::claims', keys: ['a'] }]);
    await call('DeleteObject', { Key: 'a' });
    await call('DeleteObject', { Key: 'a' });
    await expect(call('GetObject', { Key: 'a' })).rejects.toMatchObject({ name: 'NoSuchKey', Key: 'a', $metadata: { httpStatusCode: 404 } });
  });

  it.each<[string, object, string]>([
    ['no key', { Key: '' }, 'InvalidArgument'],
    ['a key of 1025 bytes', { Key: `${'ü'.repeat(512)}x` }, 'KeyTooLongError'],
    ['metadata of more than 2 KB', { Key: 'a', Metadata: { x: 'y'.repeat(2048) } }, 'MetadataTooLarge'],
    ['an unknown encryption', { Key: 'a', ServerSideEncryption: 'rot13' }, 'InvalidArgument'],
  ])('is refused with %s', async (_, input, name) => {
    await expect(bucket().call('PutObject', { Body: 'x', ...input })).rejects.toMatchObject({ name });
  });

  it('cannot be put into a bucket that does not exist', async () => {
    const { call } = bucket();
    await expect(call('PutObject', { Bucket: 'none', Key: 'a' })).rejects.toMatchObject({ name: 'NoSuchBucket', BucketName: 'none' });
    await expect(call('GetObject', { Bucket: 'none', Key: 'a' })).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });

  it('is refused by name with what is not simulated', async () => {
    const { call, put } = bucket();
    await put('a');
    await expect(call('GetObject', { Key: 'a', Range: 'bytes=0-1' })).rejects.toThrow('GetObject with Range is not simulated; simulated: Bucket, Key, IfMatch, IfNoneMatch');
    await expect(call('DeleteObject', { Key: 'a', VersionId: 'v' })).rejects.toThrow(/DeleteObject with VersionId is not simulated/);
    await expect(put('b', { pipe: true })).rejects.toThrow(/must be a text or bytes here, got \[object Object\]/);
  });

  it('costs a request: puts and lists at one price, reads at another, deletes at none', async () => {
    const { put, call, bench } = bucket();
    await put('a');
    await call('ListObjectsV2');
    await call('GetObject', { Key: 'a' });
    await call('HeadObject', { Key: 'a' });
    await call('GetObject', { Key: 'missing' }).catch(() => undefined);
    await call('DeleteObject', { Key: 'a' });
    expect(bench.world.meter.totals()).toMatchObject({ 's3.putRequests': 2, 's3.getRequests': 3 });
  });
});

describe('a conditional write', () => {
  it('with IfNoneMatch creates, and never replaces', async () => {
    const { put, call } = bucket();
    await put('a', '1', { IfNoneMatch: '*' });
    await expect(put('a', '2', { IfNoneMatch: '*' })).rejects.toMatchObject({ name: 'PreconditionFailed', Condition: 'If-None-Match', $metadata: { httpStatusCode: 412 } });
    expect(text(await call('GetObject', { Key: 'a' }))).toBe('1');
    await call('DeleteObject', { Key: 'a' });
    await expect(put('a', '3', { IfNoneMatch: '*' })).resolves.toBeDefined();
  });

  it('with IfMatch replaces exactly what was read', async () => {
    const { put } = bucket();
    const { ETag } = await put('a', '1');
    await put('a', '2', { IfMatch: ETag });
    await expect(put('a', '3', { IfMatch: ETag })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    await expect(put('b', '1', { IfMatch: ETag })).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it('takes no other condition', async () => {
    const { put } = bucket();
    await expect(put('a', '1', { IfNoneMatch: '"tag"' })).rejects.toMatchObject({ name: 'InvalidArgument' });
    await expect(put('a', '1', { IfNoneMatch: '*', IfMatch: '"tag"' })).rejects.toMatchObject({ name: 'InvalidRequest' });
  });

  it('has its like for reads', async () => {
    const { put, call } = bucket();
    const { ETag } = await put('a', '1');
    await expect(call('GetObject', { Key: 'a', IfMatch: ETag.slice(1, -1) })).resolves.toBeDefined();
    await expect(call('GetObject', { Key: 'a', IfMatch: '"x"' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    await expect(call('GetObject', { Key: 'a', IfNoneMatch: ETag })).rejects.toMatchObject({ name: 'NotModified', $metadata: { httpStatusCode: 304 } });
  });
});

describe('a list', () => {
  const filled = async () => {
    const { put, call } = bucket();
    for (const key of ['b', 'a/1', 'a/2', 'a/sub/3', 'Z', 'ä']) await put(key);
    return call;
  };
  const keys = ({ Contents = [] }: any) => Contents.map(({ Key }: any) => Key);

  it('is in the order of bytes', async () => {
    const call = await filled();
    expect(keys(await call('ListObjectsV2'))).toEqual(['Z', 'a/1', 'a/2', 'a/sub/3', 'b', 'ä']);
  });

  it('may be of a prefix, and group what follows by a delimiter', async () => {
    const call = await filled();
    expect(await call('ListObjectsV2', { Prefix: 'a/', Delimiter: '/' })).toMatchObject({
      Contents: [{ Key: 'a/1', Size: 1, ETag: expect.any(String) }, { Key: 'a/2' }], CommonPrefixes: [{ Prefix: 'a/sub/' }], KeyCount: 3, IsTruncated: false,
    });
  });

  it('comes in pages that miss and repeat nothing', async () => {
    const call = await filled();
    const seen: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await call('ListObjectsV2', { MaxKeys: 2, Delimiter: '/', ContinuationToken });
      seen.push(...keys(page), ...(page.CommonPrefixes ?? []).map(({ Prefix }: any) => Prefix));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken);
    expect(seen).toEqual(['Z', 'a/', 'b', 'ä']);
  });

  it('may start after a key, and be of nothing', async () => {
    const call = await filled();
    expect(keys(await call('ListObjectsV2', { StartAfter: 'a/2' }))).toEqual(['a/sub/3', 'b', 'ä']);
    expect(await call('ListObjectsV2', { Prefix: 'none' })).toMatchObject({ KeyCount: 0 });
    expect(await call('ListObjectsV2', { MaxKeys: 0 })).toMatchObject({ KeyCount: 0, IsTruncated: false });
    await expect(call('ListObjectsV2', { MaxKeys: -1 })).rejects.toMatchObject({ name: 'InvalidArgument' });
  });
});

describe('a lifecycle rule', () => {
  const rule = (more: object) => ({ LifecycleConfiguration: { Rules: [{ Id: 'r', Status: 'Enabled', ExpirationInDays: 2, ...more }] } });

  it('lets objects expire at the midnight after their days, without keeping the world busy', async () => {
    const { put, call, bench } = bucket(rule({}));
    await bench.pass(10 * 3600);
    await put('a');
    expect(await bench.world.kernel.run()).toBe('quiet');
    await bench.pass(2 * DAY + 13 * 3600);
    await expect(call('HeadObject', { Key: 'a' })).resolves.toBeDefined();
    await bench.pass(3600);
    await expect(call('HeadObject', { Key: 'a' })).rejects.toMatchObject({ name: 'NotFound' });
    expect(bench.traced('s3.expire')).toEqual([{ key: 'a' }]);
  });

  it('counts from the last put', async () => {
    const { put, call, bench } = bucket(rule({}));
    await put('a', '1');
    await bench.pass(DAY + 1);
    await put('a', '2');
    await bench.pass(DAY + 2);
    expect(text(await call('GetObject', { Key: 'a' }))).toBe('2');
  });

  it.each<[string, object]>([
    ['of another prefix', { Prefix: 'other/' }],
    ['that is disabled', { Status: 'Disabled' }],
    ['for larger objects', { ObjectSizeGreaterThan: '100' }],
    ['for smaller objects', { ObjectSizeLessThan: 1 }],
  ])('%s leaves an object alone', async (_, more) => {
    const { put, call, bench } = bucket(rule(more));
    await put('a');
    await bench.pass(10 * DAY);
    await expect(call('HeadObject', { Key: 'a' })).resolves.toBeDefined();
  });

  it('of no day is refused', () => {
    expect(() => bucket(rule({ ExpirationInDays: 0 }))).toThrow(/lifecycle rule r: ExpirationInDays must be an integer of 1 or more, got 0/);
  });
});

describe('permissions on objects', () => {
  const KEY = 'arn:aws:s3:::claims/a';
  it.each([
    ['PutObject', 's3:PutObject', KEY],
    ['GetObject', 's3:GetObject', KEY],
    ['DeleteObject', 's3:DeleteObject', KEY],
    ['ListObjectsV2', 's3:ListBucket', 'arn:aws:s3:::claims'],
  ])('%s needs %s', async (operation, action, resource) => {
    const { call, put, bench } = bucket();
    await put('a');
    bench.grant('none:None');
    const input = operation === 'ListObjectsV2' ? {} : { Key: 'a' };
    await expect(call(operation, input, AS_ROLE)).rejects.toMatchObject({ name: 'AccessDenied', action, resource });
    bench.iam.addRolePolicy(ROLE, 'p', { Statement: { Effect: 'Allow', Action: action, Resource: resource } });
    await expect(call(operation, input, AS_ROLE)).resolves.toBeDefined();
  });

  it('also decide whether one learns that a key is missing', async () => {
    const { call, bench } = bucket();
    bench.grant('s3:GetObject');
    await expect(call('GetObject', { Key: 'a' }, AS_ROLE)).rejects.toMatchObject({ name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });
    await expect(call('HeadObject', { Key: 'a' }, AS_ROLE)).rejects.toMatchObject({ name: '403', message: 'UnknownError' });
    bench.grant('s3:ListBucket');
    await expect(call('GetObject', { Key: 'a' }, AS_ROLE)).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(call('HeadObject', { Key: 'a' }, AS_ROLE)).rejects.toMatchObject({ name: 'NotFound' });
    expect(bench.iam.unusedGrants()).toEqual([]);
  });

  it('make a denied HEAD an answer without a code', async () => {
    const { call, put, bench } = bucket();
    await put('a');
    bench.grant('none:None');
    await expect(call('HeadObject', { Key: 'a' }, AS_ROLE)).rejects.toMatchObject({ name: '403' });
  });

  it('to replace what was read include the reading', async () => {
    const { put, bench } = bucket();
    const { ETag } = await put('a', '1');
    bench.grant('s3:PutObject');
    await expect(put('a', '2', { IfNoneMatch: '*' }, AS_ROLE)).rejects.toMatchObject({ name: 'PreconditionFailed' });
    await expect(put('a', '2', { IfMatch: ETag }, AS_ROLE)).rejects.toMatchObject({ name: 'AccessDenied', action: 's3:GetObject' });
  });

  it('come from the bucket\'s policy too, for the bucket and what is in it', async () => {
    const { call, put, bench, arn } = bucket();
    await put('a');
    bench.grant('none:None');
    const policy = (Effect: string, more: object) => bench.create('AWS::S3::BucketPolicy', {
      Bucket: 'claims', PolicyDocument: { Statement: [{ Effect, Principal: { AWS: '*' }, Resource: [arn, `${arn}/*`], ...more }] },
    }, 'Policy');
    policy('Deny', { Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } });
    policy('Deny', { Action: 's3:*', Condition: { NumericLessThan: { 's3:TlsVersion': '1.2' } } });
    policy('Allow', { Action: ['s3:GetObject', 's3:PutObject'] });
    await expect(call('GetObject', { Key: 'a' }, AS_ROLE)).resolves.toBeDefined();
    await expect(call('DeleteObject', { Key: 'a' }, AS_ROLE)).rejects.toMatchObject({ name: 'AccessDenied' });
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
    policy('Deny', { Action: 's3:PutObject', Condition: { Null: { 's3:if-none-match': 'true' } } });
    await expect(put('b', 'x', {}, AS_ROLE)).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(put('b', 'x', { IfNoneMatch: '*' }, AS_ROLE)).resolves.toBeDefined();
  });

  it('include the bucket\'s key, and hide the content\'s digest', async () => {
    const bench = new Bench();
    const key = bench.create('AWS::KMS::Key', {}, 'Key').attributes!.Arn;
    bench.create('AWS::S3::Bucket', {
      BucketName: 'secret', BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key } }] },
    }, 'Secret');
    bench.grant('s3:*');
    const put = () => bench.call('s3', 'PutObject', { Bucket: 'secret', Key: 'a', Body: 'hello' }, AS_ROLE);
    const get = () => bench.call('s3', 'GetObject', { Bucket: 'secret', Key: 'a' }, AS_ROLE);
    await expect(put()).rejects.toMatchObject({ name: 'AccessDenied', action: 'kms:GenerateDataKey', resource: key });
    bench.grant('kms:GenerateDataKey');
    const answer = await put();
    expect(answer).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: key });
    expect(answer.ETag).not.toBe('"5d41402abc4b2a76b9719d911017c592"');
    await expect(get()).rejects.toMatchObject({ name: 'AccessDenied', action: 'kms:Decrypt' });
    bench.grant('kms:Decrypt');
    expect(text(await get())).toBe('hello');
  });
});

describe('a bucket', () => {
  it('has the attributes that templates ask for', () => {
    expect(new Bench().create('AWS::S3::Bucket', {}, 'Claims')).toEqual({
      ref: 'stack-claims',
      attributes: {
        Arn: 'arn:aws:s3:::stack-claims',
        DomainName: 'stack-claims.s3.amazonaws.com',
        RegionalDomainName: 'stack-claims.s3.us-east-1.amazonaws.com',
        DualStackDomainName: 'stack-claims.s3.dualstack.us-east-1.amazonaws.com',
        WebsiteURL: 'http://stack-claims.s3-website-us-east-1.amazonaws.com',
      },
    });
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['a bad name', { BucketName: 'No' }, /bucket name 'No' is not valid/],
    ['another algorithm', { BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'x' } }] } }, /SSEAlgorithm must be AES256 or aws:kms here, got 'x'/],
  ])('is refused with %s', (_, properties, message) => {
    expect(() => bucket(properties)).toThrow(message);
  });

  it('with versions is refused by the loader', () => {
    const { properties } = new Bench().world.service('s3').resources.find(({ type }) => type === 'AWS::S3::Bucket')!;
    const check = properties.VersioningConfiguration as (value: unknown) => string | undefined;
    expect(check({ Status: 'Enabled' })).toMatch(/versioning is not simulated/);
    expect(check({ Status: 'Suspended' })).toBeUndefined();
  });
});
