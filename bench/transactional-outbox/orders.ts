import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, type StreamViewType, Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { Random } from '../../simulator/src';

/** Bytes of the JSON text that an event carries. */
export const DOCUMENT_BYTES = 1_000;
export const ORDERS = 'Orders';

/** A state of an order, and what its event tells. */
export interface Order {
  readonly orderId: string;
  readonly version: number;
  /** JSON text. */
  readonly document: string;
}

/** The `index`th change of a shop with so many orders: each has its turn. */
export function orderAt(index: number, orders: number): Order {
  return newOrder(idOf(index % orders), Math.floor(index / orders) + 1);
}

/** Without likeness to each other, so that they scatter over the shards. */
function idOf(index: number): string {
  return new Random(`bench/transactional-outbox/order/${index}`).uuid();
}

export function newOrder(orderId: string, version: number): Order {
  const known = { orderId, version, customer: 'James Eastham', total: 567.98, note: '' };
  const note = 'x'.repeat(DOCUMENT_BYTES - JSON.stringify(known).length);
  return { orderId, version, document: JSON.stringify({ ...known, note }) };
}

/** What names the event of an order's state in every design. */
export function nameOf({ orderId, version }: Pick<Order, 'orderId' | 'version'>): string {
  return `${orderId}/${version}`;
}

export function ordersTable(scope: Construct, stream?: StreamViewType): Table {
  return new Table(scope, ORDERS, {
    partitionKey: { name: 'orderId', type: AttributeType.STRING },
    billingMode: BillingMode.PAY_PER_REQUEST,
    stream,
    removalPolicy: RemovalPolicy.DESTROY,
  });
}
