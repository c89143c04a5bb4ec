import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { HttpMethod, IConnection } from 'aws-cdk-lib/aws-events';
import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { IDEMPOTENCY_HEADER } from './contract';
import { Definition } from '../shared/asl';
import { grantExactly } from '../shared/grants';
import { jsonStateMachine } from '../shared/state-machine';

export interface HttpEndpoint {
  readonly url: string;
  readonly method: HttpMethod;
  readonly connection: IConnection;
  readonly headers: { readonly [name: string]: string };
}

export interface HttpWorkflowProps {
  readonly endpoint: HttpEndpoint;
  readonly description: string;
  readonly timeout: Duration;
  readonly logRetention: RetentionDays;
  readonly encryptionKey?: IKey;
  readonly removalPolicy?: RemovalPolicy;
}

/** Its execution's input is the delivery; its output is `{ status }` whenever the endpoint answered. Otherwise it fails. */
export function httpWorkflow(scope: Construct, id: string, props: HttpWorkflowProps): StateMachine {
  const stateMachine = jsonStateMachine(scope, id, {
    ...props,
    express: true,
    definition: Stack.of(scope).toJsonString(httpDefinition(Stack.of(scope).partition, props.endpoint, props.timeout)),
  });
  grantRequest(scope, `${id}Policy`, stateMachine, props.endpoint);
  return stateMachine;
}

/**
 * An answer that is no success fails the task: its status is in the error's name, `States.Http.StatusCode.429`. All else of it is lost, `Retry-After` too.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html
 */
function httpDefinition(partition: string, { url, method, connection, headers }: HttpEndpoint, timeout: Duration): Definition {
  return {
    Comment: 'Sends one delivery to an HTTP endpoint and tells how it answered',
    QueryLanguage: 'JSONata',
    StartAt: 'Send',
    States: {
      'Send': {
        Type: 'Task',
        Resource: `arn:${partition}:states:::http:invoke`,
        Arguments: {
          ApiEndpoint: url,
          Method: method,
          Authentication: { ConnectionArn: connection.connectionArn },
          Headers: { ...headers, [IDEMPOTENCY_HEADER]: '{% $states.input.id %}' },
          RequestBody: '{% $states.input %}',
        },
        TimeoutSeconds: timeout.toSeconds(),
        Output: { status: '{% $states.result.StatusCode %}' },
        Catch: [{ ErrorEquals: ['States.ALL'], Output: '{% $states.errorOutput %}', Next: 'Answered?' }],
        End: true,
      },
      'Answered?': {
        Type: 'Choice',
        Choices: [{
          Condition: '{% $contains($states.input.Error, /^States[.]Http[.]StatusCode[.][0-9]+$/) %}',
          Output: { status: '{% $number($substringAfter($states.input.Error, "StatusCode.")) %}' },
          Next: 'Answered',
        }],
        Default: 'Unanswered',
      },
      'Answered': { Type: 'Succeed' },
      'Unanswered': { Type: 'Fail', Error: '{% $states.input.Error %}', Cause: '{% $string($states.input.Cause) %}' },
    },
  };
}

/** A policy beside the role's own, which the machine waits for: this one names the machine. @see https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html#connect-http-task-permissions */
function grantRequest(scope: Construct, id: string, stateMachine: StateMachine, { url, method, connection }: HttpEndpoint): void {
  grantExactly(stateMachine, connection.connectionArn, ['events:RetrieveConnectionCredentials']);
  grantExactly(stateMachine, connection.connectionSecretArn, ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue']);
  new Policy(scope, id, {
    roles: [stateMachine.role],
    statements: [new PolicyStatement({
      actions: ['states:InvokeHTTPEndpoint'],
      resources: [stateMachine.stateMachineArn],
      conditions: { StringEquals: { 'states:HTTPEndpoint': url, 'states:HTTPMethod': method } },
    })],
  });
}
