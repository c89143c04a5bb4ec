import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { inlineFunction, newStack, rendering } from './fixtures';
import { Stealing, WorkerGroup, WorkStealingPool, WorkStealingPoolProps } from '../../src';
import { grantsOf, keyActions, ofEveryHandler } from '../grants';

const USE_TABLE_KEY = ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'];
const TAKE = ['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:ReceiveMessage'];
/** What each worker may do with items of the table, by their partition key. */
const WORK_ON_ITEMS = (group: string) => ({
  [`group#${group}`]: ['dynamodb:DeleteItem', 'dynamodb:PutItem'],
  [`leader control#${group}`]: ['dynamodb:GetItem'],
});

describe('the router may', () => {
  const stack = pooled();

  it('take what is submitted, send it to the groups or give it up, and wake runners and leader', () => {
    expect(grantsOf(stack, 'RenderRouteRole')).toEqual({
      ...ofEveryHandler('RenderRouteLogs.Arn'),
      ...onResource(['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:ReceiveMessage'], 'RenderSubmit.Arn'),
      'dynamodb:BatchGetItem': 'RenderTable.Arn',
      'sqs:SendMessage': 'RenderSubmitDeadLetters.Arn RenderGpuQueue.Arn RenderCpuQueue.Arn',
      'lambda:InvokeFunction': 'RenderCoordinate.Arn RenderGpuRun.Arn RenderCpuRun.Arn',
    });
  });

  it('read plan, workers and controls, and write no item', () => {
    expect(itemsOf(stack, 'RenderRouteRole')).toEqual({ 'leader group#* control#*': ['dynamodb:BatchGetItem'] });
  });
});

describe('the coordinator may', () => {
  const stack = pooled();

  it('look at the groups\' queues and wake runners, not itself', () => {
    expect(grantsOf(stack, 'RenderCoordinateRole')).toEqual({
      ...ofEveryHandler('RenderCoordinateLogs.Arn'),
      ...onResource(['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'], 'RenderTable.Arn'),
      'sqs:GetQueueAttributes': 'RenderGpuQueue.Arn RenderCpuQueue.Arn',
      'lambda:InvokeFunction': 'RenderGpuRun.Arn RenderCpuRun.Arn',
    });
  });

  it('write the leader\'s item, and no other', () => {
    expect(itemsOf(stack, 'RenderCoordinateRole')).toEqual({
      'leader': ['dynamodb:GetItem', 'dynamodb:PutItem'],
      'control#*': ['dynamodb:BatchGetItem'],
      'group#*': ['dynamodb:Query'],
    });
  });
});

describe('a runner may', () => {
  it('take tasks of its own queue and of those that it may steal, those of groups added later among them, and invoke its function', () => {
    expect(grantsOf(pooled(), 'RenderGpuRunRole')).toEqual({
      ...ofEveryHandler('RenderGpuRunLogs.Arn'),
      ...onResource(['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'], 'RenderTable.Arn'),
      ...onResource(TAKE, 'RenderGpuQueue.Arn RenderCpuQueue.Arn'),
      'lambda:InvokeFunction': 'OnGpu.Arn',
    });
  });

  it('tell of itself among the runners of its own group, read plan and control, and claim tasks', () => {
    expect(itemsOf(pooled(), 'RenderCpuRunRole')).toEqual({
      ...WORK_ON_ITEMS('Cpu'),
      'task#*': ['dynamodb:UpdateItem'],
      'group#Cpu': ['dynamodb:DeleteItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
    });
  });

  it.each<[string, WorkStealingPoolProps, string[] | undefined]>([
    ['nothing is stolen', { stealing: Stealing.disabled() }, undefined],
    ['it can do no others', {}, []],
  ])('take tasks of its own queue only when %s', (_, props, stealsFrom) => {
    const stack = newStack();
    rendering(stack, props, { stealsFrom });
    expect(grantsOf(stack, 'RenderGpuRunRole')).toMatchObject(onResource(TAKE, 'RenderGpuQueue.Arn'));
  });

  it('steal from the groups that it names, whichever was added first', () => {
    const stack = newStack();
    const pool = new WorkStealingPool(stack, 'Render');
    const add = (id: string, stealsFrom?: string[]) => pool.addGroup(id, WorkerGroup.function(inlineFunction(stack, `On${id}`), { maxConcurrency: 1, stealsFrom }));
    add('First');
    add('Middle', ['First', 'Last']);
    add('Other');
    add('Last');
    expect(grantsOf(stack, 'RenderMiddleRunRole')).toMatchObject(onResource(TAKE, 'RenderMiddleQueue.Arn RenderFirstQueue.Arn RenderLastQueue.Arn'));
    expect(grantsOf(stack, 'RenderLastRunRole')).toMatchObject(onResource(TAKE, 'RenderLastQueue.Arn RenderFirstQueue.Arn RenderMiddleQueue.Arn RenderOtherQueue.Arn'));
  });
});

describe('grants', () => {
  it('let somebody submit', () => {
    const stack = newStack();
    rendering(stack).grantSubmit(inlineFunction(stack, 'App'));
    expect(grantsOf(stack, 'AppServiceRole')).toEqual({ 'sqs:SendMessage': 'RenderSubmit.Arn' });
  });

  it('let an external worker take its group\'s tasks, steal others, of groups added before and after, and commit', () => {
    const { stack } = withFleet();
    expect(grantsOf(stack, 'FleetRole')).toEqual({
      ...onResource(['dynamodb:DeleteItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], 'RenderTable.Arn'),
      ...onResource(TAKE, 'RenderFleetQueue.Arn RenderGpuQueue.Arn RenderCpuQueue.Arn RenderLateQueue.Arn'),
    });
    expect(itemsOf(stack, 'FleetRole')).toEqual({ ...WORK_ON_ITEMS('Fleet'), 'task#*': ['dynamodb:GetItem', 'dynamodb:UpdateItem'] });
  });

  it('let somebody commit tasks with their effects', () => {
    const stack = newStack();
    const [gpu, cpu] = rendering(stack).groups;
    const handler = inlineFunction(stack, 'Commits');
    gpu.addCommitter(handler);
    cpu.addCommitter(handler);
    expect(itemsOf(stack, 'CommitsServiceRole')).toEqual({ 'task#*': ['dynamodb:GetItem', 'dynamodb:UpdateItem'] });
    expect(grantsOf(stack, 'CommitsServiceRole')).toEqual(onResource(['dynamodb:GetItem', 'dynamodb:UpdateItem'], 'RenderTable.Arn'));
  });

  it('let somebody retire one group, and nothing else of the table', () => {
    const stack = newStack();
    const [gpu] = rendering(stack).groups;
    gpu.grantControl(inlineFunction(stack, 'Operator'));
    expect(grantsOf(stack, 'OperatorServiceRole')).toEqual(onResource(['dynamodb:GetItem', 'dynamodb:UpdateItem'], 'RenderTable.Arn'));
    expect(itemsOf(stack, 'OperatorServiceRole')).toEqual({ 'control#Gpu': ['dynamodb:GetItem', 'dynamodb:UpdateItem'] });
  });
});

describe('with a customer\'s key', () => {
  const { stack, pool } = withFleet((own) => ({ encryptionKey: new Key(own, 'Key') }));
  const [gpu] = pool.groups;
  pool.grantSubmit(inlineFunction(stack, 'App'));
  gpu.grantCommit(inlineFunction(stack, 'Commits'));
  gpu.grantControl(inlineFunction(stack, 'Operator'));

  it.each(['RenderRouteRole', 'RenderCoordinateRole', 'RenderGpuRunRole', 'FleetRole', 'CommitsServiceRole', 'OperatorServiceRole'])('%s may use it for the table', (role) => {
    expect(keyActions(stack, role)).toEqual(USE_TABLE_KEY);
  });

  it('whoever submits may use it for the queue', () => {
    expect(keyActions(stack, 'AppServiceRole')).toEqual(['kms:Decrypt', 'kms:GenerateDataKey']);
  });
});

function pooled(): Stack {
  const stack = newStack();
  rendering(stack);
  return stack;
}

/** A pool with an external group, whose worker was granted before the last group was added. */
function withFleet(propsOf: (stack: Stack) => WorkStealingPoolProps = () => ({})) {
  const stack = newStack();
  const pool = rendering(stack, propsOf(stack));
  pool.addGroup('Fleet', WorkerGroup.external()).grantWork(new Role(stack, 'FleetRole', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') }));
  pool.addGroup('Late', WorkerGroup.external());
  return { stack, pool };
}

function onResource(actions: readonly string[], resource: string): Record<string, string> {
  return Object.fromEntries(actions.map((action) => [action, resource]));
}

/** What a role may do with items of the table, by their partition keys. */
function itemsOf(stack: Stack, role: string): Record<string, string[]> {
  const items = new Map<string, Set<string>>();
  const statements = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'))
    .filter(({ Properties }) => JSON.stringify(Properties.Roles).includes(`"${role}`))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
  for (const { Action, Condition } of statements) {
    const actions = [Action].flat().filter((action: string) => action.startsWith('dynamodb:'));
    if (actions.length === 0) continue;
    // A statement on the table without such a condition would be one on all items.
    const keys = Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'] ?? ['*'];
    const name = [keys].flat().join(' ');
    items.set(name, new Set([...(items.get(name) ?? []), ...actions]));
  }
  return Object.fromEntries([...items].map(([name, actions]) => [name, [...actions].sort()]));
}
