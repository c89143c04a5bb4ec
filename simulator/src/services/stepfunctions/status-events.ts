import type { Execution } from './execution';
import { redriveStatus } from './redrive';
import type { Service, World } from '../../service';

/** The part of EventBridge that other services publish their own events with. */
interface DefaultBus extends Service {
  publishServiceEvent(event: { source: string; detailType: string; detail: unknown; resources: readonly string[] }): void;
}

/** "If the combined escaped input and escaped output sent to EventBridge exceeds 248KB, then the input will be excluded." */
const MAX_PAYLOAD_BYTES = 248 * 1024;

/**
 * Publishes the status of a Standard execution on the default bus; Express workflows do not emit events.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
 */
export function publishStatus(world: World, execution: Execution) {
  let bus: DefaultBus;
  try {
    bus = world.service<DefaultBus>('events');
  } catch {
    return; // A world without EventBridge has nobody to tell.
  }
  bus.publishServiceEvent({
    source: 'aws.states',
    detailType: 'Step Functions Execution Status Change',
    detail: statusDetail(execution, world.kernel.now),
    resources: [execution.arn],
  });
}

export function statusDetail(execution: Execution, now: number) {
  const { status, input, output } = execution;
  const inputBytes = escapedBytes(input);
  const outputBytes = output === undefined ? 0 : escapedBytes(output);
  const withInput = inputBytes + outputBytes <= MAX_PAYLOAD_BYTES;
  const withOutput = outputBytes <= MAX_PAYLOAD_BYTES;
  return {
    executionArn: execution.arn,
    stateMachineArn: execution.machine.arn,
    name: execution.name,
    status,
    startDate: execution.startDate,
    stopDate: execution.stopDate ?? null,
    input: withInput ? input : null,
    inputDetails: { included: withInput },
    output: withOutput ? output ?? null : null,
    outputDetails: output === undefined ? null : { included: withOutput },
    stateMachineVersionArn: null,
    stateMachineAliasArn: null,
    redriveCount: execution.redriveCount,
    redriveDate: execution.redrive?.at ?? null,
    redriveStatusReason: null,
    ...redriveStatus(execution, now),
    error: execution.error ?? null,
    cause: execution.cause ?? null,
  };
}

function escapedBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text), 'utf8');
}
