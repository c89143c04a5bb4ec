import { DEFAULT_EVENT_INVOKE_CONFIG } from './async-invocations';
import type { FunctionDirectory } from './function-directory';
import { integer } from './function-provider';
import type { ResourceProvider } from '../../cloudformation/resource-provider';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-eventinvokeconfig.html */
export function eventInvokeConfigProvider(directory: FunctionDirectory): ResourceProvider {
  return {
    type: 'AWS::Lambda::EventInvokeConfig',
    properties: {
      FunctionName: true,
      Qualifier: true,
      MaximumRetryAttempts: true,
      MaximumEventAgeInSeconds: true,
      DestinationConfig: { OnSuccess: { Destination: true }, OnFailure: { Destination: true } },
    },
    create: (resource) => {
      const { FunctionName, Qualifier, MaximumRetryAttempts, MaximumEventAgeInSeconds, DestinationConfig } = resource.properties;
      const owner = directory.get(FunctionName);
      owner.eventInvokeConfigs.set(Qualifier ?? '$LATEST', {
        maximumRetryAttempts: MaximumRetryAttempts === undefined
          ? DEFAULT_EVENT_INVOKE_CONFIG.maximumRetryAttempts
          : integer(resource.path, 'MaximumRetryAttempts', MaximumRetryAttempts, 0, 2),
        maximumEventAgeMs: MaximumEventAgeInSeconds === undefined
          ? DEFAULT_EVENT_INVOKE_CONFIG.maximumEventAgeMs
          : integer(resource.path, 'MaximumEventAgeInSeconds', MaximumEventAgeInSeconds, 60, 21_600) * 1000,
        onSuccess: destination(resource.path, 'OnSuccess', DestinationConfig?.OnSuccess?.Destination),
        onFailure: destination(resource.path, 'OnFailure', DestinationConfig?.OnFailure?.Destination),
      });
      return { ref: resource.generatedName() };
    },
  };
}

function destination(owner: string, property: string, arn: unknown): string | undefined {
  if (arn === undefined) return undefined;
  const [prefix, , service] = String(arn).split(':');
  if (prefix !== 'arn' || !['events', 'lambda', 'sqs', 'sns'].includes(service)) {
    throw new Error(`${owner}: ${property} destination ${String(arn)} is not simulated; simulated: event buses, functions, standard queues and standard topics`);
  }
  // https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html: standard queues and topics only.
  if (String(arn).endsWith('.fifo')) {
    throw new Error(`${owner}: ${property} destination ${String(arn)} is a FIFO ${service === 'sqs' ? 'queue' : 'topic'}, to which Lambda cannot send records`);
  }
  return String(arn);
}
