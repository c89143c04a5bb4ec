import { mkdtempSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { type ProcessOptions, Simulation, type SimulationOptions } from '../../src';
import { bundle } from '../lambda/lambda-world';

const directories: string[] = [];

export function remove() {
  for (const directory of directories) rmSync(directory, { recursive: true });
}

const arn = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });

function role(service: string, grants: Record<string, string[]>) {
  const Statement = Object.entries(grants).map(([id, Action]) => ({ Effect: 'Allow', Action, Resource: arn(id) }));
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: service } }] },
      ...(Statement.length > 0 ? { Policies: [{ PolicyName: 'p', PolicyDocument: { Statement } }] } : {}),
    },
    Metadata: { 'aws:cdk:path': `Fleet/${service.split('.')[0]}/Resource` },
  };
}

/** A queue, a function that takes five seconds and then tells it, and roles for those who work. */
const TEMPLATE = {
  Resources: {
    TaskRole: role('ecs-tasks.amazonaws.com', { Work: ['sqs:ReceiveMessage', 'sqs:DeleteMessage'], Slow: ['lambda:InvokeFunction'] }),
    InstanceRole: role('ec2.amazonaws.com', {}),
    FunctionRole: role('lambda.amazonaws.com', { Results: ['sqs:SendMessage'] }),
    Work: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'work', VisibilityTimeout: 30 } },
    Results: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'results' } },
    Logs: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: 'fleet' } },
    Slow: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: 'slow', Handler: 'index.handler', Runtime: 'nodejs24.x', Role: arn('FunctionRole'), Timeout: 30,
        Environment: { Variables: { RESULTS: { Ref: 'Results' } } },
        Code: {
          ZipFile: `const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs');
            exports.handler = async () => {
              await new Promise((resolve) => setTimeout(resolve, 5000));
              await new SQSClient().send(new SendMessageCommand({ QueueUrl: process.env.RESULTS, MessageBody: 'done' }));
            };`,
        },
      },
    },
  },
  Outputs: { WorkUrl: { Value: { Ref: 'Work' } } },
};

export function load(options: SimulationOptions = {}): Simulation {
  const directory = mkdtempSync(path.join(tmpdir(), 'fleet-'));
  directories.push(directory);
  const file = path.join(directory, 'Fleet.template.json');
  writeFileSync(file, JSON.stringify(TEMPLATE));
  return Simulation.load(file, options);
}

export function start(simulation: Simulation, source: string, options: Partial<ProcessOptions> = {}) {
  const code = bundle({ 'index.js': source });
  directories.push(code);
  const environment = { QUEUE: String(simulation.outputs.Fleet.WorkUrl), ...options.environment };
  return simulation.process({ role: 'TaskRole', ...options, code, environment });
}

/** Takes one message after the other until it is told to stop. */
export const WORKER = `
  const { SQSClient, ReceiveMessageCommand, DeleteMessageCommand } = require('@aws-sdk/client-sqs');
  const { LambdaClient, InvokeCommand } = require('@aws-sdk/client-lambda');
  const [sqs, lambda, QueueUrl] = [new SQSClient(), new LambdaClient(), process.env.QUEUE];
  exports.handler = async () => {
    let stopping = false;
    process.once('SIGTERM', () => { stopping = true; });
    const bodies = [];
    while (!stopping) {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
      for (const { Body, ReceiptHandle } of Messages) {
        await lambda.send(new InvokeCommand({ FunctionName: 'slow', Payload: '{}' }));
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
        bodies.push(Body);
      }
    }
    return bodies;
  };`;
