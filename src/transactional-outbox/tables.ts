import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, StreamViewType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { PARKED, ROW } from './contract';
import { secureTable } from '../shared/tables';

export interface OutboxTableProps {
  readonly encryptionKey?: IKey;
  readonly removalPolicy?: RemovalPolicy;
}

/** The outbox: one item for each event. */
export function rowsTable(scope: Construct, id: string, { encryptionKey, removalPolicy }: OutboxTableProps): Table {
  return secureTable(scope, id, {
    encryptionKey,
    removalPolicy,
    partitionKey: { name: ROW.PARTITION_KEY, type: AttributeType.STRING },
    sortKey: { name: ROW.SORT_KEY, type: AttributeType.STRING },
    stream: StreamViewType.NEW_IMAGE,
    timeToLiveAttribute: ROW.EXPIRES_AT,
  });
}

/** One item for each aggregate that is parked. */
export function parkedKeysTable(scope: Construct, id: string, { encryptionKey, removalPolicy }: OutboxTableProps): Table {
  return secureTable(scope, id, { encryptionKey, removalPolicy, partitionKey: { name: PARKED.PARTITION_KEY, type: AttributeType.STRING } });
}
