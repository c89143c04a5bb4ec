import { valueOf } from './fixtures';

const other = { Resources: { Other: { Type: 'Test::Probe' } } };
const conditions = (value: unknown) => ({ Conditions: { Yes: { 'Fn::Equals': ['a', 'a'] }, No: { 'Fn::Not': [{ Condition: 'Yes' }] }, Asked: value } });

describe('intrinsic functions', () => {
  it.each<[string, unknown, object, unknown]>([
    ['Ref of a resource', { Ref: 'Other' }, other, 'Other'],
    ['Ref of the account', { Ref: 'AWS::AccountId' }, {}, '123456789012'],
    ['Ref of the region', { Ref: 'AWS::Region' }, {}, 'us-east-1'],
    ['Ref of the stack name', { Ref: 'AWS::StackName' }, {}, 'Stack'],
    ['GetAtt as a list', { 'Fn::GetAtt': ['Other', 'Arn'] }, other, 'arn:probe:Other'],
    ['GetAtt as a text', { 'Fn::GetAtt': 'Other.Arn' }, other, 'arn:probe:Other'],
    ['GetAtt of a name with a dot', { 'Fn::GetAtt': ['Other', 'Nested.Name'] }, other, 'deep'],
    ['Sub with resources, attributes and literals', { 'Fn::Sub': '${Other}/${Other.Arn}/${AWS::Partition}/${!Keep}' }, other, 'Other/arn:probe:Other/aws/${Keep}'],
    ['Sub with variables', { 'Fn::Sub': ['${A}-${Other}', { A: { Ref: 'AWS::Region' } }] }, other, 'us-east-1-Other'],
    ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'Other' }, 3]] }, other, 'a-Other-3'],
    ['Join without values that are none', { 'Fn::Join': ['-', ['a', { Ref: 'AWS::NoValue' }]] }, {}, 'a'],
    ['Select and Split', { 'Fn::Select': [1, { 'Fn::Split': [':', 'a:b:c'] }] }, {}, 'b'],
    ['If, the taken branch only', { 'Fn::If': ['Yes', 'then', { Ref: 'Nothing' }] }, conditions('true'), 'then'],
    ['If, the other branch', { 'Fn::If': ['No', 'then', 'else'] }, conditions('true'), 'else'],
    ['NoValue in an object and a list', { a: { Ref: 'AWS::NoValue' }, b: [1, { Ref: 'AWS::NoValue' }] }, {}, { b: [1] }],
    ['FindInMap', { 'Fn::FindInMap': ['M', { Ref: 'AWS::Region' }, 'k'] }, { Mappings: { M: { 'us-east-1': { k: 'v' } } } }, 'v'],
    ['FindInMap with a default', { 'Fn::FindInMap': ['M', 'x', 'k', { DefaultValue: 'd' }] }, { Mappings: { M: {} } }, 'd'],
    ['Base64', { 'Fn::Base64': 'hi' }, {}, 'aGk='],
    ['GetAZs', { 'Fn::GetAZs': '' }, {}, ['us-east-1a', 'us-east-1b', 'us-east-1c']],
    ['Length', { 'Fn::Length': [1, 2] }, { Transform: 'AWS::LanguageExtensions' }, 2],
    ['ToJsonString', { 'Fn::ToJsonString': { a: { Ref: 'Other' } } }, other, '{"a":"Other"}'],
  ])('%s', (_, value, sections, expected) => {
    expect(valueOf(value, sections)).toEqual(expected);
  });

  it.each<[unknown, boolean]>([
    [{ 'Fn::And': [{ Condition: 'Yes' }, { Condition: 'No' }] }, false],
    [{ 'Fn::And': [{ Condition: 'Yes' }, { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] }] }, true],
    [{ 'Fn::Or': [{ Condition: 'No' }, { Condition: 'Yes' }] }, true],
    [{ 'Fn::Not': [{ Condition: 'Yes' }] }, false],
    [{ 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'eu-west-1'] }, false],
    [{ 'Fn::Contains': [['a', 'b'], 'b'] }, true],
  ])('condition %j is %s', (condition, expected) => {
    expect(valueOf({ 'Fn::If': ['Asked', true, false] }, conditions(condition))).toBe(expected);
  });

  it.each<[string, unknown, object, string]>([
    ['an unknown reference', { Ref: 'Nothing' }, {}, 'stack Stack, resource Probe refers to Nothing, which the template does not have'],
    ['an unknown attribute', { 'Fn::GetAtt': ['Other', 'Url'] }, other, 'attribute Url of Other (Test::Probe) is not simulated; simulated: Arn, Nested.Name'],
    ['an unknown function', { 'Fn::Magic': 1 }, {}, 'intrinsic function Fn::Magic is not known'],
    ['a macro', { 'Fn::Transform': { Name: 'M' } }, {}, 'Fn::Transform: macros are not simulated'],
    ['a network function', { 'Fn::Cidr': ['10.0.0.0/8', 1, 1] }, {}, 'Fn::Cidr: networks are not simulated'],
    ['a dynamic reference to a parameter', '{{resolve:ssm-secure:x:1}}', {}, 'only dynamic references to secretsmanager are simulated, got {{resolve:ssm-secure:x:1}}'],
    ['a missing import', { 'Fn::ImportValue': 'X' }, {}, 'imports X, which no stack exports'],
    ['a missing mapping', { 'Fn::FindInMap': ['M', 'a', 'b'] }, { Mappings: { M: {} } }, 'mapping M has no entry a, b'],
    ['an index outside the list', { 'Fn::Select': [5, ['a']] }, {}, 'Fn::Select wants item 5 of a list of 1'],
    ['an unknown condition', { 'Fn::If': ['Ghost', 1, 2] }, {}, 'the template has no condition Ghost'],
    ['a condition that needs itself', { 'Fn::If': ['Asked', 1, 2] }, conditions({ Condition: 'Asked' }), 'condition Asked depends on itself'],
    ['a pseudo parameter that AWS does not have', { Ref: 'AWS::Moon' }, {}, 'pseudo parameter AWS::Moon is not known'],
    ['a malformed Join', { 'Fn::Join': 'x' }, {}, 'Fn::Join takes a list of 2, got "x"'],
    ['a function beside other keys', { 'Fn::Join': ['', []], 'a': 1 }, {}, 'an object with Fn::Join cannot have other keys'],
  ])('refuse %s with a sentence', (_, value, sections, message) => {
    expect(() => valueOf(value, sections)).toThrow(message);
  });
});

describe('parameters', () => {
  const parameters = (definition: object) => ({ Parameters: { P: definition } });

  it('have defaults, and values that a user gives', () => {
    expect(valueOf({ Ref: 'P' }, parameters({ Type: 'String', Default: 'd' }))).toBe('d');
    expect(valueOf({ Ref: 'P' }, parameters({ Type: 'Number', Default: 5 }))).toBe('5');
    expect(valueOf({ Ref: 'P' }, parameters({ Type: 'String' }), { parameters: { P: 'given' } })).toBe('given');
    expect(valueOf({ Ref: 'P' }, parameters({ Type: 'CommaDelimitedList', Default: 'a, b' }))).toEqual(['a', 'b']);
  });

  it('read the SSM Parameter Store as far as templates fill it', () => {
    expect(Number(valueOf({ Ref: 'P' }, parameters({ Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/hnb659fds/version' })))).toBeGreaterThan(20);
    expect(() => valueOf({ Ref: 'P' }, parameters({ Type: 'AWS::SSM::Parameter::Value<String>', Default: '/mine' })))
      .toThrow('parameter P reads /mine from the SSM Parameter Store, which no template puts there');
  });

  it('are refused when they have no value, an unlisted one, or no place', () => {
    expect(() => valueOf(1, parameters({ Type: 'String' }))).toThrow('parameter P has no default and no value was given');
    expect(() => valueOf(1, parameters({ Type: 'String', Default: 'c', AllowedValues: ['a', 'b'] }))).toThrow('parameter P must be one of a, b, got "c"');
    expect(() => valueOf(1, {}, { parameters: { Q: '1' } })).toThrow('no stack has a parameter Q');
  });
});
