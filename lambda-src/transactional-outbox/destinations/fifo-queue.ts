import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { type Publisher, type PublishOutcome, refusedBy } from './publisher';
import type { OutboxEnvelope } from '../../../src/transactional-outbox/contract';
import { queueId } from '../envelope';

/**
 * Too large, characters that a message must not have, a group that is none.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html
 */
const FAULTS = new Set(['InvalidMessageContents', 'InvalidParameterValue', 'InvalidParameterValueException', 'MissingParameter']);

export class FifoQueuePublisher implements Publisher {
  constructor(private readonly sqs: SQSClient, private readonly queueUrl: string) {}

  publish(envelope: OutboxEnvelope): Promise<PublishOutcome> {
    const body = JSON.stringify(envelope);
    return refusedBy(FAULTS, body, () => this.sqs.send(new SendMessageCommand({
      QueueUrl: this.queueUrl,
      MessageBody: body,
      MessageGroupId: envelope.partitionkey,
      MessageDeduplicationId: queueId(envelope.id),
    })));
  }
}
