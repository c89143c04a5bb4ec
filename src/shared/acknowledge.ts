import * as cdk from 'aws-cdk-lib';
import { IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct, IConstruct } from 'constructs';

/** The part of aws-cdk-lib's `Validations` that is used; it does not exist at the peer floor. */
interface ValidationsClass {
  of(scope: IConstruct): { acknowledge(rule: { id: string; reason: string }): void };
}

/** Records why a finding of a rule pack (cdk-nag and the like) does not apply to this construct. */
export function acknowledgeFinding(scope: IConstruct, id: string, reason: string): void {
  const { Validations } = cdk as unknown as { Validations?: ValidationsClass };
  try {
    Validations?.of(scope).acknowledge({ id, reason });
  } catch (error) {
    // Releases that do not mind brackets, as 2.263, take the `::` in an ARN for the end of a plugin's name. A finding more is no reason to have no stack.
    if ((error as Error).name !== 'InvalidValidationId') throw error;
  }
}

/** Records why somebody is granted something on resources whose ARN ends with a wildcard. */
export function acknowledgeWildcard({ grantPrincipal }: IGrantable, resourceArn: string, reason: string): void {
  if (Construct.isConstruct(grantPrincipal)) acknowledgeWildcardIn(grantPrincipal, resourceArn, reason);
}

/** Records why a policy names resources whose ARN ends with a wildcard. */
export function acknowledgeWildcardIn(scope: IConstruct, resourceArn: string, reason: string): void {
  acknowledgeFinding(scope, `AwsSolutions-IAM5[Resource::${asFound(cdk.Stack.of(scope).resolve(resourceArn))}]`, reason);
}

/** A resolved value as cdk-nag writes it into its findings. */
function asFound(value: any): string {
  if (typeof value === 'string') return value;
  if (value['Fn::Join']) return value['Fn::Join'][1].map(asFound).join(value['Fn::Join'][0]);
  if (value['Fn::GetAtt']) return `<${value['Fn::GetAtt'].join('.')}>`;
  if (value.Ref) return `<${value.Ref}>`;
  return JSON.stringify(value);
}
