import { mkdtempSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';

const directories: string[] = [];

afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true });
});

const trust = (service: string) => ({ Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: service } }] });
const arn = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
const at = (name: string) => ({ Metadata: { 'aws:cdk:path': `Shop/${name}/Resource` } });

function role(service: string, actions: Record<string, string>) {
  const Statement = Object.entries(actions).map(([Action, id]) => ({ Effect: 'Allow', Action, Resource: arn(id) }));
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: trust(service),
      ...(Statement.length > 0 ? { Policies: [{ PolicyName: 'p', PolicyDocument: { Statement } }] } : {}),
    },
  };
}

function lambda(name: string, code: string, roleId: string) {
  return {
    Type: 'AWS::Lambda::Function',
    Properties: { Handler: 'index.handler', Runtime: 'nodejs22.x', Code: { ZipFile: code }, Role: arn(roleId), Timeout: 3 },
    ...at(name),
  };
}

function machine(name: string, roleId: string, definition: object, type: string = 'STANDARD') {
  return {
    Type: 'AWS::StepFunctions::StateMachine',
    Properties: { RoleArn: arn(roleId), StateMachineType: type, DefinitionString: { 'Fn::Sub': JSON.stringify(definition) } },
    ...at(name),
  };
}

const pass = { StartAt: 'Done', States: { Done: { Type: 'Pass', End: true } } };
const invoke = {
  StartAt: 'Call',
  States: { Call: { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Parameters: { 'FunctionName': '${Double.Arn}', 'Payload.$': '$' }, OutputPath: '$.Payload', End: true } },
};
const waiting = {
  StartAt: 'Wait',
  States: {
    Wait: {
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      End: true,
      Parameters: { QueueUrl: '${Inbox}', MessageBody: { 'Token.$': '$$.Task.Token' } },
    },
  },
};

/** A small shop: two functions, queues, a bus with a rule, and workflows of each kind. `grants` are those of the workflows' role. */
export function shopTemplate(grants: Record<string, string> = { 'lambda:InvokeFunction': 'Double', 'sqs:SendMessage': 'Inbox' }) {
  return {
    Resources: {
      FunctionRole: role('lambda.amazonaws.com', {}),
      MachineRole: role('states.amazonaws.com', grants),
      Double: lambda('Double', 'exports.handler = async ({ n }) => { if (n < 0) throw new RangeError("negative"); return { n: 2 * n }; };', 'FunctionRole'),
      Dead: { Type: 'AWS::SQS::Queue', ...at('Inbox/Dead') },
      Inbox: { Type: 'AWS::SQS::Queue', Properties: { RedrivePolicy: { deadLetterTargetArn: arn('Dead'), maxReceiveCount: 1 } }, ...at('Inbox') },
      Ordered: { Type: 'AWS::SQS::Queue', Properties: { FifoQueue: true }, ...at('Ordered') },
      Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'orders' }, ...at('Bus') },
      Rule: {
        Type: 'AWS::Events::Rule',
        Properties: { EventBusName: { Ref: 'Bus' }, EventPattern: { source: ['shop'] }, Targets: [{ Id: 't', Arn: arn('Inbox') }] },
        ...at('Rule'),
      },
      InboxPolicy: {
        Type: 'AWS::SQS::QueuePolicy',
        Properties: {
          Queues: [{ Ref: 'Inbox' }],
          PolicyDocument: { Statement: [{ Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: arn('Inbox') }] },
        },
      },
      Workflow: machine('Orders/Workflow', 'MachineRole', invoke),
      Quick: machine('Quick', 'MachineRole', pass, 'EXPRESS'),
      Callback: machine('Callback', 'MachineRole', waiting),
    },
    Outputs: { InboxUrl: { Value: { Ref: 'Inbox' } } },
  };
}

/** The template in a file of its own; the stack's name is Shop. */
export function shopFile(template: object = shopTemplate()): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'shop-'));
  directories.push(directory);
  const file = path.join(directory, 'Shop.template.json');
  writeFileSync(file, JSON.stringify(template));
  return file;
}
