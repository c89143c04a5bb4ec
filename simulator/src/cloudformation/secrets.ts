import type { ResourceProvider } from './resource-provider';
import type { World } from '../service';

/** Values of secrets by their name or ARN, as the references have them. */
export type SecretValues = Readonly<Record<string, string>>;

/** `secretsmanager:<id>:SecretString:<key>:<stage>:<version>`; the id may be an ARN. */
const REFERENCE = /^secretsmanager:((?:arn:(?:[^:]+:){5}[^:]+)|[^:]+)(?::SecretString)?(?::([^:]*))?(?::[^:]*)?(?::[^:]*)?$/;

/**
 * What templates read from AWS Secrets Manager: values that a user gives, or that the templates generate. Of any other secret nothing is
 * known, so its name stands in for its value.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
 */
export class Secrets {
  /** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html */
  readonly provider: ResourceProvider = {
    type: 'AWS::SecretsManager::Secret',
    properties: {
      Name: true, SecretString: true, GenerateSecretString: { 'SecretStringTemplate': true, 'GenerateStringKey': true, '*': 'inert' },
      Description: 'inert', KmsKeyId: 'inert', Tags: 'inert',
    },
    create: ({ properties, generatedName }) => {
      const { account, region, kernel } = this.world;
      const name: string = properties.Name ?? generatedName(64);
      const random = kernel.random.fork(`secrets/${name}`);
      const arn = `arn:aws:secretsmanager:${region}:${account}:secret:${name}-${random.uuid().slice(0, 6)}`;
      const { SecretStringTemplate: template, GenerateStringKey: key } = properties.GenerateSecretString ?? {};
      const generated = random.uuid().replace(/-/g, '');
      this.stored.set(arn, this.given[name] ?? properties.SecretString ?? (key ? JSON.stringify({ ...JSON.parse(template ?? '{}'), [key]: generated }) : generated));
      if (properties.Name) this.stored.set(name, this.stored.get(arn)!);
      return { ref: arn, attributes: { Id: arn } };
    },
  };

  private readonly stored = new Map<string, string>();

  constructor(private readonly world: World, private readonly given: SecretValues) {}

  /** The value that `secretsmanager:…` stands for. */
  resolve(reference: string): string {
    const [, id, key] = REFERENCE.exec(reference) ?? [];
    if (id === undefined) throw new Error(`only dynamic references to secretsmanager are simulated, got {{resolve:${reference}}}`);
    const value = this.given[id] ?? this.stored.get(id);
    if (value === undefined) return key ? `${id}:${key}` : id;
    return key ? member(value, key, id) : value;
  }
}

function member(value: string, key: string, id: string): string {
  let parsed: any;
  try {
    parsed = JSON.parse(value);
  } catch {
    // A text has no keys.
  }
  if (typeof parsed !== 'object' || parsed === null || !(key in parsed)) throw new Error(`secret ${id} has no key ${key}`);
  return String(parsed[key]);
}
