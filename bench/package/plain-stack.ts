import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sources from 'aws-cdk-lib/aws-lambda-event-sources';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as pipes from 'aws-cdk-lib/aws-pipes';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { Inventory } from './inventory';

const INLINE = 'exports.handler = async () => ({});';

/**
 * As many resources of each type as the inventory has, made by aws-cdk-lib's L2 constructs with what they need to be told and little more: what a user
 * would have without a library. Only a pipe is an L1, since aws-cdk-lib has no other. Code that is an asset has the inventory's own files.
 */
export function addPlainResources(scope: Construct, { types, assets }: Inventory) {
  const left = { ...types };
  /** As many as there are to be, or as are left. */
  const each = <Made>(type: string, make: (id: string, index: number) => Made, most = Infinity): Made[] => {
    const count = Math.min(left[type] ?? 0, most);
    left[type] -= count;
    return Array.from({ length: count }, (_, index) => make(`${type.split('::').slice(1).join('')}${index}`, index));
  };
  /** Resources that an L2 construct makes beside another: how many of the constructs are to make one. */
  const beside = (type: string, most: number): number => each(type, () => true, most).length;

  const queuePolicies = beside('AWS::SQS::QueuePolicy', types['AWS::SQS::Queue']);
  const queues = each('AWS::SQS::Queue', (id, index) => new sqs.Queue(scope, id, { enforceSSL: index < queuePolicies }));
  const topicPolicies = beside('AWS::SNS::TopicPolicy', types['AWS::SNS::Topic']);
  const topics = each('AWS::SNS::Topic', (id, index) => new sns.Topic(scope, id, { enforceSSL: index < topicPolicies }));
  const bucketPolicies = beside('AWS::S3::BucketPolicy', types['AWS::S3::Bucket']);
  each('AWS::S3::Bucket', (id, index) => new s3.Bucket(scope, id, { enforceSSL: index < bucketPolicies }));
  each('AWS::DynamoDB::Table', (id) => new dynamodb.Table(scope, id, {
    partitionKey: { name: 'pk', type: dynamodb.AttributeType.STRING }, billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
  }));
  const logGroups = each('AWS::Logs::LogGroup', (id) => new logs.LogGroup(scope, id));
  const buses = each('AWS::Events::EventBus', (id) => new events.EventBus(scope, id));

  // Roles of functions, of state machines and of what else there is, in this order. The first ones are granted something, which makes a policy each.
  const roles = each('AWS::IAM::Role', (id) => new iam.Role(scope, id, {
    assumedBy: new iam.CompositePrincipal(...['lambda', 'states', 'pipes'].map((service) => new iam.ServicePrincipal(`${service}.amazonaws.com`))),
  }));
  each('AWS::IAM::Policy', (_, index) => queues[index % queues.length].grantSendMessages(roles[index]), roles.length);
  const inline = types['AWS::Lambda::Function'] - assets.length;
  const functions = each('AWS::Lambda::Function', (id, index) => new lambda.Function(scope, id, {
    runtime: lambda.Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: index < inline ? lambda.Code.fromInline(INLINE) : lambda.Code.fromAsset(assets[index - inline]),
    role: roles[index],
  }));
  const machineRoles = roles.slice(functions.length);
  each('AWS::StepFunctions::StateMachine', (id, index) => new sfn.StateMachine(scope, id, {
    definitionBody: sfn.DefinitionBody.fromChainable(new sfn.Pass(scope, `${id}Pass`)), role: machineRoles[index],
  }));

  const permissions = beside('AWS::Lambda::Permission', types['AWS::Events::Rule']);
  each('AWS::Events::Rule', (id, index) => new events.Rule(scope, id, {
    eventBus: buses[0],
    eventPattern: { source: ['shop'] },
    targets: [index < permissions ? new targets.LambdaFunction(functions[index]) : new targets.SqsQueue(queues[index])],
  }));
  each('AWS::SNS::Subscription', (_, index) => topics[0].addSubscription(new subscriptions.SqsSubscription(queues[index])));
  each('AWS::Lambda::EventSourceMapping', (_, index) => functions[index].addEventSource(new sources.SqsEventSource(queues[index])));
  each('AWS::Lambda::EventInvokeConfig', (_, index) => functions[index].configureAsyncInvoke({ retryAttempts: 1 }));
  each('AWS::Logs::MetricFilter', (id, index) => logGroups[index % logGroups.length].addMetricFilter(id, {
    filterPattern: logs.FilterPattern.literal('ERROR'), metricNamespace: 'Shop', metricName: id,
  }));
  each('AWS::CloudWatch::Alarm', (id, index) => new cloudwatch.Alarm(scope, id, {
    metric: queues[index % queues.length].metricApproximateNumberOfMessagesVisible(), threshold: 1, evaluationPeriods: 1,
  }));
  each('AWS::Pipes::Pipe', (id) => new pipes.CfnPipe(scope, id, { roleArn: roles[roles.length - 1].roleArn, source: queues[0].queueArn, target: queues[1].queueArn }));

  const unknown = Object.entries(left).filter(([, count]) => count > 0).map(([type, count]) => `${count} of ${type}`);
  if (unknown.length > 0) throw new Error(`the plain stack lacks ${unknown.join(', ')}: add them to bench/package/plain-stack.ts`);
}
