import { InvalidDefinition } from './errors';

/** How long a service integration waits. */
export type IntegrationPattern = 'REQUEST_RESPONSE' | 'RUN_JOB' | 'WAIT_FOR_TASK_TOKEN';

/** What a Task state's `Resource` names. */
export type TaskResource =
  | { readonly kind: 'lambda'; readonly functionArn: string }
  | { readonly kind: 'activity'; readonly activityArn: string }
  | {
    readonly kind: 'service';
    /** Such as `lambda`, `dynamodb` or `aws-sdk:dynamodb`. */
    readonly service: string;
    /** Such as `invoke` or `putItem`, without the suffix of the pattern. */
    readonly action: string;
    readonly pattern: IntegrationPattern;
    /** As written, with its suffix: `startExecution.sync:2`. */
    readonly api: string;
  };

const SUFFIXES: Record<string, IntegrationPattern> = { '.sync': 'RUN_JOB', '.sync:2': 'RUN_JOB', '.waitForTaskToken': 'WAIT_FOR_TASK_TOKEN' };

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/integrate-services.html */
export function parseTaskResource(resource: string, stateName: string): TaskResource {
  if (/^arn:[^:]+:lambda:[^:]*:[^:]*:function:.+$/.test(resource)) return { kind: 'lambda', functionArn: resource };
  if (/^arn:[^:]+:states:[^:]+:[^:]+:activity:.+$/.test(resource)) return { kind: 'activity', activityArn: resource };
  const match = /^arn:[^:]+:states:[^:]*:[^:]*:(aws-sdk:[^:]+|[^:]+):([A-Za-z0-9]+)(\.sync(?::2)?|\.waitForTaskToken)?$/.exec(resource);
  if (!match) {
    throw new InvalidDefinition(
      `the Resource of state '${stateName}' must be the ARN of a Lambda function, an activity or a service integration but was '${resource}'`);
  }
  const [, service, action, suffix = ''] = match;
  return { kind: 'service', service, action, pattern: suffix === '' ? 'REQUEST_RESPONSE' : SUFFIXES[suffix], api: action + suffix };
}
