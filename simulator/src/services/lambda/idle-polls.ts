/** The longest that a ReceiveMessage may wait; that the pollers of a mapping wait so long is assumed. */
const LONG_POLL_SECONDS = 20;

/**
 * Billable requests to SQS, per minute, of an event source mapping whose queue stays empty: they are not in the bill, since idle queues are not polled here.
 * Lambda keeps five long polls open, and "can optimize to as few as 2", except where the mapping has a maximum concurrency.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
 */
export const IDLE_MAPPING_REQUESTS_PER_MINUTE = { usual: 5 * (60 / LONG_POLL_SECONDS), fewest: 2 * (60 / LONG_POLL_SECONDS) } as const;
