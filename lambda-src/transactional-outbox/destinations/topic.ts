import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { type Publisher, type PublishOutcome, refusedBy } from './publisher';
import type { OutboxEnvelope } from '../../../src/transactional-outbox/contract';

/** Too large, for one. @see https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const FAULTS = new Set(['InvalidParameterException', 'InvalidParameterValueException', 'ValidationException']);

export class TopicPublisher implements Publisher {
  constructor(private readonly sns: SNSClient, private readonly topicArn: string) {}

  publish(envelope: OutboxEnvelope): Promise<PublishOutcome> {
    const message = JSON.stringify(envelope);
    return refusedBy(FAULTS, message, () => this.sns.send(new PublishCommand({ TopicArn: this.topicArn, Message: message })));
  }
}
