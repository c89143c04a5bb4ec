import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Deliverer } from '../delivering';
import { MOST_ATTRIBUTES, text, toSend } from '../given-up-attributes';
import type { Message } from '../message';
import { DELIVERED, type DeliveryOutcome } from '../outcome';

/** The attribute that has the delivery's id. */
const ID = 'id';

/** Sends the message on as it was published, with the delivery's id beside it. */
export class QueueDestination implements Deliverer {
  constructor(private readonly sqs: SQSClient, private readonly queueUrl: string) {}

  async deliver({ delivery, attributes }: Message, signal: AbortSignal): Promise<DeliveryOutcome> {
    // An `id` of the publisher's is theirs, and so is the last place for an attribute.
    const hasPlace = attributes[ID] === undefined && Object.keys(attributes).length < MOST_ATTRIBUTES;
    await this.sqs.send(new SendMessageCommand({
      QueueUrl: this.queueUrl,
      MessageBody: delivery.message,
      MessageAttributes: toSend(hasPlace ? { ...attributes, [ID]: text(delivery.id) } : attributes),
      ...(delivery.tenant !== undefined && { MessageGroupId: delivery.tenant }),
    }), { abortSignal: signal });
    return DELIVERED;
  }
}
