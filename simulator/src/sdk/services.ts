/** The service ids of AWS SDK clients, the simulator's names for the services, and the package that has the client. */
const SERVICES: Readonly<Record<string, { readonly service: string; readonly module: string }>> = {
  'CloudWatch': { service: 'cloudwatch', module: '@aws-sdk/client-cloudwatch' },
  'CloudWatch Logs': { service: 'logs', module: '@aws-sdk/client-cloudwatch-logs' },
  'DynamoDB': { service: 'dynamodb', module: '@aws-sdk/client-dynamodb' },
  'DynamoDB Streams': { service: 'dynamodb', module: '@aws-sdk/client-dynamodb-streams' },
  'EventBridge': { service: 'events', module: '@aws-sdk/client-eventbridge' },
  'Lambda': { service: 'lambda', module: '@aws-sdk/client-lambda' },
  'S3': { service: 's3', module: '@aws-sdk/client-s3' },
  'Pipes': { service: 'pipes', module: '@aws-sdk/client-pipes' },
  'Scheduler': { service: 'scheduler', module: '@aws-sdk/client-scheduler' },
  'SFN': { service: 'states', module: '@aws-sdk/client-sfn' },
  'SNS': { service: 'sns', module: '@aws-sdk/client-sns' },
  'SQS': { service: 'sqs', module: '@aws-sdk/client-sqs' },
};

/** The simulator's name of the service that a client with this service id talks to; an unknown one becomes a readable name. */
export function serviceName(serviceId: string): string {
  return SERVICES[serviceId]?.service ?? serviceId.toLowerCase().replace(/\s+/g, '-');
}

/** The package of the client for a service id, where the simulator knows it. */
export function clientModule(serviceId: string): string | undefined {
  return SERVICES[serviceId]?.module;
}
