import { ExecutionLog } from './execution-log';
import { recover } from './recover';
import { SagaRegistry } from './saga-registry';
import { ENV, METRIC, type RecoveryPlan, type RecoveryStep } from '../../src/orchestrated-saga/contract';
import { documentClient, sfnClient } from '../shared/clients';
import { requiredEnv, requiredNumberEnv } from '../shared/env';
import { createObservability } from '../shared/observability';

const { logger } = createObservability(METRIC.NAMESPACE, requiredEnv(ENV.SAGA_NAME));
const dependencies = {
  log: new ExecutionLog(sfnClient()),
  registry: new SagaRegistry(documentClient(), requiredEnv(ENV.TABLE_NAME)),
  steps: JSON.parse(requiredEnv(ENV.STEPS)) as RecoveryStep[],
  resultLimit: requiredNumberEnv(ENV.RESULT_LIMIT),
};

export async function handler({ request, executionArn }: { request: unknown; executionArn: string }): Promise<RecoveryPlan> {
  const plan = await recover(request, executionArn, dependencies);
  logger.info('planned', { sagaId: plan.sagaId, entry: plan.entry, status: plan.status });
  return plan;
}
