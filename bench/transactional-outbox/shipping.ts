import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { handlerCode } from '../handler-code';

export const SHIPMENTS = 'Shipments';

export function nodeFunction(scope: Construct, id: string, handler: string, environment: Record<string, string>): lambda.Function {
  return new lambda.Function(scope, id, {
    runtime: lambda.Runtime.NODEJS_22_X,
    architecture: lambda.Architecture.ARM_64,
    handler: 'index.handler',
    code: handlerCode('transactional-outbox', handler),
    environment,
  });
}

/** The consumer, and the table that shows each of its effects. */
export function shipping(stack: Stack, handler: 'ship' | 'ship-once'): lambda.Function {
  const shipments = new Table(stack, SHIPMENTS, {
    partitionKey: { name: 'id', type: AttributeType.STRING },
    billingMode: BillingMode.PAY_PER_REQUEST,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const ship = nodeFunction(stack, 'Ship', handler, { SHIPMENTS: shipments.tableName });
  shipments.grant(ship, 'dynamodb:UpdateItem');
  return ship;
}

/** Longer than the consumer may run. */
export const VISIBILITY_TIMEOUT = Duration.seconds(30);
