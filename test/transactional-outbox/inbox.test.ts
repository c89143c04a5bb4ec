import { mkdtempSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { Key } from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';
import { type FaultPlan, ScriptedFaults, type Simulation } from '../../simulator/src';
import { Inbox, InboxProps, OutboxDestination, TransactionalOutbox, TransactionalOutboxProps } from '../../src';
import { envelopeOf } from '../runtime-src/transactional-outbox/envelope';
import { inlineFunction, newStack } from '../scatter-gather/fixtures';
import { duplicating, itemsOf, simulate } from '../simulate';

const ROOT = path.join(__dirname, '../..');

function outboxOf(stack: Stack, props: Partial<TransactionalOutboxProps> = {}): TransactionalOutbox {
  return new TransactionalOutbox(stack, 'Outbox', { destination: OutboxDestination.eventBus(new EventBus(stack, 'Bus')), ...props });
}

function inboxTable(props: InboxProps = {}, stack = newStack()) {
  new Inbox(stack, 'Inbox', props);
  return Object.values(Template.fromStack(stack).findResources('AWS::DynamoDB::Table', { Properties: { AttributeDefinitions: [{ AttributeName: 'id' }] } }))[0];
}

describe('the table of an inbox', () => {
  it("has the names that are Powertools' defaults, is billed by request, recoverable, and outlives its stack", () => {
    expect(inboxTable()).toMatchObject({
      Properties: {
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        TimeToLiveSpecification: { AttributeName: 'expiration', Enabled: true },
        BillingMode: 'PAY_PER_REQUEST',
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      },
      DeletionPolicy: 'Retain',
    });
    expect(inboxTable().Properties.SSESpecification).toEqual({ SSEEnabled: false });
  });

  it('is encrypted with the key that is given, and goes with its stack when told so', () => {
    const stack = newStack();
    const given = inboxTable({ encryptionKey: new Key(stack, 'Key'), removalPolicy: RemovalPolicy.DESTROY }, stack);
    expect(given).toMatchObject({ Properties: { SSESpecification: { SSEEnabled: true, SSEType: 'KMS' } }, DeletionPolicy: 'Delete' });
  });
});

describe('an inbox remembers events', () => {
  it.each<[string, Duration | undefined, Duration | undefined, number]>([
    ['for 14 days', undefined, undefined, 14],
    ['for a week longer than its outbox keeps them', Duration.days(30), undefined, 37],
    ['for as long as it is told', undefined, Duration.days(3), 3],
    ['for as long as its outbox keeps them, if it is told', Duration.days(3), Duration.days(3), 3],
  ])('%s', (_, outboxRetention, retention, days) => {
    const stack = newStack();
    const outbox = outboxRetention && outboxOf(stack, { retention: outboxRetention });
    expect(new Inbox(stack, 'Inbox', { outbox, retention }).retention.toDays()).toBe(days);
  });

  it('not for a shorter time than its outbox can send them again', () => {
    const stack = newStack();
    const outbox = outboxOf(stack);
    expect(() => new Inbox(stack, 'Inbox', { outbox, retention: Duration.days(6) })).toThrow(
      "retention must be at least that of outbox 'Test/Outbox', 604800 s, received 518400 s; a replay would take effect twice [Test/Inbox]",
    );
  });

  it.each([
    [Duration.millis(500), 'retention must be whole seconds and at least 1, received 0.5 s [Test/Inbox]'],
    [Duration.seconds(0), 'retention must be whole seconds and at least 1, received 0 s [Test/Inbox]'],
  ])('and refuses %p', (retention, sentence) => {
    expect(() => new Inbox(newStack(), 'Inbox', { retention })).toThrow(sentence);
  });
});

describe('a consumer', () => {
  it('is told where to claim events and for how long, and may do just that', () => {
    const stack = newStack();
    new Inbox(stack, 'Inbox').addConsumer(inlineFunction(stack, 'Consumer'));
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { INBOX_TABLE_NAME: { Ref: Match.stringLikeRegexp('^InboxTable') }, INBOX_RETENTION_SECONDS: String(14 * 86_400) } },
    });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [{
          Effect: 'Allow',
          Action: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
          Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^InboxTable'), 'Arn'] },
        }],
      },
    });
  });

  it('may read the large payloads of the outbox', () => {
    const stack = newStack();
    new Inbox(stack, 'Inbox', { outbox: outboxOf(stack) }).addConsumer(inlineFunction(stack, 'Consumer'));
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      Roles: [{ Ref: Match.stringLikeRegexp('^Consumer') }],
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 's3:GetObject' })]) },
    });
  });

  it('has one inbox: its environment names no more', () => {
    const stack = newStack();
    const consumer = inlineFunction(stack, 'Consumer');
    const inbox = new Inbox(stack, 'Inbox');
    inbox.addConsumer(consumer);
    inbox.addConsumer(consumer);
    expect(() => new Inbox(stack, 'Other').addConsumer(consumer)).toThrow(
      "function 'Test/Consumer' is a consumer of 'Test/Inbox' already, and its environment names one inbox; use grantClaim and name the table in its code [Test/Other]",
    );
  });
});

const bundles = new Map<string, string>();

/** A consumer as its author bundles it, with the runtime library by its name. */
function bundled(name: string): string {
  const directory = bundles.get(name) ?? mkdtempSync(path.join(tmpdir(), `${name}-`));
  if (!bundles.has(name)) {
    buildSync({
      entryPoints: [path.join(__dirname, 'functions', `${name}.ts`)], outfile: path.join(directory, 'index.js'), bundle: true, platform: 'node',
      target: 'node22', external: ['@aws-sdk/*'], mainFields: ['module', 'main'], tsconfig: path.join(ROOT, 'examples/tsconfig.json'), logLevel: 'error',
    });
    bundles.set(name, directory);
  }
  return directory;
}

/** A bus, and behind it a consumer with an inbox that counts how often it has shipped an order. */
function consuming(name: string, faults?: FaultPlan): Simulation {
  return simulate((stack) => {
    const shipments = new Table(stack, 'Shipments', { partitionKey: { name: 'id', type: AttributeType.STRING } });
    const consumer = new lambda.Function(stack, 'Consumer', {
      runtime: lambda.Runtime.NODEJS_22_X, handler: 'index.handler', code: lambda.Code.fromAsset(bundled(name)), timeout: Duration.seconds(30),
      environment: { SHIPMENTS_TABLE_NAME: shipments.tableName },
    });
    shipments.grant(consumer, 'dynamodb:UpdateItem');
    new Inbox(stack, 'Inbox').addConsumer(consumer);
    const eventBus = new EventBus(stack, 'Bus');
    new Rule(stack, 'Orders', { eventBus, eventPattern: { source: ['orders'] }, targets: [new targets.LambdaFunction(consumer)] });
  }, { faults });
}

async function deliver(simulation: Simulation, ...ids: string[]) {
  for (const id of ids) {
    const row = { pk: `Order#${id}`, sk: '1', eventId: id, type: 'OrderPlaced', payload: '{"total":5}', payloadRef: '', occurredAt: '', traceParent: '', expiresAt: 1 };
    simulation.start('Bus', { 'source': 'orders', 'detail-type': row.type, 'detail': envelopeOf(row) });
  }
  await simulation.run();
}

const shipped = (simulation: Simulation) => Object.fromEntries(itemsOf(simulation, 'Shipments').map(({ id, times }) => [id, times]));
const crash = (operation: string, kind: 'crash-before' | 'crash-after') => new ScriptedFaults([{ service: 'dynamodb', operation, caller: 'Consumer', nth: 1, fault: { kind } }]);

describe.each([
  ['claimed in a transaction of the runtime library', 'ship'],
  ["claimed by Powertools' idempotency in the inbox's table", 'ship-by-powertools'],
])('an event that is %s', (_, name) => {
  it('takes effect once, however often it is delivered', async () => {
    const simulation = consuming(name, duplicating('async-invoke', 'Consumer'));
    await deliver(simulation, 'e-1');
    await deliver(simulation, 'e-1', 'e-2');
    expect(shipped(simulation)).toEqual({ 'e-1': '1', 'e-2': '1' });
    const claims = itemsOf(simulation, 'Inbox/Table');
    expect(claims).toHaveLength(2);
    for (const { expiration } of claims) expect(Number(expiration) - simulation.world.kernel.now / 1000).toBeCloseTo(14 * 86_400, -3);
    expect(simulation.report().denials).toEqual([]);
  });

  it('takes effect when the function had died before the effect', async () => {
    const simulation = consuming(name, crash(name === 'ship' ? 'TransactWriteItems' : 'PutItem', 'crash-before'));
    await deliver(simulation, 'e-1');
    expect(shipped(simulation)).toEqual({ 'e-1': '1' });
  });

  it('may do with the inbox what its grant says, and needs it', async () => {
    const simulation = consuming(name);
    await deliver(simulation, 'e-1');
    const unused = simulation.report().unusedGrants.filter((grant) => grant.name.startsWith('Consumer')).map(({ action }) => action);
    // Powertools gives an event free again that has failed (DeleteItem), and reads claims where the table does not return them (GetItem).
    const others = ['dynamodb:DeleteItem', 'dynamodb:GetItem'];
    expect(unused.sort()).toEqual(name === 'ship' ? [...others, 'dynamodb:UpdateItem'] : others);
  });
});

it('claimed in its transaction, an event takes effect once also when the function died after it', async () => {
  const simulation = consuming('ship', crash('TransactWriteItems', 'crash-after'));
  await deliver(simulation, 'e-1');
  expect(shipped(simulation)).toEqual({ 'e-1': '1' });
});

it('claimed by Powertools, an event takes effect again when the function died between effect and note: for effects that bear it', async () => {
  const simulation = consuming('ship-by-powertools', crash('UpdateItem', 'crash-after'));
  await deliver(simulation, 'e-1');
  expect(shipped(simulation)).toEqual({ 'e-1': '2' });
});
