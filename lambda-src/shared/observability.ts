import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';

/** Structured logs and metrics of one handler, named after the pattern's instance. Neither writes a payload by itself. */
export interface Observability {
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Metrics go out as embedded metric format, with `service` as their only dimension. */
export function createObservability(namespace: string, serviceName: string): Observability {
  return { logger: new Logger({ serviceName }), metrics: new Metrics({ namespace, serviceName }) };
}
