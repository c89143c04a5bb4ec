import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { ITable, Table } from 'aws-cdk-lib/aws-dynamodb';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { grantPutPayloads } from './claim-checks';
import { ChangeTypes, ENV, PAYLOAD_LIMIT_BYTES, PayloadFormatName, SourceKind } from './contract';
import { BoundDestination } from './destination';
import { EnrichFunction } from './enrich-function';
import { RelayFunction } from './relay-function';
import { grantTableActions } from '../shared/grants';
import { handlerFunction } from '../shared/handler-function';

/** What all handlers of an outbox know of it. */
export interface HandledOutbox {
  readonly outboxName: string;
  readonly eventSource: string;
  readonly sourceKind: SourceKind;
  readonly changeTypes?: ChangeTypes;
  readonly payloadFormat: PayloadFormatName;
  readonly table: ITable;
  readonly parkedKeys?: Table;
  readonly destination: BoundDestination;
  readonly claimCheckBucket: IBucket;
  readonly logRetention: RetentionDays;
  readonly encryptionKey?: IKey;
  readonly removalPolicy?: RemovalPolicy;
}

/** For ten items of 400 kB, old and new. */
const ENRICH_TIMEOUT = Duration.seconds(30);
/** A pipe waits five minutes for its target. @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-event-target.html */
const RELAY_TIMEOUT = Duration.minutes(4);
const MEMORY_SIZE = 512;

/** The environment of every handler. */
export function handlerEnvironment(outbox: HandledOutbox): { [name: string]: string } {
  return {
    [ENV.OUTBOX_NAME]: outbox.outboxName,
    [ENV.EVENT_SOURCE]: outbox.eventSource,
    [ENV.SOURCE_KIND]: outbox.sourceKind,
    ...(outbox.changeTypes && { [ENV.CHANGE_TYPES]: JSON.stringify(outbox.changeTypes) }),
    [ENV.PAYLOAD_FORMAT]: outbox.payloadFormat,
    [ENV.TABLE_NAME]: outbox.table.tableName,
    ...(outbox.parkedKeys && { [ENV.PARKED_TABLE_NAME]: outbox.parkedKeys.tableName }),
    [ENV.DESTINATION_KIND]: outbox.destination.kind,
    [ENV.DESTINATION]: outbox.destination.address,
    [ENV.CLAIM_CHECK_BUCKET]: outbox.claimCheckBucket.bucketName,
    [ENV.PAYLOAD_LIMIT_BYTES]: String(PAYLOAD_LIMIT_BYTES),
  };
}

/** Makes envelopes of records for the pipe. */
export function enrichFunction(scope: Construct, id: string, outbox: HandledOutbox): LambdaFunction {
  const enrich = handlerFunction(scope, id, EnrichFunction, {
    ...outbox,
    description: `${id} of ${outbox.outboxName}`,
    timeout: ENRICH_TIMEOUT,
    memorySize: MEMORY_SIZE,
    environment: handlerEnvironment(outbox),
  });
  // Rows have their claim checks already.
  if (outbox.sourceKind === 'CHANGES') grantPutPayloads(outbox.claimCheckBucket, enrich);
  return enrich;
}

/** Publishes in place of the pipe, aggregate by aggregate. */
export function relayFunction(scope: Construct, id: string, outbox: HandledOutbox & { readonly parkedKeys: Table }): LambdaFunction {
  const relay = handlerFunction(scope, id, RelayFunction, {
    ...outbox,
    description: `${id} of ${outbox.outboxName}`,
    timeout: RELAY_TIMEOUT,
    memorySize: MEMORY_SIZE,
    environment: handlerEnvironment(outbox),
  });
  grantTableActions(outbox.parkedKeys, relay, 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem');
  outbox.destination.grantPublish(relay);
  return relay;
}
