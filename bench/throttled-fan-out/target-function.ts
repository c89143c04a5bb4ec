import { Duration } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { TARGET } from './design';

/** AWS advises six times this for the visibility timeout. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
export const TARGET_TIMEOUT = Duration.seconds(5);

/** Sends one e-mail, or a batch of them; the bench plays it. */
export function targetFunction(scope: Construct, props: Partial<lambda.FunctionProps> = {}): lambda.Function {
  return new lambda.Function(scope, TARGET, {
    runtime: lambda.Runtime.NODEJS_22_X,
    architecture: lambda.Architecture.ARM_64,
    handler: 'index.handler',
    code: lambda.Code.fromInline('exports.handler = async () => {};'),
    timeout: TARGET_TIMEOUT,
    ...props,
  });
}
