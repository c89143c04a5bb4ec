import { createHash } from 'crypto';
import type { Notification, NotificationAttributes } from './message';
import type { TopicSettings } from './settings';
import type { Subscription } from './subscription';

/** The text for a protocol: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html (MessageStructure) */
export function textFor(notification: Notification, protocol: string): string {
  return notification.texts[protocol] ?? notification.texts.default;
}

/**
 * The JSON that queues get without raw delivery, spaced as SNS writes it. FIFO topics do not sign; elsewhere the signature has the
 * form of one and verifies nothing.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
 */
export function envelope(notification: Notification, topic: TopicSettings, subscription: Subscription, region: string): string {
  const { id, sequenceNumber, subject, attributes } = notification;
  const fields: Record<string, unknown> = {
    Type: 'Notification',
    MessageId: id,
    ...(sequenceNumber === undefined ? {} : { SequenceNumber: sequenceNumber }),
    TopicArn: topic.arn,
    ...(subject === undefined ? {} : { Subject: subject }),
    Message: textFor(notification, subscription.protocol),
    Timestamp: timestamp(notification),
    ...(topic.fifo ? {} : {
      SignatureVersion: topic.signatureVersion,
      Signature: signature(notification),
      SigningCertURL: signingCertificate(region),
    }),
    UnsubscribeURL: unsubscribeUrl(subscription, region),
  };
  const lines = Object.entries(fields).map(([name, value]) => `  ${JSON.stringify(name)} : ${JSON.stringify(value)}`);
  const described = Object.entries(describe(attributes)).map(([name, { Type, Value }]) =>
    `    ${JSON.stringify(name)} : {"Type":${JSON.stringify(Type)},"Value":${JSON.stringify(Value)}}`);
  if (described.length > 0) lines.push(`  "MessageAttributes" : {\n${described.join(',\n')}\n  }`);
  return `{\n${lines.join(',\n')}\n}`;
}

/** The event of a function: https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html */
export function lambdaEvent(notification: Notification, topic: TopicSettings, subscription: Subscription, region: string): string {
  return JSON.stringify({
    Records: [{
      EventSource: 'aws:sns',
      EventVersion: '1.0',
      EventSubscriptionArn: subscription.arn,
      Sns: {
        Type: 'Notification',
        MessageId: notification.id,
        TopicArn: topic.arn,
        Subject: notification.subject ?? null,
        Message: textFor(notification, 'lambda'),
        Timestamp: timestamp(notification),
        SignatureVersion: topic.signatureVersion,
        Signature: signature(notification),
        SigningCertUrl: signingCertificate(region),
        UnsubscribeUrl: unsubscribeUrl(subscription, region),
        MessageAttributes: describe(notification.attributes),
      },
    }],
  });
}

function describe(attributes: NotificationAttributes): Record<string, { Type: string; Value: string }> {
  return Object.fromEntries(Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) =>
    [name, { Type: DataType, Value: StringValue ?? Buffer.from(BinaryValue!).toString('base64') }]));
}

function timestamp({ publishedAt }: Notification): string {
  return new Date(publishedAt).toISOString();
}

function signature(notification: Notification): string {
  return createHash('sha512').update(`${notification.id}\n${notification.texts.default}`).digest('base64');
}

function signingCertificate(region: string): string {
  return `https://sns.${region}.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem`;
}

function unsubscribeUrl({ arn }: Subscription, region: string): string {
  return `https://sns.${region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${arn}`;
}
