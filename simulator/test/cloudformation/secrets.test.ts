import { Secrets, type SecretValues } from '../../src/cloudformation/secrets';
import { SimulatedWorld } from '../../src/world';
import { instance } from '../events/harness';
import { FakeIam } from '../stepfunctions/world';

const ARN = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:sms-abc123';
const withSecrets = (given: SecretValues = {}) => new Secrets(new SimulatedWorld(new FakeIam(), []), given);
const secretIn = (properties: object, given: SecretValues = {}) => {
  const secrets = withSecrets(given);
  const { ref } = secrets.provider.create(instance('AWS::SecretsManager::Secret', properties, 'Secret'));
  return (suffix: string = '') => secrets.resolve(`secretsmanager:${ref}:SecretString:${suffix}:`);
};

describe('a reference to a secret', () => {
  it.each([
    ['secretsmanager:sms', 'text'],
    ['secretsmanager:sms:SecretString', 'text'],
    ['secretsmanager:sms:SecretString:::', 'text'],
    ['secretsmanager:json:SecretString:key::', 'value'],
    ['secretsmanager:json:SecretString:key:AWSCURRENT:', 'value'],
    [`secretsmanager:${ARN}:SecretString:key::`, 'by ARN'],
  ])('%s has the given value %j', (reference, expected) => {
    expect(withSecrets({ sms: 'text', json: '{"key":"value"}', [ARN]: '{"key":"by ARN"}' }).resolve(reference)).toBe(expected);
  });

  it('has its name as a stand-in when no value is given', () => {
    expect(withSecrets().resolve('secretsmanager:my/secret:SecretString:key::')).toBe('my/secret:key');
    expect(withSecrets().resolve(`secretsmanager:${ARN}`)).toBe(ARN);
  });

  it('is refused when the value has no such key, or is not in Secrets Manager', () => {
    expect(() => withSecrets({ sms: 'text' }).resolve('secretsmanager:sms:SecretString:key::')).toThrow('secret sms has no key key');
    expect(() => withSecrets({ sms: '{}' }).resolve('secretsmanager:sms:SecretString:key::')).toThrow('secret sms has no key key');
    expect(() => withSecrets().resolve('ssm:sms')).toThrow('only dynamic references to secretsmanager are simulated');
  });
});

describe('a secret of a template', () => {
  it('has the value that is written, generated or given', () => {
    expect(secretIn({ SecretString: 'written' })()).toBe('written');
    expect(secretIn({ GenerateSecretString: {} })()).toMatch(/^[0-9a-f]{32}$/);
    const user = secretIn({ GenerateSecretString: { SecretStringTemplate: '{"user":"me"}', GenerateStringKey: 'password' } });
    expect([user('user'), user('password')]).toEqual(['me', expect.stringMatching(/^[0-9a-f]{32}$/)]);
    expect(secretIn({ Name: 'sms', SecretString: 'written' }, { sms: 'given' })()).toBe('given');
  });
});
