/** The API of DynamoDB Streams. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB_Streams.html */
import { decodeIterator, encodeIterator } from './iterator';
import type { Shard } from './shard';
import type { Stream } from './stream';
import type { Streams } from './streams';
import type { AccessRequest } from '../../../iam/principal';
import { type Operation, ServiceError, type World } from '../../../service';
import { validationError } from '../errors';
import { checkMembers, oneOf, wholeNumber } from '../operations/input';
import { keyAttributes } from '../schema';

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetRecords.html */
const MOST_RECORDS = 1000;
const MOST_BYTES = 1024 * 1024;
const ITERATOR_TYPES = ['TRIM_HORIZON', 'LATEST', 'AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER'] as const;

export function streamOperations(world: World, streams: Streams, keyAccess: (tableName: string) => AccessRequest[]): Record<string, Operation> {
  const on = (action: string, arnOf: (input: any) => string = (input) => String(input?.StreamArn)) => (input: any): AccessRequest[] => [
    { action: `dynamodb:${action}`, resource: arnOf(input) },
    // A customer managed key is needed for the records, not for their places.
    ...(action === 'GetRecords' ? keyAccess(tableOf(arnOf(input))) : []),
  ];
  return {
    ListStreams: {
      access: () => [{ action: 'dynamodb:ListStreams', resource: '*' }],
      readOnly: true,
      handle: (input) => listStreams(streams, input ?? {}),
    },
    DescribeStream: {
      access: on('DescribeStream'),
      readOnly: true,
      handle: (input) => describeStream(streams, input ?? {}),
    },
    GetShardIterator: {
      access: on('GetShardIterator'),
      readOnly: true,
      handle: (input) => getShardIterator(world, streams, input ?? {}),
    },
    GetRecords: {
      access: on('GetRecords', (input) => decodeIterator(input?.ShardIterator)?.streamArn ?? '*'),
      readOnly: true,
      handle: (input) => getRecords(world, streams, input ?? {}),
    },
  };
}

function listStreams(streams: Streams, input: any) {
  checkMembers('ListStreams', input, ['TableName', 'ExclusiveStartStreamArn', 'Limit']);
  const limit = input.Limit === undefined ? 100 : wholeNumber(input.Limit, 'limit', 1, 100);
  const all = streams.all().filter(({ definition }) => input.TableName === undefined || definition.tableName === input.TableName);
  const last = input.ExclusiveStartStreamArn;
  const start = last === undefined ? 0 : all.findIndex(({ definition }) => definition.arn === last) + 1;
  const page = all.slice(start, start + limit);
  return {
    Streams: page.map(({ definition: { arn, tableName, label } }) => ({ StreamArn: arn, TableName: tableName, StreamLabel: label })),
    ...(start + limit < all.length && { LastEvaluatedStreamArn: page[page.length - 1].definition.arn }),
  };
}

function describeStream(streams: Streams, input: any) {
  checkMembers('DescribeStream', input, ['StreamArn', 'ExclusiveStartShardId', 'Limit']);
  const { definition, shards } = streams.get(input.StreamArn);
  const limit = input.Limit === undefined ? 100 : wholeNumber(input.Limit, 'limit', 1, 100);
  const start = input.ExclusiveStartShardId === undefined ? 0 : shards.findIndex(({ id }) => id === input.ExclusiveStartShardId) + 1;
  const page = shards.slice(start, start + limit);
  return {
    StreamDescription: {
      StreamArn: definition.arn,
      StreamLabel: definition.label,
      StreamStatus: 'ENABLED',
      StreamViewType: definition.viewType,
      CreationRequestDateTime: new Date(definition.createdAt),
      TableName: definition.tableName,
      KeySchema: keyAttributes(definition.key).map(({ name }, index) => ({ AttributeName: name, KeyType: index === 0 ? 'HASH' : 'RANGE' })),
      // Open shards have no ending sequence number.
      Shards: page.map((shard) => ({ ShardId: shard.id, SequenceNumberRange: { StartingSequenceNumber: shard.sequenceNumber(0) } })),
      ...(start + limit < shards.length && { LastEvaluatedShardId: page[page.length - 1].id }),
    },
  };
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetShardIterator.html */
function getShardIterator(world: World, streams: Streams, input: any) {
  checkMembers('GetShardIterator', input, ['StreamArn', 'ShardId', 'ShardIteratorType', 'SequenceNumber']);
  const stream = streams.get(input.StreamArn);
  const shard = shardOf(stream, input.ShardId);
  const type = oneOf(input.ShardIteratorType ?? 'null', 'shardIteratorType', ITERATOR_TYPES, 'LATEST');
  const ordinal = startOf(shard, type, input.SequenceNumber, world.kernel.now);
  return { ShardIterator: encodeIterator({ streamArn: stream.definition.arn, shardId: shard.id, ordinal, issuedAt: world.kernel.now }) };
}

function startOf(shard: Shard, type: typeof ITERATOR_TYPES[number], sequenceNumber: unknown, now: number): number {
  if (type === 'TRIM_HORIZON') return shard.first;
  if (type === 'LATEST') return shard.readableEnd(now);
  if (typeof sequenceNumber !== 'string' || !/^\d{21,40}$/.test(sequenceNumber)) {
    throw validationError(`Value '${String(sequenceNumber)}' at 'sequenceNumber' failed to satisfy constraint: ${type} needs a sequence number of 21 to 40 digits`);
  }
  const ordinal = shard.ordinalOf(sequenceNumber);
  if (ordinal < 0 || ordinal >= shard.end) throw validationError(`Invalid SequenceNumber: ${sequenceNumber} is no record of shard ${shard.id}`);
  if (ordinal < shard.first) throw trimmed();
  return type === 'AT_SEQUENCE_NUMBER' ? ordinal : ordinal + 1;
}

function getRecords(world: World, streams: Streams, input: any) {
  checkMembers('GetRecords', input, ['ShardIterator', 'Limit']);
  const limit = input.Limit === undefined ? MOST_RECORDS : wholeNumber(input.Limit, 'limit', 1, MOST_RECORDS);
  const iterator = decodeIterator(input.ShardIterator);
  if (!iterator) throw validationError('Invalid ShardIterator');
  const stream = streams.get(iterator.streamArn);
  const shard = shardOf(stream, iterator.shardId);
  if (world.kernel.now - iterator.issuedAt > 15 * 60_000) {
    throw new ServiceError('ExpiredIteratorException', 'The provided iterator exceeds the maximum age allowed: a shard iterator expires 15 minutes after it is issued.');
  }
  if (iterator.ordinal < shard.first) throw trimmed();
  const { records, next } = stream.read(shard, iterator.ordinal, limit, MOST_BYTES);
  return { Records: records, NextShardIterator: encodeIterator({ ...iterator, ordinal: next, issuedAt: world.kernel.now }) };
}

function shardOf(stream: Stream, shardId: unknown): Shard {
  const shard = stream.shard(shardId);
  if (!shard) {
    throw new ServiceError('ResourceNotFoundException', `Requested resource not found: Shard does not exist: ${String(shardId)} in ${stream.definition.arn}`);
  }
  return shard;
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetRecords.html#API_streams_GetRecords_Errors */
function trimmed(): ServiceError {
  return new ServiceError('TrimmedDataAccessException', 'The operation attempted to read past the oldest stream record in a shard.');
}

function tableOf(streamArn: string): string {
  return streamArn.split('/')[1] ?? '';
}
