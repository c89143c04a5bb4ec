import { App, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Responder, ScatterGather, ScatterGatherProps } from '../../src';

export function newStack(): Stack {
  return new Stack(new App(), 'Test');
}

export function inlineFunction(stack: Stack, id: string, props: Partial<lambda.FunctionProps> = {}): lambda.Function {
  return new lambda.Function(stack, id, {
    runtime: lambda.Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: lambda.Code.fromInline('exports.handler = async ({ request }) => request;'),
    ...props,
  });
}

/** A scatter-gather with two functions to ask. */
export function twoBanks(stack: Stack, props: Partial<ScatterGatherProps> = {}): ScatterGather {
  const gathering = new ScatterGather(stack, 'Quotes', { timeout: Duration.seconds(10), ...props });
  gathering.addResponder('BigBank', Responder.function(inlineFunction(stack, 'BigBank')));
  gathering.addResponder('SmallBank', Responder.function(inlineFunction(stack, 'SmallBank'), { when: '{% $request.amount < 1000 %}' }));
  return gathering;
}

/** The state machine's definition with every reference as a short placeholder. */
export function definitionOf(stack: Stack): any {
  const machines = Template.fromStack(stack).findResources('AWS::StepFunctions::StateMachine');
  const { DefinitionString } = Object.values(machines)[0].Properties;
  const text = typeof DefinitionString === 'string'
    ? DefinitionString
    : DefinitionString['Fn::Join'][1].map((part: any) => typeof part === 'string' ? part : placeholder(part)).join('');
  return JSON.parse(text);
}

function placeholder(part: any): string {
  if (part.Ref === 'AWS::Partition') return 'aws';
  const name: string = part.Ref ?? part['Fn::GetAtt'][0];
  return part.Ref ? name : `arn:aws:lambda:us-east-1:123456789012:function:${name}`;
}

export { Match };
