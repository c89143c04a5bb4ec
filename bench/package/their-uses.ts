import * as events from 'aws-cdk-lib/aws-events';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { type Construct } from 'constructs';

/** A package of theirs, whose types are not among this repository's. */
type Loaded = Readonly<Record<string, new (scope: Construct, id: string, props: object) => unknown>>;

/** The nearest construct of each pattern, with the props that it must have. */
export const THEIR_USES: Readonly<Record<string, (scope: Construct, loaded: Loaded) => void>> = {
  'scatter-gather': (scope, { EventbridgeToStepfunctions }) => {
    new EventbridgeToStepfunctions(scope, 'Theirs', { eventRuleProps: { eventPattern: { source: ['shop'] } } satisfies events.RuleProps, ...stateMachine(scope) });
  },
  'transactional-outbox': (scope, { DynamoDBStreamsToLambda }) => {
    new DynamoDBStreamsToLambda(scope, 'Theirs', { lambdaFunctionProps: FUNCTION });
  },
  'orchestrated-saga': (scope, { LambdaToStepfunctions }) => {
    new LambdaToStepfunctions(scope, 'Theirs', { lambdaFunctionProps: FUNCTION, ...stateMachine(scope) });
  },
  'throttled-fan-out': (scope, { SnsToSqs }) => {
    new SnsToSqs(scope, 'Theirs', {});
  },
  'work-stealing-pool': (scope, { SqsToLambda }) => {
    new SqsToLambda(scope, 'Theirs', { lambdaFunctionProps: FUNCTION });
  },
};

const FUNCTION: lambda.FunctionProps = {
  runtime: lambda.Runtime.NODEJS_22_X, handler: 'index.handler', code: lambda.Code.fromInline('exports.handler = async () => ({});'),
};

function stateMachine(scope: Construct): { readonly stateMachineProps: sfn.StateMachineProps } {
  return { stateMachineProps: { definitionBody: sfn.DefinitionBody.fromChainable(new sfn.Pass(scope, 'Pass')) } };
}
