import { ROLE, StatesWorld, task } from './world';
import type { ResourceInstance } from '../../src/cloudformation/resource-provider';

const PASS = { StartAt: 'Only', States: { Only: { Type: 'Pass', End: true } } };

/** Creates the resource as the CloudFormation loader does. */
function provision(world: StatesWorld, properties: object) {
  const [provider] = world.states.resources;
  const resource: ResourceInstance = {
    logicalId: 'Machine',
    type: provider.type,
    properties,
    stackName: 'Broker',
    path: 'Broker/LoanQuotes/Gather/Resource',
    generatedName: () => 'GatherMachine-1A2B',
    assetPath: () => '',
  };
  return { provider, provisioned: provider.create(resource) };
}

describe('AWS::StepFunctions::StateMachine', () => {
  it('makes a state machine that answers with its ARN and name', async () => {
    const world = new StatesWorld();
    const { provider, provisioned } = provision(world, { DefinitionString: JSON.stringify(PASS), RoleArn: ROLE });
    expect(provider.type).toBe('AWS::StepFunctions::StateMachine');
    const arn = 'arn:aws:states:us-east-1:123456789012:stateMachine:GatherMachine-1A2B';
    expect(provisioned).toMatchObject({ ref: arn, attributes: { Arn: arn, Name: 'GatherMachine-1A2B' } });
    expect(world.states.stateMachines()).toEqual([
      { arn, name: 'GatherMachine-1A2B', label: 'LoanQuotes/Gather', type: 'STANDARD', roleArn: ROLE },
    ]);
    expect(await world.execute(arn)).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('takes its own name, the type and an object as the definition', () => {
    const world = new StatesWorld();
    provision(world, { Definition: PASS, RoleArn: ROLE, StateMachineName: 'Mine', StateMachineType: 'EXPRESS' });
    expect(world.states.stateMachines()[0]).toMatchObject({ name: 'Mine', type: 'EXPRESS' });
  });

  it('puts substitutions into the definition', async () => {
    const world = new StatesWorld();
    const { provisioned } = provision(world, {
      RoleArn: ROLE,
      DefinitionString: '{"StartAt":"${First}","States":{"${First}":{"Type":"Pass","Result":${Number},"End":true}}}',
      DefinitionSubstitutions: { First: 'Begin', Number: 7 },
    });
    expect(await world.execute(provisioned.ref)).toMatchObject({ output: '7' });
  });

  it('leaves text in the definition alone that looks like a substitution and has none', async () => {
    const world = new StatesWorld();
    const { provisioned } = provision(world, {
      RoleArn: ROLE, DefinitionString: '{"StartAt":"A","States":{"A":{"Type":"Pass","Result":"${price}","End":true}}}', DefinitionSubstitutions: {},
    });
    expect(await world.execute(provisioned.ref)).toMatchObject({ output: '"${price}"' });
  });

  it('refuses a definition in S3', () => {
    const { provider } = provision(new StatesWorld(), { Definition: PASS, RoleArn: ROLE });
    expect((provider.properties.DefinitionS3Location as (value: unknown) => string)({})).toMatch(/S3 is not simulated/);
  });

  it.each([
    ['both or neither of the definitions', { Definition: PASS, DefinitionString: '{}' }, /'LoanQuotes\/Gather' needs either Definition or DefinitionString/],
    ['no definition', {}, /needs either Definition or DefinitionString/],
    ['a definition that is no JSON', { DefinitionString: '{' }, /state machine 'LoanQuotes\/Gather': .*JSON/],
    ['a type that does not exist', { Definition: PASS, StateMachineType: 'FAST' }, /the type must be STANDARD or EXPRESS, not "FAST"/],
    ['a role that is none', { Definition: PASS, RoleArn: 'me' }, /RoleArn must be the ARN of a role, not "me"/],
    ['a name that is not allowed', { Definition: PASS, StateMachineName: 'a b' }, /Invalid Name: 'a b'/],
  ])('refuses %s', (_, properties, message) => {
    expect(() => provision(new StatesWorld(), { RoleArn: ROLE, ...properties })).toThrow(message);
  });

  it('refuses logging with a role that may not set it up, unless the level is OFF', () => {
    const world = new StatesWorld();
    world.iam.denied.add('logs:CreateLogDelivery');
    const properties = { Definition: PASS, RoleArn: ROLE };
    expect(() => provision(world, { ...properties, LoggingConfiguration: { Level: 'ALL' } }))
      .toThrow(/state machine 'LoanQuotes\/Gather': the state machine IAM Role is not authorized to access the Log Destination: .*logs:CreateLogDelivery/);
    provision(world, { ...properties, LoggingConfiguration: { Level: 'OFF' } });
  });

  it('traces without asking back whether the role may', () => {
    const world = new StatesWorld();
    world.iam.denied.add('xray:PutTraceSegments');
    provision(world, { Definition: PASS, RoleArn: ROLE, TracingConfiguration: { Enabled: true } });
    expect(world.iam.asked.map(({ request }) => request.action)).toContain('xray:PutTraceSegments');
  });

  it('refuses a second state machine of the same name', () => {
    const world = new StatesWorld();
    world.create(PASS);
    expect(() => world.create(PASS)).toThrow("state machine 'Quotes' exists already");
  });

  it('refuses a role that Step Functions may not assume', () => {
    const world = new StatesWorld();
    world.iam.untrusting.add(ROLE);
    expect(() => world.create(PASS)).toThrow(`states.amazonaws.com may not assume role ${ROLE}`);
  });
});

describe('a definition is refused, naming the state,', () => {
  const create = (definition: object) => () => new StatesWorld({ sqs: { SendMessage: () => ({}) } }).create(definition);

  it('when a transition leads nowhere', () => {
    expect(create({ StartAt: 'A', States: { A: { Type: 'Pass', Next: 'Nowhere' } } })).toThrow(/A.*Nowhere/);
  });

  it('when an integration does not exist', () => {
    expect(create(task('arn:aws:states:::glue:startJobRun'))).toThrow(/state 'Ask': the integration 'glue:startJobRun' is not simulated/);
  });

  it('when an integration has not got the pattern', () => {
    expect(create(task('arn:aws:states:::sqs:sendMessage.sync'))).toThrow(/state 'Ask': the integration 'sqs:sendMessage' has no '.sync'/);
  });

  it('when it is an activity', () => {
    expect(create(task('arn:aws:states:us-east-1:123456789012:activity:Work'))).toThrow(/state 'Ask': activities are not simulated/);
  });

  it('when an argument is unknown or missing', () => {
    expect(create(task('arn:aws:states:::sqs:sendMessage', { Arguments: { QueueUrl: 'q', MessageBody: 'b', Priority: 1 } })))
      .toThrow(/state 'Ask': The field 'Priority' is not supported by Step Functions/);
    expect(create(task('arn:aws:states:::sqs:sendMessage', { Arguments: { QueueUrl: 'q' } })))
      .toThrow(/state 'Ask': The field 'MessageBody' is required but was missing/);
  });

  it('when an argument is unknown inside a branch of a Parallel or the processor of a Map, in JSONPath too', () => {
    const inner = { StartAt: 'Deep', States: { Deep: { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage', Parameters: { 'Oops.$': '$' }, End: true } } };
    expect(create({ StartAt: 'P', States: { P: { Type: 'Parallel', Branches: [inner], End: true } } })).toThrow(/state 'Deep'/);
    expect(create({ StartAt: 'M', States: { M: { Type: 'Map', ItemProcessor: inner, End: true } } })).toThrow(/state 'Deep'/);
  });

  it('when it uses credentials of another role', () => {
    expect(create(task('arn:aws:states:::sqs:sendMessage', { Arguments: { QueueUrl: 'q', MessageBody: 'b' }, Credentials: { RoleArn: ROLE } })))
      .toThrow(/state 'Ask': Credentials is not simulated/);
  });
});
