import validate from 'asl-validator';
import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AttributeType, ITable, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import jsonata from 'jsonata';
import { OutboxReplay, OutboxReplayProps } from '../../src';
import { type ReplayProgress } from '../../src/transactional-outbox/contract';
import { replayWorkflow } from '../../src/transactional-outbox/replay-workflow';
import { newStack } from '../scatter-gather/fixtures';
import { simulate } from '../simulate';

const DEFINITION = replayWorkflow({ partition: 'aws', replayArn: 'arn:aws:lambda:us-east-1:123456789012:function:replay', stepTimeoutSeconds: 960 });

function createReplay(stack: Stack, props: Partial<OutboxReplayProps> = {}): OutboxReplay {
  return new OutboxReplay(stack, 'Replay', { outboxName: 'orders', environment: { OUTBOX_NAME: 'orders' }, table: props.table ?? table(stack, 'Rows'), ...props });
}

function table(stack: Stack, id: string): ITable {
  return new Table(stack, id, { partitionKey: { name: 'pk', type: AttributeType.STRING } });
}

/** Everything that a role may do, as `action resource`. */
function allowed(stack: Stack, role: RegExp): string[] {
  return Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'))
    .filter(({ Properties }) => Properties.Roles.some(({ Ref }: { Ref: string }) => role.test(Ref)))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    .flatMap(({ Action, Resource }) => [Action].flat().map((action) => `${action} ${nameOf(Resource)}`))
    .filter((grant) => !/^(xray|logs):/.test(grant))
    .sort();
}

function nameOf(resource: any): string {
  if (typeof resource === 'string') return resource;
  if (resource['Fn::Join']) return resource['Fn::Join'][1].map(nameOf).join('');
  const id: string = resource['Fn::GetAtt']?.[0] ?? resource.Ref ?? '';
  return id.replace(/[0-9A-F]{8}$/, '');
}

describe('the workflow of a replay', () => {
  it('is valid Amazon States Language', () => {
    expect(validate(DEFINITION as any)).toMatchObject({ isValid: true });
  });

  it.each([
    ['pins the end of the range to the start of the execution', { from: 'a' }, { from: 'a', to: '2026-01-01T00:00:00Z' }],
    ['keeps an end that is given', { from: 'a', to: 'b' }, { from: 'a', to: 'b' }],
    ['leaves what is no object to the handler to refuse', ['a'], ['a']],
  ])('%s', async (_, input, request) => {
    const { Assign } = DEFINITION.States['Pin the range'];
    const expression = jsonata(Assign.request.slice(2, -2));
    const states = { input, context: { Execution: { StartTime: '2026-01-01T00:00:00Z' } } };
    expect(JSON.parse(JSON.stringify(await expression.evaluate({}, { states })))).toEqual(request);
  });

  it('never repeats a request that cannot be followed, and everything else for about two hours', () => {
    const [invalid, other] = DEFINITION.States.Publish.Retry;
    expect(invalid).toEqual({ ErrorEquals: ['InvalidReplayRequest'], MaxAttempts: 0 });
    expect(other.ErrorEquals).toEqual(['States.ALL']);
    const { IntervalSeconds, BackoffRate, MaxDelaySeconds, MaxAttempts } = other;
    const delays = Array.from({ length: MaxAttempts }, (_, attempt) => Math.min(IntervalSeconds * BackoffRate ** attempt, MaxDelaySeconds));
    expect(delays.reduce((sum, delay) => sum + delay) / 3600).toBeCloseTo(2, 0);
  });

  it('lets a step run for as long as the handler may, and for its start', () => {
    const stack = newStack();
    createReplay(stack);
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', { Timeout: 900, Environment: { Variables: { OUTBOX_NAME: 'orders' } } });
    expect(JSON.stringify(Template.fromStack(stack).findResources('AWS::StepFunctions::StateMachine'))).toContain('\\"TimeoutSeconds\\":960');
  });
});

describe('a replay may do no more than it needs:', () => {
  it('read rows', () => {
    const stack = newStack();
    createReplay(stack);
    expect(allowed(stack, /ReplayRole/)).toEqual(['dynamodb:Query Rows', 'dynamodb:Scan Rows']);
    expect(allowed(stack, /StateMachineRole/)).toEqual(['lambda:InvokeFunction Replay']);
  });

  it('read rows, and park and open aggregates', () => {
    const stack = newStack();
    createReplay(stack, { parkedKeys: table(stack, 'Parked') });
    expect(allowed(stack, /ReplayRole/)).toEqual([
      'dynamodb:DeleteItem Parked', 'dynamodb:GetItem Parked', 'dynamodb:PutItem Parked', 'dynamodb:Query Rows', 'dynamodb:Scan Rows', 'dynamodb:UpdateItem Parked',
    ]);
  });

  it("read any table's items and put large ones into the bucket", () => {
    const stack = newStack();
    createReplay(stack, { claimCheckBucket: new Bucket(stack, 'Checks') });
    expect(allowed(stack, /ReplayRole/)).toEqual(['dynamodb:DescribeTable Rows', 'dynamodb:Scan Rows', 's3:PutObject Checks/payloads/*']);
  });

  it('nothing with the indexes of a table', () => {
    const stack = newStack();
    const rows = new Table(stack, 'Rows', { partitionKey: { name: 'pk', type: AttributeType.STRING } });
    rows.addGlobalSecondaryIndex({ indexName: 'byType', partitionKey: { name: 'type', type: AttributeType.STRING } });
    createReplay(stack, { table: rows });
    expect(allowed(stack, /ReplayRole/)).toEqual(['dynamodb:Query Rows', 'dynamodb:Scan Rows']);
  });

  it('whoever is granted starts replays and sees how they end', () => {
    const stack = newStack();
    const operator = new Role(stack, 'Operator', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    createReplay(stack).grantStart(operator);
    expect(allowed(stack, /Operator/).map((grant) => grant.split(' ')[0])).toEqual(['states:DescribeExecution', 'states:StartExecution']);
  });

  it('whoever is granted may use the key of an encrypted state machine', () => {
    const stack = newStack();
    const operator = new Role(stack, 'Operator', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    createReplay(stack, { encryptionKey: new Key(stack, 'Key') }).grantStart(operator);
    expect(allowed(stack, /Operator/)).toContain('kms:Decrypt Key');
    Template.fromStack(stack).hasResourceProperties('AWS::StepFunctions::StateMachine', {
      EncryptionConfiguration: Match.objectLike({ Type: 'CUSTOMER_MANAGED_KMS_KEY' }),
    });
  });
});

describe('an execution', () => {
  const progress = (done: boolean, published: number): ReplayProgress => ({ done, cursor: done ? null : `c-${published}`, scanned: published, published, refused: 0, refusals: [] });

  function replaying(step: (event: { request: any; progress: ReplayProgress | null }) => unknown) {
    const received: any[] = [];
    const simulation = simulate((stack) => { createReplay(stack); }, {
      functionOverrides: { 'Replay/Replay': async (event) => { received.push(event); return step(event); } },
    });
    return { received, simulation, run: (input: object) => simulation.complete('Replay/StateMachine', input) };
  }

  it('goes on step by step until the handler is done, and answers what the last one says', async () => {
    const { received, run } = replaying(({ progress: before }) => progress((before?.published ?? 0) >= 20, (before?.published ?? 0) + 10));
    const { status, output } = await run({ aggregate: 'Order#17' });
    expect({ status, output }).toEqual({ status: 'SUCCEEDED', output: progress(true, 30) });
    expect(received.map((event) => event.progress)).toEqual([null, progress(false, 10), progress(false, 20)]);
    expect(new Set(received.map(({ request }) => JSON.stringify(request)))).toEqual(new Set([JSON.stringify({ to: received[0].request.to, aggregate: 'Order#17' })]));
    expect(received[0].request.to).toMatch(/^\d{4}-\d\d-\d\dT/);
  });

  it('repeats a step that failed, from the cursor of the step before', async () => {
    let failures = 3;
    const { received, run } = replaying(({ progress: before }) => {
      if (before && failures-- > 0) throw new Error('the destination is down');
      return progress(before !== null, 10);
    });
    expect((await run({ from: '2026-01-01T00:00:00Z' })).status).toBe('SUCCEEDED');
    expect(received.slice(1).map((event) => event.progress)).toEqual(Array(4).fill(progress(false, 10)));
  });

  it('that fails says where to go on', async () => {
    const { run } = replaying(({ progress: before }) => {
      if (before) throw new Error('the destination is down');
      return progress(false, 10);
    });
    expect(await run({ from: '2026-01-01T00:00:00Z' })).toMatchObject({
      status: 'FAILED', error: 'Error', cause: 'the destination is down; to go on, start it again with the same request and cursor c-10',
    });
  });

  it('whose request cannot be followed fails at once, with the sentence of the handler', async () => {
    const { received, run } = replaying(() => { throw Object.assign(new Error('name from or aggregate'), { name: 'InvalidReplayRequest' }); });
    expect(await run({})).toMatchObject({ status: 'FAILED', error: 'InvalidReplayRequest', cause: 'name from or aggregate' });
    expect(received).toHaveLength(1);
  });
});
