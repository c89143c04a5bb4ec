import { PolicyEngine } from '../../src/iam/policies';
import { iamService } from '../../src/services/iam';
import { type KmsService, kmsService } from '../../src/services/kms';
import { SimulatedWorld } from '../../src/world';

const iam = () => new PolicyEngine({ account: '123456789012', region: 'us-east-1' });

function world(engine: PolicyEngine) {
  const simulated = new SimulatedWorld(engine, [iamService, kmsService]);
  const create = (type: string, properties: any, name = 'Thing') => {
    const provider = simulated.allServices().flatMap(({ resources }) => resources).find((one) => one.type === type)!;
    return provider.create({ logicalId: name, type, properties, stackName: 'T', path: `T/${name}`, generatedName: () => `T-${name}`, assetPath: () => '' });
  };
  return { create, kms: simulated.service<KmsService>('kms') };
}

const document = (action: string) => ({ Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] });
const asks = (role: string, action: string) => [{ kind: 'role', arn: role } as const, { action, resource: 'arn:aws:x:::y' }] as const;

describe('IAM resources', () => {
  it('give a role what its inline, attached and managed policies say', () => {
    const engine = iam();
    const { create } = world(engine);
    const managed = create('AWS::IAM::ManagedPolicy', { PolicyDocument: document('a:One') }, 'M').ref;
    const role = create('AWS::IAM::Role', {
      AssumeRolePolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }] },
      ManagedPolicyArns: [managed, 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'],
      Policies: [{ PolicyName: 'inline', PolicyDocument: document('a:Two') }],
    }, 'R');
    create('AWS::IAM::Policy', { PolicyName: 'Default', PolicyDocument: document('a:Three'), Roles: [role.ref] }, 'P');
    const { Arn } = role.attributes!;
    expect(Arn).toBe('arn:aws:iam::123456789012:role/T-R');
    for (const action of ['a:One', 'a:Two', 'a:Three', 'logs:PutLogEvents']) expect(engine.isAllowed(...asks(Arn, action))).toBe(true);
    expect(engine.isAllowed(...asks(Arn, 'a:Four'))).toBe(false);
    expect(engine.canAssume('lambda.amazonaws.com', Arn)).toBe(true);
    // What AWS's own policies grant beyond need is not the template's doing.
    expect(engine.unusedGrants().map(({ action }) => action).sort()).toEqual(['a:One', 'a:Three', 'a:Two']);
  });

  it('refuse an unknown AWS managed policy and a policy for an unknown role, naming them', () => {
    const { create } = world(iam());
    expect(() => create('AWS::IAM::Role', { ManagedPolicyArns: ['arn:aws:iam::aws:policy/PowerUserAccess'] }))
      .toThrow('AWS managed policy arn:aws:iam::aws:policy/PowerUserAccess is not known here');
    expect(() => create('AWS::IAM::Policy', { PolicyName: 'p', PolicyDocument: document('a:b'), Roles: ['Ghost'] })).toThrow("role 'Ghost'");
  });
});

describe('KMS resources', () => {
  it('find a key by id, ARN and alias', () => {
    const { create, kms } = world(iam());
    const { ref, attributes } = create('AWS::KMS::Key', {});
    create('AWS::KMS::Alias', { AliasName: 'alias/mine', TargetKeyId: attributes!.Arn });
    for (const reference of [ref, attributes!.Arn, 'alias/mine', 'arn:aws:kms:us-east-1:123456789012:alias/mine']) expect(kms.keyArn(reference)).toBe(attributes!.Arn);
    expect(() => kms.keyArn('alias/other')).toThrow('alias/other is not an alias of the templates');
  });

  it('let everyone in the account use AWS\'s own keys, and no AWS service', () => {
    const engine = iam();
    const { kms } = world(engine);
    const request = { action: 'kms:GenerateDataKey', resource: kms.keyArn('alias/aws/sqs') };
    expect(engine.isAllowed({ kind: 'role', arn: 'arn:aws:iam::123456789012:role/R' }, request)).toBe(true);
    expect(engine.isAllowed({ kind: 'service', service: 'events.amazonaws.com' }, request)).toBe(false);
  });
});
