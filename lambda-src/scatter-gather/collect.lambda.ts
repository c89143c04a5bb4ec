import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { ChangeMessageVisibilityBatchCommand } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { Collector } from './collector';
import { GatheringStore } from './gathering-store';
import { parseReplyEvent, type ReceivedAnswer } from './reply-event';
import { ENV, METRIC } from '../../src/scatter-gather/contract';
import { documentClient, eventBridgeClient, sfnClient, sqsClient } from '../shared/clients';
import { requiredEnv, requiredNumberEnv } from '../shared/env';
import { EventPublisher } from '../shared/event-publisher';
import { createObservability } from '../shared/observability';
import { BatchFailures } from '../shared/partial-batch';

const gatheringName = requiredEnv(ENV.GATHERING);
const queueUrl = requiredEnv(ENV.REPLY_QUEUE_URL);
const { logger, metrics } = createObservability(METRIC.NAMESPACE, gatheringName);
const sqs = sqsClient();
const collector = new Collector({
  gatheringName,
  store: new GatheringStore(documentClient(), requiredEnv(ENV.TABLE_NAME), requiredNumberEnv(ENV.RETENTION_SECONDS), Date.now),
  publisher: new EventPublisher(eventBridgeClient(), requiredEnv(ENV.EVENT_BUS_NAME)),
  stepFunctions: sfnClient(),
});

/** Failed messages come back after this long and not after the queue's whole visibility timeout: deadlines are near. */
const RETRY_AFTER_SECONDS = 2;

export async function handler(event: SQSEvent): Promise<SQSBatchResponse> {
  const failures = new BatchFailures();
  const again: SQSRecord[] = [];
  let lateReplies = 0;
  const gatherings = new Map<string, ReceivedAnswer[]>();
  for (const record of event.Records) {
    try {
      const answer = parseReplyEvent(record, gatheringName);
      gatherings.set(answer.correlationId, [...(gatherings.get(answer.correlationId) ?? []), answer]);
    } catch (error) {
      // It will never be read: it goes the queue's way to the dead-letter queue, and the others proceed.
      logger.error('a reply cannot be read', { messageId: record.messageId, reason: (error as Error).message });
      failures.add(record.messageId);
      again.push(record);
    }
  }
  await Promise.all([...gatherings].map(async ([correlationId, answers]) => {
    try {
      const { late } = await collector.collect(correlationId, answers);
      lateReplies += late;
    } catch (error) {
      logger.error('answers could not be collected; they come again', { correlationId, answers: answers.length, error: error as Error });
      for (const answer of answers) {
        failures.add(answer.messageId);
        again.push(event.Records.find((record) => record.messageId === answer.messageId)!);
      }
    }
  }));
  if (again.length > 0) await comeBackSoon(again);
  if (lateReplies > 0) {
    metrics.addMetric(METRIC.LATE_REPLIES, MetricUnit.Count, lateReplies);
    metrics.publishStoredMetrics();
  }
  return failures.response();
}

async function comeBackSoon(records: readonly SQSRecord[]): Promise<void> {
  try {
    await sqs.send(new ChangeMessageVisibilityBatchCommand({
      QueueUrl: queueUrl,
      Entries: records.map((record, index) => ({
        Id: String(index),
        ReceiptHandle: record.receiptHandle,
        VisibilityTimeout: RETRY_AFTER_SECONDS * 2 ** Math.min(Number(record.attributes.ApproximateReceiveCount) - 1, 5),
      })),
    }));
  } catch (error) {
    logger.warn('failed messages will only come back after the visibility timeout', { error: error as Error });
  }
}
