import type { Context } from 'aws-lambda';
import { Coordinator } from './coordinator';
import { Leader } from './leader';
import { LeaderReport } from './leader-report';
import { lookAt } from './look';
import { Registry } from './registry';
import { Runners } from './runners';
import { ROUTED, Wakes } from './wakes';
import { type CoordinatorSettings, ENV, METRIC } from '../../src/work-stealing-pool/contract';
import { documentClient, lambdaClient, sqsClient } from '../shared/clients';
import { sleep } from '../shared/clock';
import { requiredEnv } from '../shared/env';
import { createObservability } from '../shared/observability';

/** A runner that starts for the first time takes a second or two. */
const NOT_AGAIN_MS = 5_000;

const settings = JSON.parse(requiredEnv(ENV.SETTINGS)) as CoordinatorSettings;
const { logger: log, metrics } = createObservability(METRIC.NAMESPACE, requiredEnv(ENV.POOL_NAME));
const now = Date.now;
const registry = new Registry({ documents: documentClient(), tableName: requiredEnv(ENV.TABLE_NAME), sleep });
const look = lookAt({ groups: settings.groups, registry, sqs: sqsClient(), now });
const runners = new Runners(new Wakes({ lambda: lambdaClient(), now, notAgainMs: NOT_AGAIN_MS, log }), now);
const leader = new Leader({ settings, look, registry, runners, report: new LeaderReport(metrics, now), log, now, sleep });
const coordinator = new Coordinator({ look, registry, leader, log, now, sleep });

/** Woken by each minute's tick, and by the router when tasks come while nobody leads. */
export async function handler(event: { readonly source?: string }, context: Context): Promise<void> {
  await coordinator.run({
    name: `${context.awsRequestId}/${Math.random().toString(36).slice(2)}`,
    remainingMs: () => context.getRemainingTimeInMillis(),
    routed: event.source === ROUTED.source,
  });
}
