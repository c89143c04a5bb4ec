import { RemovalPolicy } from 'aws-cdk-lib';
import { BillingMode, Table, TableEncryption, TableProps } from 'aws-cdk-lib/aws-dynamodb';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

export interface SecureTableProps extends Pick<TableProps, 'partitionKey' | 'sortKey' | 'stream' | 'timeToLiveAttribute'> {
  readonly encryptionKey?: IKey;
  readonly removalPolicy?: RemovalPolicy;
}

/** A table that is paid by the request, encrypted, recoverable to any second of 35 days, and outlives its stack unless told otherwise. */
export function secureTable(scope: Construct, id: string, props: SecureTableProps): Table {
  return new Table(scope, id, {
    ...props,
    billingMode: BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    encryption: props.encryptionKey ? TableEncryption.CUSTOMER_MANAGED : TableEncryption.DEFAULT,
    removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
  });
}
