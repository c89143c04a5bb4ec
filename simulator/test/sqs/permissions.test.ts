import { Bench } from './harness';
import { PolicyEngine } from '../../src/iam/policies';
import type { Principal } from '../../src/iam/principal';
import { type KmsService, kmsService } from '../../src/services/kms';

const ROLE = 'arn:aws:iam::123456789012:role/Worker';
const role: Principal = { kind: 'role', arn: ROLE };
const events: Principal = { kind: 'service', service: 'events.amazonaws.com', sourceArn: 'arn:aws:events:us-east-1:123456789012:rule/R' };

function bench(...actions: string[]) {
  const iam = new PolicyEngine({ account: '123456789012', region: 'us-east-1' });
  iam.addRolePolicy(ROLE, 'p', { Statement: { Effect: 'Allow', Action: ['none:None', ...actions], Resource: '*' } });
  return { iam, world: new Bench({ iam, services: [kmsService] }) };
}

describe('permissions on queues', () => {
  it.each([
    ['SendMessage', { MessageBody: 'x' }, 'sqs:SendMessage'],
    ['SendMessageBatch', { Entries: [{ Id: '1', MessageBody: 'x' }] }, 'sqs:SendMessage'],
    ['ReceiveMessage', {}, 'sqs:ReceiveMessage'],
    ['PurgeQueue', {}, 'sqs:PurgeQueue'],
    ['GetQueueAttributes', { AttributeNames: ['All'] }, 'sqs:GetQueueAttributes'],
    ['SetQueueAttributes', { Attributes: {} }, 'sqs:SetQueueAttributes'],
  ])('%s needs its action', async (operation, input, action) => {
    const without = bench('sqs:Unrelated').world;
    await expect(without.call(operation, { QueueUrl: without.queue('Q'), ...input }, role))
      .rejects.toMatchObject({ name: 'AccessDeniedException', action, resource: without.arn('Q'), role: ROLE });
    const granted = bench(action).world;
    await expect(granted.call(operation, { QueueUrl: granted.queue('Q'), ...input }, role)).resolves.toBeDefined();
  });

  it('come from the queue\'s policy for an AWS service', async () => {
    const { iam, world } = bench();
    const QueueUrl = world.queue('Q');
    await expect(world.call('SendMessage', { QueueUrl, MessageBody: 'x' }, events)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    iam.addResourcePolicy(world.arn('Q'), { Statement: { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: '*' } });
    await expect(world.call('SendMessage', { QueueUrl, MessageBody: 'x' }, events)).resolves.toBeDefined();
  });

  it('include the key of a queue that has one', async () => {
    const { iam, world } = bench('sqs:*');
    const provider = world.world.service<KmsService>('kms').resources.find(({ type }) => type === 'AWS::KMS::Key')!;
    const key = provider.create({ properties: {}, generatedName: () => 'key' } as any).attributes!.Arn;
    const QueueUrl = world.queue('Q', { KmsMasterKeyId: key });
    const send = () => world.call('SendMessage', { QueueUrl, MessageBody: 'x' }, role);
    await expect(send()).rejects.toMatchObject({ action: 'kms:GenerateDataKey', resource: key });
    const viaSqs = { StringEquals: { 'kms:ViaService': 'sqs.us-east-1.amazonaws.com' } };
    iam.addRolePolicy(ROLE, 'key', { Statement: { Effect: 'Allow', Action: ['kms:GenerateDataKey', 'kms:Decrypt'], Resource: key, Condition: viaSqs } });
    await expect(send()).resolves.toBeDefined();
  });

  it('cannot let an AWS service through AWS\'s own key', async () => {
    const { iam, world } = bench();
    const QueueUrl = world.queue('Q', { KmsMasterKeyId: 'alias/aws/sqs' });
    iam.addResourcePolicy(world.arn('Q'), { Statement: { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:*', Resource: '*' } });
    await expect(world.call('SendMessage', { QueueUrl, MessageBody: 'x' }, events)).rejects.toMatchObject({ action: 'kms:GenerateDataKey' });
  });
});
