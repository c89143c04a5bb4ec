import type { FunctionConfiguration } from './configuration';
import type { World } from '../../service';

/** @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html#monitoring-cloudwatchlogs-prereqs */
const LOGGING_ACTIONS = ['logs:CreateLogStream', 'logs:PutLogEvents'];
/** @see https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html */
const TRACING_ACTIONS = ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'];

/** What Lambda needs of a function's role besides the code's own calls. Traces that the role may not write are lost without a word. */
export function useTracing(world: World, { role, tracing }: FunctionConfiguration) {
  if (!tracing) return;
  for (const action of TRACING_ACTIONS) world.iam.attempt({ kind: 'role', arn: role }, { action, resource: '*' });
}

/** Whether the role lets Lambda write the function's log; if not, it is lost without a word. */
export function mayLog(world: World, { role, logs, logStream }: FunctionConfiguration): boolean {
  const resource = `arn:aws:logs:${world.region}:${world.account}:log-group:${logs.group}:log-stream:${logStream}`;
  return LOGGING_ACTIONS.map((action) => world.iam.attempt({ kind: 'role', arn: role }, { action, resource })).every(Boolean);
}
