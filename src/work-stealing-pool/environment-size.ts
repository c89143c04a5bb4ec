import { Stack, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';

/** @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MOST_BYTES = 4096;
/** The names of the variables, and the pool's and the table's. */
const OTHER_BYTES = 200;
/** With the longest name of a region: `https://sqs.….amazonaws.com/123456789012/`, and `arn:aws:lambda:…:123456789012:function:`. */
const BEFORE_QUEUE = 54;
const BEFORE_FUNCTION = 53;
/** The longest names that CloudFormation gives. */
const LONGEST = { queue: 80, function: 64 };
/** CloudFormation joins the stack's name, the logical id and 12 random characters by hyphens. */
const RANDOM_PART = 14;

/** A sentence about a handler whose settings would not fit into its environment; without it the deployment would fail. */
export function tooLarge(scope: Construct, handler: string, settings: object): string[] {
  const bytes = OTHER_BYTES + bytesOf(Stack.of(scope), settings);
  if (bytes <= MOST_BYTES) return [];
  return [`the settings of the ${handler} must fit into an environment of ${MOST_BYTES} bytes, received about ${bytes}; give groups shorter ids or fewer stealsFrom, or make two pools of them`];
}

/** As JSON, with names of about the length that CloudFormation will give. Ids of groups have one byte a character. */
function bytesOf(stack: Stack, settings: object): number {
  const stackName = Token.isUnresolved(stack.stackName) ? LONGEST.queue : stack.stackName.length;
  const named = (logicalId: string, longest: number) => Math.min(longest, stackName + logicalId.length + RANDOM_PART);
  const lengthOf = (reference: any) => reference.Ref
    ? BEFORE_QUEUE + named(reference.Ref, LONGEST.queue)
    : BEFORE_FUNCTION + named(reference['Fn::GetAtt'][0], LONGEST.function);
  return JSON.stringify(settings, (_, value) => Token.isUnresolved(value) ? ' '.repeat(lengthOf(stack.resolve(value))) : value).length;
}
