import { createHash } from 'crypto';

/** What Step Functions takes as a name. @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html */
const NAME = /^[A-Za-z0-9_-]{1,80}$/;

/** The same for each delivery of a message. */
export function executionName(deliveryId: string): string {
  return NAME.test(deliveryId) ? deliveryId : createHash('sha256').update(deliveryId).digest('hex');
}
