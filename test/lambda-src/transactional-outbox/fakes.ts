import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import type { Publisher, PublishOutcome } from '../../../lambda-src/transactional-outbox/destinations/publisher';
import type { RowOrigin } from '../../../lambda-src/transactional-outbox/envelope';
import type { ParkedAggregate, ParkedKeys, Refusal, SeenParked } from '../../../lambda-src/transactional-outbox/parked-keys';
import type { TypedItem } from '../../../lambda-src/transactional-outbox/plain-json';
import type { OutboxEnvelope } from '../../../src/transactional-outbox/contract';

export const ORIGIN: RowOrigin = { kind: 'ROWS', source: 'shop.orders', tableName: 'outbox', payloadFormat: 'TEXT' };
export const NOON = Date.parse('2026-11-20T12:00:00Z');

export const PARKED_AT = new Date(NOON).toISOString();

/** An error as an AWS client throws it. */
export function awsError(name: string, message: string = 'no comment'): Error {
  return Object.assign(new Error(message), { name });
}

/** A row as DynamoDB types it: the n-th event of an aggregate, a minute after the one before. */
export function row(pk: string, n: number, attributes: Record<string, TypedItem[string] | undefined> = {}): TypedItem {
  const item = {
    pk: { S: pk },
    sk: { S: String(n).padStart(20, '0') },
    eventId: { S: `${pk}/${n}` },
    type: { S: 'OrderPlaced' },
    payload: { S: `{"n":${n}}` },
    payloadRef: { S: '' },
    occurredAt: { S: new Date(NOON + n * 60_000).toISOString() },
    traceParent: { S: '' },
    expiresAt: { N: String(NOON / 1000 + 604_800) },
    ...attributes,
  };
  return Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined)) as TypedItem;
}

export function inserted(image: TypedItem): DynamoDBRecord {
  const id = `${image.pk?.S}/${image.sk?.S}`;
  return { eventID: `stream:${id}`, eventName: 'INSERT', dynamodb: { NewImage: image as never, ApproximateCreationDateTime: NOON / 1000 } };
}

/** Takes all events but those that a test says something else of: a reason refuses, an error is thrown. */
export class FakeDestination implements Publisher {
  readonly published: string[] = [];
  readonly envelopes: OutboxEnvelope[] = [];
  before?: (envelope: OutboxEnvelope) => void;

  constructor(readonly answers: Record<string, string | Error> = {}) {}

  async publish(envelope: OutboxEnvelope): Promise<PublishOutcome> {
    this.before?.(envelope);
    const answer = this.answers[envelope.id];
    if (typeof answer === 'string') return { refused: answer };
    if (answer) throw answer;
    this.published.push(envelope.id);
    this.envelopes.push(envelope);
    return 'PUBLISHED';
  }
}

/** Parked aggregates in memory; `before` runs before each call, as somebody else might. */
export class FakeParkedKeys {
  readonly items = new Map<string, ParkedAggregate & { readonly eventId?: string; readonly reason?: string }>();
  before: (call: 'open' | 'mustWait' | 'park', aggregate: string) => void = () => {};

  asParkedKeys(): ParkedKeys {
    return this as unknown as ParkedKeys;
  }

  async find(aggregate: string) {
    return this.items.get(aggregate);
  }

  async mustWait(aggregate: string, sortKey: string): Promise<boolean> {
    this.before('mustWait', aggregate);
    const parked = this.items.get(aggregate);
    if (parked && sortKey < parked.since) this.items.set(aggregate, { ...parked, since: sortKey });
    return this.count(aggregate);
  }

  async park({ aggregate, since, eventId, reason }: Refusal): Promise<void> {
    this.before('park', aggregate);
    this.items.set(aggregate, { since, eventId, reason, waiting: 0, parkedAt: PARKED_AT });
  }

  async open(aggregate: string, { waiting, parkedAt }: SeenParked): Promise<boolean> {
    this.before('open', aggregate);
    const parked = this.items.get(aggregate);
    if (parked?.waiting !== waiting || parked.parkedAt !== parkedAt) return false;
    return this.items.delete(aggregate);
  }

  /** What the relay does with one more event. */
  count(aggregate: string): boolean {
    const parked = this.items.get(aggregate);
    if (parked) this.items.set(aggregate, { ...parked, waiting: parked.waiting + 1 });
    return parked !== undefined;
  }
}

/** Rows or items in the order of their keys; a page has `pageSize` of them. */
export class FakeTable {
  readonly calls: Record<string, any>[] = [];

  constructor(readonly items: TypedItem[], readonly pageSize: number = 3, readonly keyNames: readonly string[] = ['pk', 'sk']) {}

  client(): DynamoDBClient {
    return this as unknown as DynamoDBClient;
  }

  async send({ input, constructor }: { input: Record<string, any>; constructor: { name: string } }) {
    this.calls.push(input);
    if (constructor.name === 'DescribeTableCommand') return { Table: { KeySchema: this.keyNames.map((AttributeName) => ({ AttributeName })) } };
    const pk = input.ExpressionAttributeValues?.[':pk']?.S as string | undefined;
    const since = input.ExpressionAttributeValues?.[':since']?.S as string | undefined;
    const matching = this.items
      .filter((item) => (pk === undefined || item.pk!.S === pk) && (since === undefined || item.sk!.S! >= since))
      .sort((one, other) => (this.order(one) < this.order(other) ? -1 : 1));
    const behind = matching.filter((item) => !input.ExclusiveStartKey || this.order(item) > this.order(input.ExclusiveStartKey));
    const Items = behind.slice(0, this.pageSize);
    const last = Items.at(-1);
    return { Items, ...(last && Items.length === this.pageSize && { LastEvaluatedKey: this.keyOf(last) }) };
  }

  private keyOf(item: TypedItem): TypedItem {
    return Object.fromEntries(this.keyNames.map((name) => [name, item[name]!]));
  }

  private order(item: TypedItem): string {
    return this.keyNames.map((name) => item[name]!.S ?? item[name]!.N).join('\u0000');
  }
}

/** Time that passes only while somebody sleeps. */
export class FakeClock {
  constructor(private time: number = NOON) {}

  readonly now = () => this.time;

  readonly sleep = async (ms: number) => {
    this.time += ms;
  };
}
