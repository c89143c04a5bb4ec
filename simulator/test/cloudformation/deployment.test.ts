import * as path from 'path';
import { assembly, deployProbes, directoryWith } from './fixtures';
import { environmentOf, selectStacks } from '../../src/cloudformation/deployment';

const probe = (Properties: object = {}, more: object = {}) => ({ Type: 'Test::Probe', Properties, ...more });
const one = (Resources: object, more: object = {}) => assembly({ Stack: { template: { Resources, ...more } } });

describe('a deployment', () => {
  it('creates resources after those that they need, else in the template\'s order', () => {
    const { created } = deployProbes(one({
      C: probe({ Value: { 'Fn::Sub': '${B.Arn}' } }),
      D: probe(),
      B: probe({}, { DependsOn: ['A'] }),
      A: probe(),
    }));
    expect(created.map(({ logicalId }) => logicalId)).toEqual(['A', 'B', 'C', 'D']);
  });

  it('refuses resources that need each other', () => {
    expect(() => deployProbes(one({ A: probe({ Value: { Ref: 'B' } }), B: probe({}, { DependsOn: 'A' }) })))
      .toThrow('stack Stack: resources depend on each other in a circle: A → B → A');
    expect(() => deployProbes(one({ A: probe({}, { DependsOn: 'Ghost' }) }))).toThrow('resource A depends on Ghost, which the template does not have');
  });

  it('leaves out resources and outputs whose condition does not hold', () => {
    const No = { 'Fn::Equals': ['a', 'b'] };
    const template = { Conditions: { No }, Resources: { A: probe(), B: probe({}, { Condition: 'No' }) }, Outputs: { X: { Value: { Ref: 'B' }, Condition: 'No' } } };
    const { created, deployment } = deployProbes(assembly({ Stack: { template } }));
    expect(created.map(({ logicalId }) => logicalId)).toEqual(['A']);
    expect(deployment.outputs.Stack).toEqual({});
    expect(() => deployProbes(one({ A: probe({ Value: { Ref: 'B' } }), B: probe({}, { Condition: 'No' }) }, { Conditions: { No } })))
      .toThrow('refers to B, which its condition leaves out');
  });

  it('gives names in CloudFormation\'s form, the same every time and within a limit', () => {
    const name = (max?: number) => deployProbes(one({ SomeLogicalId: probe() })).created[0].generatedName(max);
    expect(name()).toMatch(/^Stack-SomeLogicalId-[0-9A-Z]{12}$/);
    expect(name()).toBe(name());
    expect(name(25)).toMatch(/^Stack-SomeLo-[0-9A-Z]{12}$/);
    expect(name(25)).toHaveLength(25);
  });

  it('carries values from stack to stack, whatever their order in the assembly', () => {
    const location = assembly({
      User: { template: { Resources: { U: probe({ Value: { 'Fn::ImportValue': 'the-arn' } }) } } },
      Owner: { template: { Resources: { O: probe() }, Outputs: { Arn: { Value: { 'Fn::GetAtt': 'O.Arn' }, Export: { Name: 'the-arn' } } } } },
    });
    const { value, deployment } = deployProbes(location);
    expect(value('U')).toBe('arn:probe:O');
    expect(deployment.outputs).toEqual({ Owner: { Arn: 'arn:probe:O' }, User: {} });
  });

  it('of one stack brings those that it depends on, and no other', () => {
    const location = assembly({
      A: { template: { Resources: { RA: probe() } } },
      B: { template: { Resources: { RB: probe() } }, needs: ['A'] },
      C: { template: { Resources: { RC: probe() } } },
    });
    expect(deployProbes(location, { stacks: ['B'] }).created.map(({ logicalId }) => logicalId)).toEqual(['RA', 'RB']);
    expect(() => deployProbes(location, { stacks: ['D'] })).toThrow('has no stack D; stacks: A, B, C');
  });

  it('creates nested stacks with their parameters and reads their outputs', () => {
    const inner = {
      Parameters: { P: { Type: 'String' } },
      Resources: { Inner: probe({ Value: { Ref: 'P' } }) },
      Outputs: { Out: { Value: { 'Fn::GetAtt': ['Inner', 'Arn'] } } },
    };
    const location = assembly({
      Stack: {
        template: {
          Resources: {
            Nested: { Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL: 'https://s3.amazonaws.com/bucket/inner.json', Parameters: { P: 'given' } } },
            Outer: probe({ Value: { 'Fn::GetAtt': ['Nested', 'Outputs.Out'] } }),
          },
        },
      },
    }, { 'inner.json': inner });
    const { value, created } = deployProbes(location);
    expect(value('Inner')).toBe('given');
    expect(value('Outer')).toBe('arn:probe:Inner');
    expect(created[0].stackName).toMatch(/^Stack-Nested-/);
  });

  it('takes a bare template file', () => {
    const file = path.join(directoryWith({ 'my.template.json': { Resources: { A: probe({ Value: 1 }) } }, 'code/index.js': '' }), 'my.template.json');
    const { created } = deployProbes(file);
    expect(created[0]).toMatchObject({ stackName: 'my', path: 'A' });
    expect(created[0].assetPath('bucket', 'code')).toBe(path.join(path.dirname(file), 'code'));
    expect(() => created[0].assetPath('bucket', 'other')).toThrow('asset other of bucket bucket is not in the cloud assembly');
  });

  it('runs in the account and region that the stacks are bound to', () => {
    const at = (environment: string) => ({ template: { Resources: { A: probe() } }, environment });
    expect(environmentOf(selectStacks(assembly({ A: at('aws://111111111111/eu-west-1'), B: at('aws://unknown-account/unknown-region') }))))
      .toEqual({ account: '111111111111', region: 'eu-west-1' });
    expect(() => environmentOf(selectStacks(assembly({ A: at('aws://1/eu-west-1'), B: at('aws://1/us-east-1') }))))
      .toThrow('the stacks are for more than one region (eu-west-1, us-east-1)');
  });
});

describe('strictness', () => {
  it('accepts what is simulated or inert', () => {
    expect(() => deployProbes(one({
      A: probe({ Value: { anything: 1 }, Comment: 'x', Shape: { Size: 1 }, Items: [{ Name: 'n' }], Mode: 'fast' }),
      M: { Type: 'AWS::CDK::Metadata', Properties: { Analytics: 'x' } },
      D: { Type: 'AWS::CloudWatch::Dashboard', Properties: { DashboardBody: '{}' } },
    }))).not.toThrow();
  });

  it.each<[string, object, string]>([
    ['a property', { Valeu: 1 }, 'stack Stack, resource A of type Test::Probe: property Valeu is not simulated; simulated: Value, Comment, Shape, Items, Mode'],
    ['a nested property', { Shape: { Colour: 1 } }, 'property Shape.Colour is not simulated; simulated in Shape: Size'],
    ['a property in a list', { Items: [{ Name: 1 }, { Nmae: 1 }] }, 'property Items[1].Nmae is not simulated'],
    ['something else than a list', { Items: { Name: 1 } }, 'property Items must be a list, got {"Name":1}'],
    ['a value', { Mode: 'slow' }, 'property Mode: must be fast, got "slow"'],
  ])('refuses %s that is not simulated, naming stack, resource, type and property', (_, properties, message) => {
    expect(() => deployProbes(one({ A: probe(properties) }))).toThrow(message);
  });

  it('refuses a type that is not simulated before anything is created', () => {
    expect(() => deployProbes(one({ A: probe({ Value: 'explode' }), B: { Type: 'Custom::Thing' } })))
      .toThrow(/^stack Stack: resource B has type Custom::Thing, which is not simulated; simulated: .*Test::Probe/);
  });

  it('says where a resource could not be created', () => {
    expect(() => deployProbes(one({ A: probe({ Value: 'explode' }) }))).toThrow('stack Stack, resource A of type Test::Probe: it exploded');
  });

  it.each<[string, () => string, string]>([
    ['a place that does not exist', () => '/nowhere/cdk.out', '/nowhere/cdk.out does not exist'],
    ['a directory without manifest', () => directoryWith({ 'a.txt': '' }), 'is not a cloud assembly: it has no manifest.json'],
    ['an assembly without stacks', () => directoryWith({ 'manifest.json': { artifacts: {} } }), 'has no stacks'],
    ['a manifest that is not JSON', () => directoryWith({ 'manifest.json': '{oops' }), 'manifest.json is not valid JSON'],
    ['a manifest without artifacts', () => directoryWith({ 'manifest.json': [] }), "a cloud assembly's manifest lists artifacts"],
    ['a missing template', () => directoryWith({ 'manifest.json': { artifacts: { A: { type: 'aws:cloudformation:stack', properties: { templateFile: 'a.json' } } } } }), 'a.json: it does not exist'],
    ['a template without resources', () => assembly({ A: { template: {} } }), 'the template has no Resources'],
    ['a section that CloudFormation does not have', () => assembly({ A: { template: { Resourcs: {} } } }), "'Resourcs' is not a section of a CloudFormation template"],
    ['a macro', () => assembly({ A: { template: { Transform: 'AWS::Serverless-2016-10-31', Resources: {} } } }), 'Transform "AWS::Serverless-2016-10-31" is not simulated'],
    ['a resource without type', () => assembly({ A: { template: { Resources: { X: {} } } } }), 'resource X needs a Type, got {}'],
  ])('refuses %s with a sentence', (_, location, message) => {
    expect(() => deployProbes(location())).toThrow(message);
  });
});
