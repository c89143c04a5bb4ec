/** A topic's limit unless it sets another: https://docs.aws.amazon.com/sns/latest/dg/large-message-payloads.html */
export const DEFAULT_MAX_MESSAGE_BYTES = 262_144;
export const LARGEST_MAX_MESSAGE_BYTES = 1_048_576;
export const SMALLEST_MAX_MESSAGE_BYTES = 1_024;
/** Topics for larger messages take fewer subscriptions: https://docs.aws.amazon.com/sns/latest/dg/large-message-payloads.html */
export const MOST_SUBSCRIPTIONS_OF_LARGE_TOPIC = 100;

/** A topic's attributes, with AWS's defaults. */
export interface TopicSettings {
  readonly name: string;
  readonly arn: string;
  /** What people call it: in traces and reports. */
  readonly label: string;
  readonly fifo: boolean;
  readonly contentBasedDeduplication: boolean;
  readonly throughputScope: 'Topic' | 'MessageGroup';
  readonly maxMessageBytes: number;
  readonly signatureVersion: string;
  /** Key id, alias or ARN as the template gives it. */
  readonly kmsKey?: string;
}
