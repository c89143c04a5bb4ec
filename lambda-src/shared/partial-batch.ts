import type { SQSBatchResponse } from 'aws-lambda';

/** Collects the messages of a batch that have to come again. */
export class BatchFailures {
  private readonly messageIds = new Set<string>();

  add(messageId: string) {
    this.messageIds.add(messageId);
  }

  response(): SQSBatchResponse {
    return { batchItemFailures: [...this.messageIds].map((itemIdentifier) => ({ itemIdentifier })) };
  }
}
