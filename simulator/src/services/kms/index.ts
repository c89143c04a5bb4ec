import type { ResourceProvider } from '../../cloudformation/resource-provider';
import type { PolicyDocument } from '../../iam/iam';
import type { Service, World } from '../../service';

export interface KmsService extends Service {
  /** A key's ARN by key id, ARN, alias name or alias ARN. AWS's own keys (`alias/aws/…`) give their alias' ARN. */
  keyArn(reference: string): string;
}

/** AWS KMS: keys exist to be allowed or denied; nothing is encrypted here. */
export function kmsService(world: World): KmsService {
  const random = world.kernel.random.fork('kms');
  const arnOf = (suffix: string) => `arn:aws:kms:${world.region}:${world.account}:${suffix}`;
  const aliases = new Map<string, string>();
  const awsManaged = new Set<string>();

  /**
   * Everyone in the account may use AWS's own keys through their services; an AWS service as such may not.
   * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html#compatibility-with-aws-services
   */
  const awsManagedKey = (suffix: string): string => {
    const arn = arnOf(suffix);
    if (!awsManaged.has(arn)) {
      awsManaged.add(arn);
      const Condition = { StringEquals: { 'aws:PrincipalAccount': world.account } };
      world.iam.addResourcePolicy(arn, { Statement: [{ Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*', Condition }] });
    }
    return arn;
  };

  const keyArn = (reference: string): string => {
    const suffix = reference.startsWith('arn:') ? reference.split(':').slice(5).join(':') : reference;
    if (suffix.startsWith('alias/aws/')) return awsManagedKey(suffix);
    if (suffix.startsWith('alias/')) {
      const target = aliases.get(suffix);
      if (!target) throw new Error(`KMS ${suffix} is not an alias of the templates`);
      return target;
    }
    return arnOf(suffix.startsWith('key/') ? suffix : `key/${suffix}`);
  };

  /** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kms-key.html */
  const key: ResourceProvider = {
    type: 'AWS::KMS::Key',
    properties: {
      KeyPolicy: true,
      Description: 'inert',
      Enabled: (value) => (value === false || value === 'false' ? 'disabled keys are not simulated' : undefined),
      EnableKeyRotation: 'inert',
      RotationPeriodInDays: 'inert',
      PendingWindowInDays: 'inert',
      KeySpec: 'inert',
      KeyUsage: 'inert',
      MultiRegion: 'inert',
      Origin: 'inert',
      BypassPolicyLockoutSafetyCheck: 'inert',
      Tags: 'inert',
    },
    create: (resource) => {
      const id = random.uuid();
      const arn = arnOf(`key/${id}`);
      world.iam.addResourcePolicy(arn, resource.properties.KeyPolicy ?? defaultKeyPolicy(world.account));
      return { ref: id, attributes: { Arn: arn, KeyId: id } };
    },
  };

  const alias: ResourceProvider = {
    type: 'AWS::KMS::Alias',
    properties: { AliasName: true, TargetKeyId: true },
    create: ({ properties }) => {
      aliases.set(properties.AliasName, keyArn(properties.TargetKeyId));
      return { ref: properties.AliasName, attributes: {} };
    },
  };

  return { name: 'kms', operations: {}, resources: [key, alias], keyArn };
}

/** https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html */
function defaultKeyPolicy(account: string): PolicyDocument {
  return { Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'kms:*', Resource: '*' }] };
}
