import type { Caller, World } from '../../service';

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy */
const LOGGING_ACTIONS = [
  'logs:CreateLogDelivery', 'logs:GetLogDelivery', 'logs:UpdateLogDelivery', 'logs:DeleteLogDelivery', 'logs:ListLogDeliveries',
  'logs:PutResourcePolicy', 'logs:DescribeResourcePolicies', 'logs:DescribeLogGroups',
];
/** @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html */
const TRACING_ACTIONS = ['xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'xray:GetSamplingRules', 'xray:GetSamplingTargets'];

/** Nothing is logged here, but a role that may not set up the log delivery is refused as on AWS. */
export function checkLogging(world: World, caller: Caller) {
  try {
    for (const action of LOGGING_ACTIONS) world.iam.authorize(caller.principal, { action, resource: '*' });
  } catch (error: any) {
    throw new Error(`the state machine IAM Role is not authorized to access the Log Destination: ${error?.message}`);
  }
}

/** Traces that the role may not write are lost without a word. */
export function useTracing(world: World, caller: Caller) {
  for (const action of TRACING_ACTIONS) world.iam.attempt(caller.principal, { action, resource: '*' });
}
