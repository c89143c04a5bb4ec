import { readFileSync } from 'fs';
import * as path from 'path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { Construct } from 'constructs';

/**
 * What holds state, and what CloudFormation does with it under another logical id: it makes a new one, and deletes the old one or, where the template says so,
 * leaves it behind outside of the stack. https://docs.aws.amazon.com/cdk/v2/guide/identifiers.html#identifiers-logical-id-stability
 */
const STATEFUL: Readonly<Record<string, string>> = {
  'AWS::DynamoDB::Table': 'make a new, empty table, and delete the old one or leave it behind',
  'AWS::DynamoDB::GlobalTable': 'make a new, empty table, and delete the old one or leave it behind',
  'AWS::SQS::Queue': 'make a new, empty queue, and delete the old one or leave it behind with nobody who reads it',
  'AWS::S3::Bucket': 'make a new, empty bucket, and delete the old one or leave it behind',
  'AWS::SNS::Topic': 'make a new topic with another ARN, and delete the old one',
  'AWS::Events::EventBus': 'make a new bus, and delete the old one with the rules that others have on it',
  'AWS::Events::Archive': 'make a new, empty archive, and delete the old one',
  'AWS::Events::Connection': 'make a new connection with another ARN and another secret, and delete the old one',
  'AWS::Logs::LogGroup': 'make a new, empty log group, and delete the old one or leave it behind',
  'AWS::KMS::Key': 'make a new key, and schedule the old one for deletion or leave it behind: what it has encrypted needs it',
  'AWS::SecretsManager::Secret': 'make a new secret with another value, and delete the old one',
  // https://docs.aws.amazon.com/step-functions/latest/apireference/API_DeleteStateMachine.html
  'AWS::StepFunctions::StateMachine': 'make a new state machine, and delete the old one: its executions end at their next transition, and their histories are gone',
  // A pipe knows how far it has read; a new one begins at the oldest record of the stream, which keeps 24 hours.
  'AWS::Pipes::Pipe': 'make a new pipe beside the old one: it begins at the beginning of the stream',
};

/** What holds nothing that the next deployment would not make again. The snapshots guard their ids. */
const STATELESS = new Set([
  'AWS::CloudWatch::Alarm',
  'AWS::Events::Rule',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Function',
  'AWS::Lambda::Permission',
  'AWS::Logs::MetricFilter',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::Subscription',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::QueuePolicy',
]);

/** Properties that give a resource a name of its own; with another one it is replaced. */
const PHYSICAL_NAMES = ['Name', 'TableName', 'QueueName', 'BucketName', 'TopicName', 'LogGroupName', 'StateMachineName', 'FunctionName', 'AlarmName', 'RoleName'];

export interface Kept {
  readonly type: string;
  /** Of the construct, below its stack. */
  readonly path: string;
  /** Where it has a name that CloudFormation does not make up: others may know it. */
  readonly name?: string;
  /** What its users would lose with it. */
  readonly holds: string;
}

/** What a pattern's `logical-ids.json` says, by logical id. */
export function keptOf(directory: string): Readonly<Record<string, Kept>> {
  return JSON.parse(readFileSync(path.join(directory, 'logical-ids.json'), 'utf8'));
}

/** A stack whose template says which construct each resource is of. */
export function stackWithPaths(): Stack {
  return new Stack(new App({ context: { 'aws:cdk:enable-path-metadata': true } }), 'Test');
}

/**
 * A sentence for everything that users of these constructs would lose by an update.
 *
 * `logical-ids.json` is written by hand: who adds what holds state says what that is.
 */
export function losses(kept: Readonly<Record<string, Kept>>, stack: Stack, constructs: readonly Construct[]): string[] {
  const roots = constructs.map(({ node }) => node.path.slice(stack.node.path.length + 1));
  const found = Object.entries(Template.fromStack(stack).toJSON().Resources as Record<string, any>)
    .map(([id, { Type, Properties = {}, Metadata }]) => ({ id, type: Type, path: pathOf(Metadata, stack), name: nameOf(Properties) }))
    .filter((resource) => roots.some((root) => resource.path === root || resource.path.startsWith(`${root}/`)));
  const added = found.filter(({ id, type }) => type in STATEFUL && !(id in kept));

  return [
    ...found.filter(({ type }) => !(type in STATEFUL) && !STATELESS.has(type)).map(({ type, path: where }) => (
      `${where} is of type ${type}: say in test/logical-ids.ts whether that holds state`
    )),
    ...Object.entries(kept).flatMap(([id, before]) => {
      const now = found.find((resource) => resource.id === id);
      const what = `${id} (${before.type}, ${before.path})`;
      const loss = `CloudFormation would ${STATEFUL[before.type]}. Its users would lose: ${before.holds}`;
      if (!now || now.type !== before.type) {
        const instead = added.filter(({ type }) => type === before.type).map((resource) => `${resource.id}, ${resource.path}`);
        return [`${what} has another logical id now, or is gone${instead.length > 0 ? ` (new: ${instead.join('; ')})` : ''}: ${loss}`];
      }
      if (now.name !== before.name) return [`${what} was named ${before.name ?? 'by CloudFormation'}, and is ${now.name ?? 'by CloudFormation'} now: ${loss}`];
      return now.path === before.path ? [] : [`${what} is at ${now.path} now, under the same logical id: nothing is lost, mend its path in logical-ids.json`];
    }),
    ...added.map(({ id, type, path: where, name }) => (
      `${where} is new and holds state: add it to logical-ids.json with what that is\n  "${id}": ${JSON.stringify({ type, path: where, name, holds: '…' })}`
    )),
  ];
}

function pathOf(metadata: Record<string, string> | undefined, stack: Stack): string {
  return (metadata?.['aws:cdk:path'] ?? '').slice(stack.node.path.length + 1).replace(/\/Resource$/, '');
}

function nameOf(properties: Record<string, unknown>): string | undefined {
  const names = PHYSICAL_NAMES.map((property) => properties[property]).filter((value) => typeof value === 'string');
  return names[0] as string | undefined;
}
