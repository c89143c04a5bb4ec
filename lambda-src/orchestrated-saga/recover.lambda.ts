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
  resultLimit: requiredNumberEnv(ENV.RESULT_LIMIT),
};

interface RecoverRequest {
  readonly request: unknown;
  readonly executionArn: string;
  readonly steps: readonly RecoveryStep[];
}

export async function handler({ request, executionArn, steps }: RecoverRequest): Promise<RecoveryPlan> {
  const plan = await recover(request, executionArn, { ...dependencies, steps });
  logger.info('planned', { sagaId: plan.sagaId, entry: plan.entry, status: plan.status });
  return plan;
}
