import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Grant, IRole, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnFunction, Function as LambdaFunction, FunctionOptions, LoggingFormat, Tracing } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledgeFinding } from './acknowledge';
import { encryptedLogGroup } from './log-group';

export interface HandlerProps {
  readonly description: string;
  readonly timeout: Duration;
  readonly environment: { [name: string]: string };
  readonly memorySize?: number;
  readonly logRetention: RetentionDays;
  readonly encryptionKey?: IKey;
  readonly removalPolicy?: RemovalPolicy;
}

/** Builds a handler's function class with what all handlers of this library have in common. */
export interface HandlerClass {
  new (scope: Construct, id: string, props: FunctionOptions): LambdaFunction;
}

/**
 * A handler with a role of its own that may write to its own log group and send traces, and nothing else until it is
 * granted; JSON logs, X-Ray, and a log group with a retention.
 */
export function handlerFunction(scope: Construct, id: string, handlerClass: HandlerClass, props: HandlerProps): LambdaFunction {
  const logGroup = encryptedLogGroup(scope, `${id}Logs`, { ...props, retention: props.logRetention });
  const role: IRole = new Role(scope, `${id}Role`, {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    description: props.description,
  });
  Grant.addToPrincipal({ grantee: role, actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resourceArns: [logGroup.logGroupArn] });
  const handler = new handlerClass(scope, id, {
    description: props.description,
    role,
    timeout: props.timeout,
    memorySize: props.memorySize ?? 256,
    environment: props.environment,
    environmentEncryption: props.encryptionKey,
    logGroup,
    loggingFormat: LoggingFormat.JSON,
    tracing: Tracing.DISABLED,
  });
  traceWithXRay(handler, role);
  return handler;
}

/** X-Ray by hand: the L2's tracing prop adds the same statement, but leaves no construct to acknowledge its wildcard on. */
function traceWithXRay(handler: LambdaFunction, role: IRole): void {
  (handler.node.defaultChild as CfnFunction).tracingConfig = { mode: 'Active' };
  role.addToPrincipalPolicy(new PolicyStatement({
    actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
    // X-Ray has no resources. @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html
    resources: ['*'],
  }));
  acknowledgeFinding(role, 'AwsSolutions-IAM5[Resource::*]', 'X-Ray has no resource-level permissions');
}
