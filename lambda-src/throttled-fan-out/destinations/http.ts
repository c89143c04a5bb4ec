import { type SFNClient, StartSyncExecutionCommand } from '@aws-sdk/client-sfn';
import { executionName } from './execution-name';
import type { Deliverer } from '../delivering';
import type { Message } from '../message';
import { DELIVERED, type DeliveryOutcome, failed, throttled } from '../outcome';

/** What the workflow with the HTTP task answers, whatever the endpoint's status is. */
interface EndpointAnswer {
  readonly status?: unknown;
}

/** Request Timeout, Too Early, Too Many Requests: later, they say, and nothing about the message. @see https://www.rfc-editor.org/rfc/rfc9110#name-status-codes */
const LATER = new Set([408, 425, 429]);

/** Has an Express workflow call the endpoint, and waits for the answer. */
export class HttpDestination implements Deliverer {
  constructor(private readonly stepFunctions: SFNClient, private readonly stateMachineArn: string) {}

  async deliver({ delivery }: Message, signal: AbortSignal): Promise<DeliveryOutcome> {
    const { status, output, error } = await this.stepFunctions.send(new StartSyncExecutionCommand({
      stateMachineArn: this.stateMachineArn,
      name: executionName(delivery.id),
      input: JSON.stringify(delivery),
    }), { abortSignal: signal });
    if (status !== 'SUCCEEDED') return failed(error ?? status);
    return outcomeOf(JSON.parse(output ?? '{}') as EndpointAnswer);
  }
}

/** For how long 429s last nobody tells: the task keeps no header of an answer that is no success. */
function outcomeOf({ status: code }: EndpointAnswer): DeliveryOutcome {
  const status = Number(code);
  if (status >= 200 && status < 300) return DELIVERED;
  return LATER.has(status) ? throttled() : failed(`HTTP ${status}`);
}
