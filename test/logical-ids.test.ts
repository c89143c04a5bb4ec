import { Stack } from 'aws-cdk-lib';
import { CfnUserPool } from 'aws-cdk-lib/aws-cognito';
import { AttributeType, CfnTable, Table } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type Kept, losses, stackWithPaths } from './logical-ids';

/** The guard itself: what a pattern's `logical-ids.test.ts` says when something happens to what it keeps. */

let stack: Stack;
let pattern: Construct;

beforeEach(() => {
  stack = stackWithPaths();
  pattern = new Construct(stack, 'Outbox');
  new Table(stack, 'OfTheUser', { partitionKey: { name: 'id', type: AttributeType.STRING } });
});

const rows = (id: string = 'Rows') => new Table(pattern, id, { partitionKey: { name: 'pk', type: AttributeType.STRING } });
const KEPT: Readonly<Record<string, Kept>> = {
  OutboxRows01A4F0C4: { type: 'AWS::DynamoDB::Table', path: 'Outbox/Rows', holds: 'events that are not yet published' },
};
const LOSS = 'CloudFormation would make a new, empty table, and delete the old one or leave it behind. Its users would lose: events that are not yet published';

it('says nothing as long as everything is where it was, and nothing of what is not the pattern', () => {
  rows();
  expect(losses(KEPT, stack, [pattern])).toEqual([]);
});

it('says what is lost with a table whose construct has another id, and which one it may be now', () => {
  rows('Events');
  const [lost, added] = losses(KEPT, stack, [pattern]);
  expect(lost).toMatch(/^OutboxRows01A4F0C4 \(AWS::DynamoDB::Table, Outbox\/Rows\) has another logical id now, or is gone \(new: OutboxEvents[0-9A-F]{8}, Outbox\/Events\): /);
  expect(lost).toContain(LOSS);
  expect(added).toContain('Outbox/Events is new and holds state');
});

it('says what is lost with a logical id that was overridden under the same construct', () => {
  (rows().node.defaultChild as CfnTable).overrideLogicalId('Elsewhere');
  expect(losses(KEPT, stack, [pattern])[0]).toContain(`has another logical id now, or is gone (new: Elsewhere, Outbox/Rows): ${LOSS}`);
});

it('says what is lost when nothing has come in its place', () => {
  expect(losses(KEPT, stack, [pattern])).toEqual([`OutboxRows01A4F0C4 (AWS::DynamoDB::Table, Outbox/Rows) has another logical id now, or is gone: ${LOSS}`]);
});

it('asks for what a new resource holds', () => {
  rows();
  const queue = new Queue(pattern, 'Letters');
  const id = stack.getLogicalId(queue.node.defaultChild as never);
  expect(losses(KEPT, stack, [pattern])).toEqual([
    'Outbox/Letters is new and holds state: add it to logical-ids.json with what that is\n'
    + `  "${id}": {"type":"AWS::SQS::Queue","path":"Outbox/Letters","holds":"…"}`,
  ]);
});

it('says what is lost with a name that others know', () => {
  const bus = new EventBus(pattern, 'Bus', { eventBusName: 'orders' });
  const id = stack.getLogicalId(bus.node.defaultChild as never);
  const kept = (name: string) => ({ [id]: { type: 'AWS::Events::EventBus', path: 'Outbox/Bus', name, holds: 'the rules of others' } });
  expect(losses(kept('orders'), stack, [pattern])).toEqual([]);
  expect(losses(kept('shop'), stack, [pattern])).toEqual([expect.stringMatching(/Outbox\/Bus\) was named shop, and is orders now: .* lose: the rules of others$/)]);
});

it('wants to know of each type of resource whether it holds state', () => {
  new CfnUserPool(pattern, 'Users');
  expect(losses({}, stack, [pattern])).toEqual(['Outbox/Users is of type AWS::Cognito::UserPool: say in test/logical-ids.ts whether that holds state']);
});
