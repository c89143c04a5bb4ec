import { GatheringStore } from './gathering-store';
import { scatter } from './scatter';
import { ENV, METRIC, type ScatterInput } from '../../src/scatter-gather/contract';
import { documentClient, eventBridgeClient } from '../shared/clients';
import { requiredEnv, requiredNumberEnv } from '../shared/env';
import { EventPublisher } from '../shared/event-publisher';
import { createObservability } from '../shared/observability';

const gatheringName = requiredEnv(ENV.GATHERING);
const { logger } = createObservability(METRIC.NAMESPACE, gatheringName);
const store = new GatheringStore(documentClient(), requiredEnv(ENV.TABLE_NAME), requiredNumberEnv(ENV.RETENTION_SECONDS), Date.now);
const publisher = new EventPublisher(eventBridgeClient(), requiredEnv(ENV.EVENT_BUS_NAME));

export async function handler(input: ScatterInput): Promise<{ asked: number }> {
  const outcome = await scatter(input, { gatheringName, store, publisher });
  logger.info('scattered', { correlationId: input.correlationId, ...outcome });
  return outcome;
}
