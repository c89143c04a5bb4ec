import type { SQSRecord } from 'aws-lambda';
import type { GivenUp } from './give-up';
import { type Message, messageOf } from './message';
import type { PrioritySettings } from '../../src/throttled-fan-out/contract';

/** The priority whose queue the records come from. @throws when no priority has that queue */
export function priorityOf(
  records: readonly SQSRecord[],
  priorities: readonly PrioritySettings[],
): { readonly rank: number; readonly priority: PrioritySettings } {
  const arn = records[0]?.eventSourceARN;
  const rank = priorities.findIndex(({ queueArn }) => queueArn === arn);
  const priority = priorities[rank];
  if (!priority) {
    const known = priorities.map(({ queueArn }) => queueArn).join(', ');
    throw new Error(`records of queue '${arn}' cannot be dispatched: this function's settings know ${known}; remove the event source that somebody has added`);
  }
  return { rank, priority };
}

/** Tells messages from records that are none. */
export function received(
  records: readonly SQSRecord[],
  addressee: { readonly fanOut: string; readonly target: string; readonly priority: string },
  error: (message: string, details: Record<string, unknown>) => void,
): { readonly messages: readonly Message[]; readonly invalid: readonly GivenUp[] } {
  const messages: Message[] = [];
  const invalid: GivenUp[] = [];
  for (const record of records) {
    try {
      messages.push(messageOf(record, addressee));
    } catch (fault) {
      const { messageId, messageAttributes: attributes } = record;
      error('a message is given up', { messageId, reason: 'INVALID', error: (fault as Error).message });
      invalid.push({ record, attributes, messageId, priority: addressee.priority, reason: 'INVALID' });
    }
  }
  return { messages, invalid };
}
