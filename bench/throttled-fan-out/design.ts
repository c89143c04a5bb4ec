import type { Stack } from 'aws-cdk-lib';

/** One way from a publisher to a target that takes so many messages a second and no more. */
export interface Design {
  readonly name: string;
  /** The call by which its limiter writes, where it has one. */
  readonly limiterWrite?: string;
  /** The event source invokes the target itself. */
  readonly direct?: boolean;
  build(stack: Stack): void;
}

export const LIMIT = { perSecond: 50, burst: 100 };
export const PRIORITIES = ['critical', 'normal', 'bulk'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** What a team takes for the time of one message when it sizes its concurrency. */
export const USUAL_TARGET_MS = 100;

/** Construct ids that all designs have. */
export const TARGET = 'SendEmail';
export const TOPIC = 'Topic';
/** Of queues for what nobody delivers any more. */
export const DEAD_LETTERS = /DeadLetters|Undelivered/;

/** What SQS's documentation advises at least. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html */
export const USUAL_RECEIVES = 5;
