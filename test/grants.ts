import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';

/** Actions of a role and the resources that they are granted on, without hashes and with blanks between; without those on keys. */
export function grantsOf(stack: Stack, role: string): Record<string, string> {
  const grants = new Map<string, Set<string>>();
  for (const { Action, Resource } of statementsOf(stack, role)) {
    for (const action of [Action].flat().filter((each: string) => !each.startsWith('kms:'))) {
      grants.set(action, new Set([...(grants.get(action) ?? []), ...[Resource].flat().map(readable)]));
    }
  }
  return Object.fromEntries([...grants].map(([action, resources]) => [action, [...resources].join(' ')]));
}

/** What a role may do with keys, whatever they are used for. */
export function keyActions(stack: Stack, role: string): string[] {
  return [...new Set(statementsOf(stack, role).filter(({ Condition }) => !Condition).flatMap(({ Action }) => Action).filter((action) => action.startsWith('kms:')))].sort();
}

/** What every handler may do. */
export function ofEveryHandler(logs: string): Record<string, string> {
  return { 'logs:CreateLogStream': logs, 'logs:PutLogEvents': logs, 'xray:PutTelemetryRecords': '*', 'xray:PutTraceSegments': '*' };
}

/** What every state machine may do that logs and traces. */
export const OF_EVERY_STATE_MACHINE = Object.fromEntries([
  'logs:CreateLogDelivery', 'logs:DeleteLogDelivery', 'logs:DescribeLogGroups', 'logs:DescribeResourcePolicies', 'logs:GetLogDelivery', 'logs:ListLogDeliveries',
  'logs:PutResourcePolicy', 'logs:UpdateLogDelivery', 'xray:GetSamplingRules', 'xray:GetSamplingTargets', 'xray:PutTelemetryRecords', 'xray:PutTraceSegments',
].map((action) => [action, '*']));

/** A resolved value with logical ids in place of references. */
export function readable(value: any): string {
  if (typeof value === 'string') return value;
  if (value['Fn::Join']) return value['Fn::Join'][1].map(readable).join(value['Fn::Join'][0]);
  if (value['Fn::GetAtt']) return `${unhashed(value['Fn::GetAtt'][0])}.${value['Fn::GetAtt'][1]}`;
  return value.Ref ? unhashed(value.Ref) : JSON.stringify(value);
}

/** Statements of all policies that are attached to the one role whose logical id, without its hash, is this. */
function statementsOf(stack: Stack, role: string): any[] {
  const policies = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'))
    .filter(({ Properties }) => Properties.Roles.some((each: { Ref?: string }) => each.Ref !== undefined && unhashed(each.Ref) === role));
  if (policies.length === 0) throw new Error(`nothing is granted to '${role}'`);
  return policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
}

function unhashed(logicalId: string): string {
  return logicalId.replace(/[0-9A-F]{8}$/, '');
}
