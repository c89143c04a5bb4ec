import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { TableAttempts } from './attempts';
import { OperatorControl } from './control';
import { QueueDeferral } from './deferral';
import { delivering } from './delivering';
import { delivererTo } from './destinations';
import { Dispatcher, type Log } from './dispatcher';
import { QueueGiveUp } from './give-up';
import { priorityOf, received } from './received';
import { report } from './report';
import { SharedLimiter } from './shared-limiter';
import { type DispatcherSettings, ENV, METRIC } from '../../src/throttled-fan-out/contract';
import { documentClient, sqsClient } from '../shared/clients';
import { sleep } from '../shared/clock';
import { requiredEnv } from '../shared/env';
import { createObservability } from '../shared/observability';

const fanOut = requiredEnv(ENV.FAN_OUT_NAME);
const tableName = requiredEnv(ENV.TABLE_NAME);
const settings = JSON.parse(requiredEnv(ENV.SETTINGS)) as DispatcherSettings;
const { target, deliveryTimeoutMs, maxAgeSeconds } = settings;

const observability = createObservability(METRIC.NAMESPACE, fanOut);
const log: Log = {
  warn: (message, details) => observability.logger.warn(message, details),
  error: (message, details) => observability.logger.error(message, details),
};
const documents = documentClient();
const sqs = sqsClient();
const now = Date.now;
const { read: control } = new OperatorControl({ documents, tableName, settings, now, warn: log.warn });
const limiter = new SharedLimiter({ settings, control, documents, tableName });
const dispatcher = new Dispatcher({
  settings,
  limiter,
  deliver: delivering(delivererTo(settings.destination), deliveryTimeoutMs),
  attempts: new TableAttempts({ documents, tableName, target, maxAgeSeconds, now }),
  giveUp: new QueueGiveUp({ sqs, settings, warn: log.warn }),
  log,
  sleep,
  now,
});

/** For slots that were granted just before the time was over, and to give back what is left. */
const RESERVE_MS = 4_000;

export async function handler({ Records: records }: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const { rank, priority } = priorityOf(records, settings.priorities);
  const { comingBack, counts } = await dispatcher.dispatch({
    ...received(records, { fanOut, target, priority: priority.name }, log.error),
    rank,
    priority,
    deferral: new QueueDeferral({ sqs, queueUrl: priority.queueUrl, now, random: Math.random, warn: log.warn }),
    budgetMs: Math.min(settings.invocationBudgetMs, context.getRemainingTimeInMillis() - deliveryTimeoutMs - RESERVE_MS),
  });
  report(observability, { target, priority: priority.name, counts, reading: limiter.reading() });
  return { batchItemFailures: comingBack.map((itemIdentifier) => ({ itemIdentifier })) };
}
