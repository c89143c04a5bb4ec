import { mkdtempSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { App, aws_iam as iam, aws_sqs as sqs, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { deploy, selectStacks } from '../../src/cloudformation/deployment';
import { PolicyEngine } from '../../src/iam/policies';
import { iamService } from '../../src/services/iam';
import { kmsService } from '../../src/services/kms';
import { sqsService } from '../../src/services/sqs';
import { SimulatedWorld } from '../../src/world';

process.env.CDK_VALIDATION = 'false';

let outdir: string;

beforeAll(() => {
  outdir = mkdtempSync(path.join(tmpdir(), 'cdk-'));
  const app = new App({ outdir });
  const owner = new Stack(app, 'Owner');
  const user = new Stack(app, 'User');
  const queue = new sqs.Queue(owner, 'Queue', { enforceSSL: true, encryption: sqs.QueueEncryption.KMS });
  const role = new iam.Role(user, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  queue.grantSendMessages(role);
  new sqs.Queue(new NestedStack(owner, 'Nested'), 'Inner', { deadLetterQueue: { queue, maxReceiveCount: 3 } });
  new sqs.Queue(new Stack(new Stage(app, 'Prod'), 'Staged'), 'Queue');
  app.synth();
});

afterAll(() => rmSync(outdir, { recursive: true }));

describe('an assembly that the CDK synthesized', () => {
  const load = () => {
    const iamEngine = new PolicyEngine({ account: '123456789012', region: 'us-east-1' });
    const world = new SimulatedWorld(iamEngine, [sqsService, iamService, kmsService]);
    return { iam: iamEngine, world, deployment: deploy(world, world.allServices(), selectStacks(outdir)) };
  };

  it('is deployed with its stages, nested stacks and references between stacks', () => {
    const { deployment } = load();
    expect(deployment.resources.filter(({ type }) => type === 'AWS::SQS::Queue').map(({ path: name }) => name).sort())
      .toEqual(['Owner/Nested/Inner/Resource', 'Owner/Queue/Resource', 'Prod/Staged/Queue/Resource']);
  });

  it('lets the role do what the CDK granted it, through the key too', () => {
    const { iam: engine, deployment } = load();
    const role = deployment.resources.find(({ type }) => type === 'AWS::IAM::Role')!.provisioned.attributes!.Arn;
    const queue = deployment.resources.find(({ path: name }) => name === 'Owner/Queue/Resource')!.provisioned.attributes!.Arn;
    const key = deployment.resources.find(({ type }) => type === 'AWS::KMS::Key')!.provisioned.attributes!.Arn;
    const may = (action: string, resource: string) => engine.isAllowed({ kind: 'role', arn: role }, { action, resource });
    expect([may('sqs:SendMessage', queue), may('kms:GenerateDataKey', key), may('sqs:ReceiveMessage', queue)]).toEqual([true, true, false]);
  });
});
