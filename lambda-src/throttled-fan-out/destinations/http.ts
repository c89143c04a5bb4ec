import { type SFNClient, StartSyncExecutionCommand } from '@aws-sdk/client-sfn';
import { executionName } from './execution-name';
import type { Deliverer } from '../delivering';
import type { Message } from '../message';
import { DELIVERED, type DeliveryOutcome, failed, throttled } from '../outcome';

/** What the workflow with the HTTP task answers, whatever the endpoint's status is. */
interface EndpointAnswer {
  readonly status?: unknown;
  readonly retryAfter?: unknown;
}

/** Request Timeout, Too Early, Too Many Requests: later, they say, and nothing about the message. @see https://www.rfc-editor.org/rfc/rfc9110#name-status-codes */
const LATER = new Set([408, 425, 429]);
/** With a Retry-After it says the same. @see https://www.rfc-editor.org/rfc/rfc9110#name-503-service-unavailable */
const UNAVAILABLE = 503;

/** Has an Express workflow call the endpoint, and waits for the answer. */
export class HttpDestination implements Deliverer {
  constructor(private readonly stepFunctions: SFNClient, private readonly stateMachineArn: string, private readonly now: () => number) {}

  async deliver({ delivery }: Message, signal: AbortSignal): Promise<DeliveryOutcome> {
    const { status, output, error } = await this.stepFunctions.send(new StartSyncExecutionCommand({
      stateMachineArn: this.stateMachineArn,
      name: executionName(delivery.id),
      input: JSON.stringify(delivery),
    }), { abortSignal: signal });
    if (status !== 'SUCCEEDED') return failed(error ?? status);
    return this.outcomeOf(JSON.parse(output ?? '{}') as EndpointAnswer);
  }

  private outcomeOf({ status: code, retryAfter }: EndpointAnswer): DeliveryOutcome {
    const status = Number(code);
    if (status >= 200 && status < 300) return DELIVERED;
    if (LATER.has(status) || (status === UNAVAILABLE && retryAfter !== undefined && retryAfter !== null)) return throttled(retryAfter, this.now());
    return failed(`HTTP ${status}`);
  }
}
