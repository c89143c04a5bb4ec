import { type Aggregation, ERROR, type Failure, type Reply } from '../../src/scatter-gather/contract';
import { NamedError } from '../shared/errors';
import { evaluate } from '../shared/jsonata';

export interface Gathered {
  readonly replies: readonly Reply[];
  readonly failures: readonly Failure[];
  readonly missing: readonly string[];
  readonly request: unknown;
}

/** Makes one result of the replies. */
export async function aggregate(aggregation: Aggregation, gathered: Gathered): Promise<unknown> {
  const payloads = gathered.replies.map((reply) => reply.payload);
  switch (aggregation.kind) {
    case 'COLLECT':
      return payloads;
    case 'MINIMUM_BY':
      return best(payloads, aggregation.path, (a, b) => a < b);
    case 'MAXIMUM_BY':
      return best(payloads, aggregation.path, (a, b) => a > b);
    case 'JSONATA':
      return evaluateOrFail(aggregation.expression, gathered);
  }
}

/** The first payload with the best number at the path; payloads without a number there do not take part. */
function best(payloads: readonly unknown[], path: string, better: (a: number, b: number) => boolean): unknown {
  let winner: { value: number; payload: unknown } | undefined;
  for (const payload of payloads) {
    const value = path.split('.').reduce<any>((node, key) => node?.[key], payload);
    if (typeof value === 'number' && (!winner || better(value, winner.value))) winner = { value, payload };
  }
  return winner?.payload ?? null;
}

async function evaluateOrFail(expression: string, gathered: Gathered): Promise<unknown> {
  try {
    return (await evaluate(expression, { ...gathered })) ?? null;
  } catch (error) {
    throw new NamedError(ERROR.AGGREGATION_FAILED, (error as Error).message);
  }
}
