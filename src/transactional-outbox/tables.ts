import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, StreamViewType, Table, TableEncryption, TableProps } from 'aws-cdk-lib/aws-dynamodb';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { PARKED, ROW } from './contract';

export interface OutboxTableProps {
  readonly encryptionKey?: IKey;
  readonly removalPolicy?: RemovalPolicy;
}

/** The outbox: one item for each event. */
export function rowsTable(scope: Construct, id: string, props: OutboxTableProps): Table {
  return new Table(scope, id, {
    ...securely(props),
    partitionKey: { name: ROW.PARTITION_KEY, type: AttributeType.STRING },
    sortKey: { name: ROW.SORT_KEY, type: AttributeType.STRING },
    stream: StreamViewType.NEW_IMAGE,
    timeToLiveAttribute: ROW.EXPIRES_AT,
  });
}

/** One item for each aggregate that is parked. */
export function parkedKeysTable(scope: Construct, id: string, props: OutboxTableProps): Table {
  return new Table(scope, id, { ...securely(props), partitionKey: { name: PARKED.PARTITION_KEY, type: AttributeType.STRING } });
}

function securely({ encryptionKey, removalPolicy }: OutboxTableProps): Omit<TableProps, 'partitionKey'> {
  return {
    billingMode: BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    encryption: encryptionKey ? TableEncryption.CUSTOMER_MANAGED : TableEncryption.DEFAULT,
    encryptionKey,
    removalPolicy: removalPolicy ?? RemovalPolicy.RETAIN,
  };
}
