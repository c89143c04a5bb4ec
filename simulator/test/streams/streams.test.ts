import { HOUR, item, STREAM_ARN, StreamWorld, TABLE, TABLE_ARN } from './stream-world';

const VALUE = (n: number) => ({ value: { N: String(n) } });

describe('DynamoDB Streams', () => {
  it('carries each change once, with its images, in the shape of the API', async () => {
    const world = new StreamWorld();
    await world.put('a', 1, VALUE(1));
    await world.put('a', 1, VALUE(2));
    await world.call('DeleteItem', { TableName: 'Items', Key: item('a', 1) });
    await world.pass(2000);
    const records = await world.records();
    expect(records.map(({ eventName }) => eventName)).toEqual(['INSERT', 'MODIFY', 'REMOVE']);
    expect(records[1]).toEqual({
      eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
      eventName: 'MODIFY',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: 'us-east-1',
      dynamodb: {
        ApproximateCreationDateTime: new Date(Date.UTC(2026, 0, 1)),
        Keys: item('a', 1),
        NewImage: item('a', 1, VALUE(2)),
        OldImage: item('a', 1, VALUE(1)),
        SequenceNumber: expect.stringMatching(/^\d{21}$/),
        SizeBytes: 35,
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
    });
    expect(records[0].dynamodb.OldImage).toBeUndefined();
    expect(records[2].dynamodb.NewImage).toBeUndefined();
    const numbers = records.map(({ dynamodb }) => dynamodb.SequenceNumber);
    expect([...numbers].sort()).toEqual(numbers);
    expect(new Set(numbers).size).toBe(3);
  });

  it.each([
    ['KEYS_ONLY', false, false], ['NEW_IMAGE', true, false], ['OLD_IMAGE', false, true], ['NEW_AND_OLD_IMAGES', true, true],
  ])('shows with %s a new image: %s, an old image: %s', async (StreamViewType, hasNew, hasOld) => {
    const world = new StreamWorld({ StreamSpecification: { StreamViewType } });
    await world.put('a', 1, VALUE(1));
    await world.put('a', 1, VALUE(2));
    await world.pass(2000);
    const { dynamodb } = (await world.records())[1];
    expect('NewImage' in dynamodb).toBe(hasNew);
    expect('OldImage' in dynamodb).toBe(hasOld);
    expect(dynamodb.Keys).toEqual(item('a', 1));
  });

  it('leaves no record of a write that changes nothing', async () => {
    const world = new StreamWorld();
    await world.put('a', 1, VALUE(1));
    await world.put('a', 1, VALUE(1));
    await world.call('DeleteItem', { TableName: 'Items', Key: item('b', 1) });
    await world.pass(2000);
    expect(await world.records()).toHaveLength(1);
  });

  it('tells who removed an item whose time to live was over, and nobody else', async () => {
    const world = new StreamWorld();
    await world.put('a', 1, { expires: { N: String(Date.UTC(2026, 0, 1, 1) / 1000) } });
    await world.put('b', 1);
    await world.call('DeleteItem', { TableName: 'Items', Key: item('b', 1) });
    const removed: any[] = [];
    for (let hour = 0; hour < 60 && removed.length < 2; hour += 6) {
      await world.pass(6 * HOUR);
      removed.push(...(await world.records()).filter(({ eventName, eventID }) => eventName === 'REMOVE' && !removed.some((each) => each.eventID === eventID)));
    }
    expect(removed.find(({ dynamodb }) => dynamodb.Keys.pk.S === 'a').userIdentity).toEqual({ PrincipalId: 'dynamodb.amazonaws.com', Type: 'Service' });
    expect(removed.find(({ dynamodb }) => dynamodb.Keys.pk.S === 'b').userIdentity).toBeUndefined();
  });

  it('has several shards, with all changes of one partition key in the same one and in order', async () => {
    const world = new StreamWorld();
    for (let n = 0; n < 5; n++) {
      for (const pk of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) await world.put(pk, n % 2, VALUE(n));
    }
    await world.pass(2000);
    const shards = Object.values(await world.shards());
    expect(shards.length).toBeGreaterThan(1);
    const homes = new Map<string, number>();
    shards.forEach((records, index) => {
      for (const { dynamodb: { Keys } } of records) {
        expect(homes.get(Keys.pk.S) ?? index).toBe(index);
        homes.set(Keys.pk.S, index);
      }
      const a = records.filter(({ dynamodb }) => dynamodb.Keys.pk.S === 'a').map(({ dynamodb }) => Number(dynamodb.NewImage.value.N));
      if (a.length > 0) expect(a).toEqual([0, 1, 2, 3, 4]);
    });
    expect(homes.size).toBe(8);
  });

  it('takes a while until a record can be read', async () => {
    const world = new StreamWorld({}, { latency: { 'dynamodb.stream': { median: 200, p99: 200 } } });
    await world.put('a', 1);
    expect(await world.records()).toEqual([]);
    await world.pass(250);
    expect(await world.records()).toHaveLength(1);
  });

  it('brings the records of a transaction in any order, between those of others, but each item\'s in its own', async () => {
    const orders = new Set<string>();
    for (let seed = 0; seed < 20; seed++) {
      const world = new StreamWorld({}, { seed });
      await world.transact(item('a', 1), item('a', 2), item('a', 3));
      await world.transact(item('a', 1, VALUE(1)), item('a', 2, VALUE(1)));
      await world.pass(2000);
      const records = await world.records();
      orders.add(records.slice(0, 3).map(({ dynamodb }) => dynamodb.Keys.sk.N).join());
      for (const sk of ['1', '2']) {
        const own = records.filter(({ dynamodb }) => dynamodb.Keys.sk.N === sk);
        expect(own.map(({ eventName }) => eventName)).toEqual(['INSERT', 'MODIFY']);
      }
    }
    expect(orders.size).toBeGreaterThan(1);
  });

  it('publishes nothing of a transaction that is cancelled', async () => {
    const world = new StreamWorld();
    await world.put('a', 1);
    await expect(world.call('TransactWriteItems', {
      TransactItems: [
        { Put: { TableName: 'Items', Item: item('b', 1) } },
        { Put: { TableName: 'Items', Item: item('a', 1, VALUE(9)), ConditionExpression: 'attribute_not_exists(pk)' } },
      ],
    })).rejects.toMatchObject({ name: 'TransactionCanceledException' });
    await world.pass(2000);
    expect(await world.records()).toHaveLength(1);
  });
});

describe('reading a stream', () => {
  it('starts where the iterator says', async () => {
    const world = new StreamWorld();
    for (let n = 1; n <= 3; n++) await world.put('a', 1, VALUE(n));
    await world.pass(2000);
    const [[shard, records]] = Object.entries(await world.shards());
    const latest = await world.iterator(shard, 'LATEST');
    const from = async (ShardIterator: string) => (await world.call('GetRecords', { ShardIterator })).Records.map((each: any) => each.dynamodb.NewImage.value.N);
    const second = records[1].dynamodb.SequenceNumber;
    expect(await from(await world.iterator(shard, 'TRIM_HORIZON'))).toEqual(['1', '2', '3']);
    expect(await from(await world.iterator(shard, 'AT_SEQUENCE_NUMBER', second))).toEqual(['2', '3']);
    expect(await from(await world.iterator(shard, 'AFTER_SEQUENCE_NUMBER', second))).toEqual(['3']);
    expect(await from(latest)).toEqual([]);
    await world.put('a', 1, VALUE(4));
    await world.pass(2000);
    expect(await from(latest)).toEqual(['4']);
  });

  it('goes on with the next iterator, a limit at a time', async () => {
    const world = new StreamWorld();
    for (let n = 1; n <= 3; n++) await world.put('a', 1, VALUE(n));
    await world.pass(2000);
    const [shard] = Object.keys(await world.shards());
    const first = await world.call('GetRecords', { ShardIterator: await world.iterator(shard), Limit: 2 });
    const second = await world.call('GetRecords', { ShardIterator: first.NextShardIterator, Limit: 2 });
    expect([first, second].map(({ Records }) => Records.length)).toEqual([2, 1]);
  });

  it('answers at most 1 MB', async () => {
    const world = new StreamWorld();
    for (let n = 1; n <= 4; n++) await world.put('a', n, { text: { S: 'x'.repeat(390_000) } });
    await world.pass(2000);
    const [shard] = Object.keys(await world.shards());
    expect((await world.call('GetRecords', { ShardIterator: await world.iterator(shard) })).Records).toHaveLength(2);
  });

  it('forgets records after 24 hours, and refuses iterators below that', async () => {
    const world = new StreamWorld();
    await world.put('a', 1, VALUE(1));
    await world.pass(24 * HOUR - 10 * 60_000);
    const [[shard, [old]]] = Object.entries(await world.shards());
    const iterator = await world.iterator(shard);
    await world.put('a', 1, VALUE(2));
    await world.pass(11 * 60_000);
    await expect(world.call('GetRecords', { ShardIterator: iterator })).rejects.toMatchObject({ name: 'TrimmedDataAccessException' });
    await expect(world.iterator(shard, 'AFTER_SEQUENCE_NUMBER', old.dynamodb.SequenceNumber)).rejects.toMatchObject({ name: 'TrimmedDataAccessException' });
    expect((await world.records()).map(({ dynamodb }) => dynamodb.NewImage.value.N)).toEqual(['2']);
  });

  it('refuses an iterator that is older than 15 minutes', async () => {
    const world = new StreamWorld();
    const [shard] = await world.shardIds();
    const ShardIterator = await world.iterator(shard);
    await world.pass(14 * 60_000);
    const { NextShardIterator } = await world.call('GetRecords', { ShardIterator });
    await world.pass(2 * 60_000);
    await expect(world.call('GetRecords', { ShardIterator })).rejects.toMatchObject({ name: 'ExpiredIteratorException' });
    await world.call('GetRecords', { ShardIterator: NextShardIterator });
  });

  it('refuses what does not exist', async () => {
    const world = new StreamWorld();
    await expect(world.call('DescribeStream', { StreamArn: `${TABLE_ARN}/stream/other` })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(world.iterator('shardId-00000000000000000000-00000000')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    const [shard] = await world.shardIds();
    await expect(world.iterator(shard, 'AT_SEQUENCE_NUMBER', '999999999999999999999')).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(world.iterator(shard, 'SOMEWHERE')).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(world.call('GetRecords', { ShardIterator: 'nonsense' })).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('needs permissions on the stream, and the key of an encrypted table', async () => {
    const world = new StreamWorld();
    await world.records();
    await world.call('ListStreams', {});
    const asked = new Set(world.iam.requests.map(({ request }) => `${request.action} ${request.resource}`));
    expect(asked).toEqual(new Set([
      `dynamodb:DescribeStream ${STREAM_ARN}`, `dynamodb:GetShardIterator ${STREAM_ARN}`, `dynamodb:GetRecords ${STREAM_ARN}`, 'dynamodb:ListStreams *',
    ]));
    const encrypted = new StreamWorld({ SSESpecification: { SSEEnabled: true, KMSMasterKeyId: 'arn:aws:kms:us-east-1:123456789012:key/k' } });
    await encrypted.records();
    expect(encrypted.iam.requests.map(({ request }) => request.action)).toContain('kms:Decrypt');
  });

  it('describes tables and streams', async () => {
    const world = new StreamWorld();
    expect((await world.call('DescribeTable', { TableName: 'Items' })).Table).toMatchObject({
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' }, LatestStreamArn: STREAM_ARN, LatestStreamLabel: '2026-01-01T00:00:00.000',
    });
    expect(await world.call('ListStreams', { TableName: 'Items' })).toEqual({
      Streams: [{ StreamArn: STREAM_ARN, TableName: 'Items', StreamLabel: '2026-01-01T00:00:00.000' }],
    });
    expect((await world.call('DescribeStream', { StreamArn: STREAM_ARN, Limit: 1 })).StreamDescription).toMatchObject({
      StreamStatus: 'ENABLED', TableName: 'Items', KeySchema: TABLE.KeySchema, LastEvaluatedShardId: expect.stringMatching(/^shardId-\d{20}-[0-9a-f]{8}$/),
    });
  });

  it('gives the template the ARN of the stream, and refuses an unknown view type', () => {
    const world = new StreamWorld();
    expect(world.create('AWS::DynamoDB::Table', { ...TABLE, TableName: 'More' }).attributes?.StreamArn).toBe(STREAM_ARN.replace('Items', 'More'));
    expect(world.create('AWS::DynamoDB::Table', { ...TABLE, TableName: 'None', StreamSpecification: undefined }).attributes?.StreamArn).toBeUndefined();
    expect(() => world.create('AWS::DynamoDB::Table', { ...TABLE, TableName: 'Odd', StreamSpecification: { StreamViewType: 'ALL' } }))
      .toThrow('StreamSpecification.StreamViewType is \'ALL\'; allowed: KEYS_ONLY, NEW_IMAGE, OLD_IMAGE, NEW_AND_OLD_IMAGES');
  });
});
