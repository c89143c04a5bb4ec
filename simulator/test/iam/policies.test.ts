import type { PolicyStatement } from '../../src/iam/iam';
import { PolicyEngine } from '../../src/iam/policies';
import type { Principal } from '../../src/iam/principal';

const ROLE = 'arn:aws:iam::123456789012:role/Collector';
const TABLE = 'arn:aws:dynamodb:us-east-1:123456789012:table/Gatherings';
const QUEUE = 'arn:aws:sqs:us-east-1:123456789012:Replies';
const RULE = 'arn:aws:events:us-east-1:123456789012:rule/R';
const role: Principal = { kind: 'role', arn: ROLE };
const events: Principal = { kind: 'service', service: 'events.amazonaws.com', sourceArn: RULE };
const put = { action: 'dynamodb:PutItem', resource: TABLE };
const send = { action: 'sqs:SendMessage', resource: QUEUE };

function engine(identity: readonly PolicyStatement[] = [], resources: Record<string, readonly PolicyStatement[]> = {}) {
  const iam = new PolicyEngine({ account: '123456789012', region: 'us-east-1' });
  iam.addRole(ROLE);
  if (identity.length > 0) iam.addRolePolicy(ROLE, 'Default', { Statement: [...identity] });
  for (const [arn, statements] of Object.entries(resources)) iam.addResourcePolicy(arn, { Statement: [...statements] });
  return iam;
}

const allow = (Action: string | string[], Resource: string | string[] = '*', more: Partial<PolicyStatement> = {}): PolicyStatement =>
  ({ Effect: 'Allow', Action, Resource, ...more });

describe('identity policies', () => {
  it('deny what nothing allows, and say who, what and on which resource', () => {
    const iam = engine();
    expect(() => iam.authorize(role, put)).toThrow(expect.objectContaining({
      name: 'AccessDeniedException',
      message: `User: ${ROLE} is not authorized to perform: dynamodb:PutItem on resource: ${TABLE} because no identity-based policy allows the dynamodb:PutItem action`,
      role: ROLE,
      action: 'dynamodb:PutItem',
      resource: TABLE,
    }));
  });

  it.each([
    ['the very action and resource', allow('dynamodb:PutItem', TABLE), true],
    ['another action', allow('dynamodb:GetItem', TABLE), false],
    ['another resource', allow('dynamodb:PutItem', `${TABLE}2`), false],
    ['the action in other case', allow('DynamoDB:putitem', TABLE), true],
    ['the resource in other case', allow('dynamodb:PutItem', TABLE.toUpperCase()), false],
    ['wildcards', allow('dynamodb:Put*', 'arn:aws:dynamodb:*:*:table/Gather?ngs'), true],
    ['a wildcard that leaves something over', allow('dynamodb:Put?', TABLE), false],
    ['all but another action', { Effect: 'Allow', NotAction: 'dynamodb:DeleteItem', Resource: '*' } as const, true],
    ['all but this action', { Effect: 'Allow', NotAction: 'dynamodb:*', Resource: '*' } as const, false],
    ['all but this resource', { Effect: 'Allow', Action: '*', NotResource: TABLE } as const, false],
    ['all but another resource', { Effect: 'Allow', Action: '*', NotResource: QUEUE } as const, true],
    ['a policy variable', allow('*', 'arn:aws:dynamodb:us-east-1:${aws:PrincipalAccount}:table/*'), true],
    ['a policy variable that has another value', allow('*', 'arn:aws:dynamodb:us-east-1:${aws:PrincipalType}:table/*'), false],
    ['a condition on the role', allow('*', '*', { Condition: { StringEquals: { 'aws:PrincipalArn': ROLE } } }), true],
  ])('with %s', (_, statement, allowed) => {
    expect(engine([statement]).isAllowed(role, put)).toBe(allowed);
  });

  it('lose against an explicit deny', () => {
    const iam = engine([allow('dynamodb:*'), { Effect: 'Deny', Action: 'dynamodb:PutItem', Resource: '*' }]);
    expect(() => iam.authorize(role, put)).toThrow('with an explicit deny in an identity-based policy');
    expect(iam.isAllowed(role, { ...put, action: 'dynamodb:GetItem' })).toBe(true);
  });

  it('reach no further than the permissions boundary', () => {
    const iam = engine([allow('*')]);
    iam.setBoundary(ROLE, { Statement: [allow('sqs:*')] });
    expect(iam.isAllowed(role, send)).toBe(true);
    expect(() => iam.authorize(role, put)).toThrow('because no permissions boundary allows the dynamodb:PutItem action');
  });

  it('name a role that no template has', () => {
    expect(() => engine().authorize({ kind: 'role', arn: `${ROLE}2` }, put)).toThrow('the role is not in the simulated templates');
  });

  it('take effect when they are added after a refusal', () => {
    const iam = engine();
    expect(() => iam.authorize(role, put)).toThrow();
    iam.addRolePolicy(ROLE, 'Late', { Statement: allow('dynamodb:PutItem', TABLE) });
    expect(() => iam.authorize(role, put)).not.toThrow();
  });
});

describe('resource policies', () => {
  const fromRule = (sourceArn: string): PolicyStatement => allow('sqs:SendMessage', QUEUE, {
    Principal: { Service: 'events.amazonaws.com' }, Condition: { ArnEquals: { 'aws:SourceArn': sourceArn } },
  });

  it('are what a service needs', () => {
    expect(() => engine().authorize(events, send)).toThrow('User: events.amazonaws.com is not authorized to perform: sqs:SendMessage');
    expect(engine([], { [QUEUE]: [fromRule(RULE)] }).isAllowed(events, send)).toBe(true);
    expect(engine([], { [QUEUE]: [fromRule(`${RULE}2`)] }).isAllowed(events, send)).toBe(false);
    expect(engine([], { [QUEUE]: [fromRule(RULE)] }).isAllowed({ ...events, service: 'sns.amazonaws.com' }, send)).toBe(false);
  });

  it('allow a role of the account without any policy of its own', () => {
    expect(engine([], { [QUEUE]: [allow('sqs:*', '*', { Principal: { AWS: ROLE } })] }).isAllowed(role, send)).toBe(true);
    expect(engine([], { [QUEUE]: [allow('sqs:*', '*', { Principal: { AWS: `${ROLE}2` } })] }).isAllowed(role, send)).toBe(false);
  });

  it('leave the decision to identity policies when they name the account', () => {
    const account = { [QUEUE]: [allow('sqs:*', '*', { Principal: { AWS: 'arn:aws:iam::123456789012:root' } })] };
    expect(engine([], account).isAllowed(role, send)).toBe(false);
    expect(engine([allow('sqs:SendMessage', QUEUE)], account).isAllowed(role, send)).toBe(true);
  });

  it('that demand TLS do not stop callers, who all use it', () => {
    const tls: PolicyStatement = { Effect: 'Deny', Principal: '*', Action: 'sqs:*', Resource: QUEUE, Condition: { Bool: { 'aws:SecureTransport': 'false' } } };
    expect(engine([allow('sqs:*')], { [QUEUE]: [tls] }).isAllowed(role, send)).toBe(true);
    expect(() => engine([allow('sqs:*')], { [QUEUE]: [{ ...tls, Condition: undefined }] }).authorize(role, send)).toThrow('with an explicit deny in a resource-based policy');
  });

  it('of an AWS KMS key must agree even with a role that has the permission', () => {
    const key = 'arn:aws:kms:us-east-1:123456789012:key/1';
    const decrypt = { action: 'kms:Decrypt', resource: key };
    const account = allow('kms:*', '*', { Principal: { AWS: 'arn:aws:iam::123456789012:root' } });
    expect(engine([allow('kms:Decrypt', key)], { [key]: [account] }).isAllowed(role, decrypt)).toBe(true);
    expect(engine([allow('kms:Decrypt', key)], { [key]: [allow('kms:*', '*', { Principal: { AWS: 'arn:aws:iam::123456789012:role/Admin' } })] }).isAllowed(role, decrypt)).toBe(false);
  });
});

describe('conditions', () => {
  const withKeys = (Condition: PolicyStatement['Condition'], context: Record<string, string | readonly string[]>) =>
    engine([allow('dynamodb:*', '*', { Condition })]).isAllowed(role, { ...put, context });
  const KEY = 'dynamodb:LeadingKeys';
  const ONE = 'cloudwatch:namespace';

  it.each([
    [{ StringEquals: { [ONE]: 'a' } }, { [ONE]: 'a' }, true],
    [{ StringEquals: { [ONE]: 'a' } }, { [ONE]: 'A' }, false],
    [{ StringEqualsIgnoreCase: { [ONE]: 'a' } }, { [ONE]: 'A' }, true],
    [{ StringEquals: { [ONE]: ['b', 'a'] } }, { [ONE]: 'a' }, true],
    [{ StringNotEquals: { [ONE]: ['b', 'a'] } }, { [ONE]: 'a' }, false],
    [{ StringNotEquals: { [ONE]: 'a' } }, {}, true],
    [{ StringEquals: { [ONE]: 'a' } }, {}, false],
    [{ StringEqualsIfExists: { [ONE]: 'a' } }, {}, true],
    [{ StringEqualsIfExists: { [ONE]: 'a' } }, { [ONE]: 'b' }, false],
    [{ StringLike: { [ONE]: 'a*' } }, { [ONE]: 'abc' }, true],
    [{ StringEquals: { [ONE]: 'a*' } }, { [ONE]: 'abc' }, false],
    [{ StringNotLike: { [ONE]: 'a*' } }, { [ONE]: 'abc' }, false],
    [{ NumericLessThan: { [ONE]: 10 } }, { [ONE]: '9' }, true],
    [{ NumericLessThan: { [ONE]: '10' } }, { [ONE]: '11' }, false],
    [{ Null: { [ONE]: 'true' } }, {}, true],
    [{ Null: { [ONE]: 'true' } }, { [ONE]: 'a' }, false],
    [{ Bool: { 'aws:SecureTransport': true } }, {}, true],
    [{ ArnLike: { 'lambda:FunctionArn': 'arn:aws:lambda:*:*:function:f*' } }, { 'lambda:FunctionArn': 'arn:aws:lambda:us-east-1:1:function:fn' }, true],
    [{ ArnLike: { 'lambda:FunctionArn': 'arn:aws:*:function:fn' } }, { 'lambda:FunctionArn': 'arn:aws:lambda:us-east-1:1:function:fn' }, false],
    [{ 'ForAllValues:StringEquals': { [KEY]: ['a', 'b'] } }, { [KEY]: ['a', 'b'] }, true],
    [{ 'ForAllValues:StringEquals': { [KEY]: ['a', 'b'] } }, { [KEY]: ['a', 'c'] }, false],
    [{ 'ForAllValues:StringEquals': { [KEY]: ['a'] } }, {}, true],
    [{ 'ForAnyValue:StringEquals': { [KEY]: ['a'] } }, { [KEY]: ['c', 'a'] }, true],
    [{ 'ForAnyValue:StringEquals': { [KEY]: ['a'] } }, {}, false],
  ])('%j with %j: %s', (condition, context, allowed) => {
    expect(withKeys(condition as any, context as any)).toBe(allowed);
  });

  it('are asked again for each request whose keys differ', () => {
    const iam = engine([allow('dynamodb:*', '*', { Condition: { 'ForAllValues:StringEquals': { [KEY]: ['mine'] } } })]);
    expect(() => iam.authorize(role, { ...put, context: { [KEY]: ['mine'] } })).not.toThrow();
    expect(() => iam.authorize(role, { ...put, context: { [KEY]: ['yours'] } })).toThrow('not authorized');
  });

  it.each([
    [{ IpAddress: { 'aws:SecureTransport': '10.0.0.0/8' } }, "condition operator 'IpAddress' is not simulated"],
    [{ StringSortOf: { [ONE]: 'a' } }, "condition operator 'StringSortOf' is not simulated"],
    [{ StringEquals: { 'aws:PrincipalOrgID': 'o-1' } }, "condition key 'aws:PrincipalOrgID' is not simulated"],
  ])('%j are refused with a sentence naming them', (condition, message) => {
    expect(() => engine([allow('*', '*', { Condition: condition as any })])).toThrow(message);
  });
});

describe('roles', () => {
  it('can be assumed by those that their trust policy names', () => {
    const iam = engine();
    iam.addRole(ROLE, { Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } } });
    expect(iam.canAssume('lambda.amazonaws.com', ROLE)).toBe(true);
    expect(iam.canAssume('states.amazonaws.com', ROLE)).toBe(false);
    expect(iam.canAssume('lambda.amazonaws.com', `${ROLE}2`)).toBe(false);
  });
});

describe('the report', () => {
  it('lists each grant that no allowed request used', () => {
    const iam = engine([allow(['dynamodb:PutItem', 'dynamodb:Get*'], [TABLE, `${TABLE}/index/*`]), allow('sqs:SendMessage', QUEUE)]);
    iam.authorize(role, put);
    iam.authorize(role, { action: 'dynamodb:GetItem', resource: TABLE });
    expect(iam.unusedGrants()).toEqual([
      { role: ROLE, action: 'dynamodb:PutItem', resource: `${TABLE}/index/*` },
      { role: ROLE, action: 'dynamodb:Get*', resource: `${TABLE}/index/*` },
      { role: ROLE, action: 'sqs:SendMessage', resource: QUEUE },
    ]);
    iam.authorize(role, send);
    expect(iam.unusedGrants()).toHaveLength(2);
  });

  it('counts what a service does on the side as a use, and not as a refusal', () => {
    const iam = engine([allow('xray:PutTraceSegments')]);
    expect(iam.attempt(role, { action: 'xray:PutTraceSegments', resource: '*' })).toBe(true);
    expect(iam.attempt(role, { action: 'xray:PutTelemetryRecords', resource: '*' })).toBe(false);
    expect(iam.unusedGrants()).toEqual([]);
    expect(iam.denials).toEqual([]);
  });

  it('counts refused requests, and not those that were only asked about', () => {
    const iam = engine();
    iam.isAllowed(role, put);
    for (let i = 0; i < 3; i++) expect(() => iam.authorize(role, put)).toThrow();
    expect(iam.denials).toEqual([{ role: ROLE, action: 'dynamodb:PutItem', resource: TABLE, count: 3 }]);
  });

  it('allows the operator everything without a trace', () => {
    const iam = engine();
    iam.authorize({ kind: 'operator' }, put);
    expect(iam.denials).toEqual([]);
  });
});
