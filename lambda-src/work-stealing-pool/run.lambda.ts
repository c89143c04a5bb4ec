import type { Context } from 'aws-lambda';
import { functionWork } from './function-work';
import { RunnerReport } from './runner-report';
import { RunnerMembership } from '../../runtime-src/work-stealing-pool/membership';
import { PoolWorker } from '../../runtime-src/work-stealing-pool/worker';
import { ENV, METRIC, type RunnerSettings } from '../../src/work-stealing-pool/contract';
import { documentClient, longCallsLambdaClient, sqsClient } from '../shared/clients';
import { sleep } from '../shared/clock';
import { requiredEnv } from '../shared/env';
import { createObservability } from '../shared/observability';

const settings = JSON.parse(requiredEnv(ENV.SETTINGS)) as RunnerSettings;
const { worker, functionArn, maxConcurrency, taskTimeoutSeconds } = settings;

/** For what the last task has to be told afterwards, and for the last poll. */
const RESERVE_MS = 20_000;
/** The leader wakes a runner again when there is something for it. */
const LEAVES_AFTER_IDLE_MS = 10_000;

const observability = createObservability(METRIC.NAMESPACE, worker.pool);
const documents = documentClient();
const sqs = sqsClient();
const lambda = longCallsLambdaClient({ longestMs: taskTimeoutSeconds * 1000 + 5_000, atOnce: maxConcurrency });

export async function handler(_event: unknown, context: Context): Promise<void> {
  const report = new RunnerReport(observability, worker.group, Date.now);
  const takesUntil = Date.now() + context.getRemainingTimeInMillis() - taskTimeoutSeconds * 1000 - RESERVE_MS;
  const runner = new PoolWorker({
    documents,
    sqs,
    work: functionWork({ client: lambda, functionArn, until: takesUntil, sleep, now: Date.now }),
    capacity: maxConcurrency,
    settings: worker,
    // Lambda may deliver a wake twice, with the same request id. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
    worker: `${context.awsRequestId}/${Math.random().toString(36).slice(2)}`,
    observe: report.observe,
  }, { membership: (props) => new RunnerMembership(props), takesUntil, leavesAfterIdleMs: LEAVES_AFTER_IDLE_MS, onHeartbeat: report.tell });
  await runner.run();
  report.tell(true);
}
