import type { Delivery } from './deliveries';
import { envelope, lambdaEvent, textFor } from './envelope';
import type { NotificationAttribute } from './message';
import { isFifo } from './subscription';
import type { ApiCall } from '../../service';

type Call = Pick<ApiCall, 'service' | 'operation' | 'input'>;

/** A message of SQS holds ten: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const MOST_SQS_ATTRIBUTES = 10;

/** Queues get a message, functions an asynchronous invocation. */
export function deliveryCall(delivery: Delivery, region: string): Call {
  const { notification, topic: { settings }, subscription } = delivery;
  if (subscription.protocol === 'sqs') return sendMessage(delivery, subscription.endpoint, region, subscription.raw ? notification.attributes : {});
  return {
    service: 'lambda',
    operation: 'Invoke',
    input: { FunctionName: subscription.endpoint, InvocationType: 'Event', Payload: lambdaEvent(notification, settings, subscription, region) },
  };
}

/**
 * What could not be delivered goes to the dead-letter queue as the subscriber would have got it, with the reason in attributes;
 * the message's own attributes stay as far as there is room.
 */
export function deadLetterCall(delivery: Delivery, region: string, error: { name: string; message: string }, requestId: string): Call {
  const { notification, subscription } = delivery;
  const text = (StringValue: string): NotificationAttribute => ({ DataType: 'String', StringValue });
  const reasons: Record<string, NotificationAttribute> = {
    RequestID: text(requestId),
    ErrorCode: text(SQS_WIRE_CODES[error.name] ?? error.name),
    ErrorMessage: text(error.message || error.name),
  };
  const own = Object.entries(subscription.raw ? notification.attributes : {}).filter(([name]) => !(name in reasons));
  const room = MOST_SQS_ATTRIBUTES - Object.keys(reasons).length;
  return sendMessage(delivery, subscription.deadLetterArn!, region, { ...Object.fromEntries(own.slice(0, room)), ...reasons });
}

const SQS_WIRE_CODES: Readonly<Record<string, string>> = { QueueDoesNotExist: 'AWS.SimpleQueueService.NonExistentQueue' };

function sendMessage(delivery: Delivery, queueArn: string, region: string, MessageAttributes: Readonly<Record<string, NotificationAttribute>>): Call {
  const { notification, topic: { settings }, subscription } = delivery;
  return {
    service: 'sqs',
    operation: 'SendMessage',
    input: {
      QueueUrl: queueUrl(queueArn),
      MessageBody: subscription.raw ? textFor(notification, 'sqs') : envelope(notification, settings, subscription, region),
      MessageAttributes,
      ...ordering(delivery, queueArn),
    },
  };
}

/**
 * FIFO queues get group and deduplication id. A standard queue gets no group from a FIFO topic, but from a standard topic, for fair queues.
 * https://docs.aws.amazon.com/sns/latest/dg/fifo-message-grouping.html
 * https://docs.aws.amazon.com/sns/latest/api/API_Publish.html (MessageGroupId)
 */
function ordering({ notification, topic: { settings } }: Delivery, queueArn: string) {
  const { groupId: MessageGroupId, deduplicationId: MessageDeduplicationId } = notification;
  if (isFifo(queueArn)) return { MessageGroupId, MessageDeduplicationId };
  return settings.fifo || MessageGroupId === undefined ? {} : { MessageGroupId };
}

function queueUrl(arn: string): string {
  const [, , , region, account, name] = arn.split(':');
  return `https://sqs.${region}.amazonaws.com/${account}/${name}`;
}
