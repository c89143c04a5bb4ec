import { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Aggregation } from './contract';
import { parseJsonata } from '../shared/jsonata';
import { misuse } from '../shared/misuse';

/** How the replies become one `result`. */
export class ReplyAggregation {
  /** A list of the replies' payloads, in the order of arrival. */
  public static collect(): ReplyAggregation {
    return new ReplyAggregation({ kind: 'COLLECT' });
  }

  /**
   * The payload with the smallest number at a path; `null` when no reply has a number there.
   * @param path of properties, for example `rate` or `offer.rate`
   */
  public static minimumBy(path: string): ReplyAggregation {
    return new ReplyAggregation({ kind: 'MINIMUM_BY', path: requirePath('minimumBy', path) });
  }

  /**
   * The payload with the largest number at a path; `null` when no reply has a number there.
   * @param path of properties, for example `rate` or `offer.rate`
   */
  public static maximumBy(path: string): ReplyAggregation {
    return new ReplyAggregation({ kind: 'MAXIMUM_BY', path: requirePath('maximumBy', path) });
  }

  /**
   * The value of an expression.
   * @param expression JSONata in `{% %}` over `$replies` (a list of `{ responder, receivedAt, latencyMs, payload }`),
   * `$failures`, `$missing` and `$request`
   */
  public static jsonata(expression: string): ReplyAggregation {
    return new ReplyAggregation({ kind: 'JSONATA', expression: parseJsonata('expression of ReplyAggregation.jsonata', expression) });
  }

  /**
   * What a function returns. It is invoked with the whole gathering result, whose `result` is the list of payloads. Where
   * that is too large for a workflow it has a `resultsRef`, replies without payloads, and no `result` if need be.
   * @param aggregator invoked once for each gathering, tried again when it fails
   */
  public static function(aggregator: IFunction): ReplyAggregation {
    return new ReplyAggregation({ kind: 'COLLECT' }, aggregator);
  }

  private readonly aggregation: Aggregation;
  private readonly aggregator?: IFunction;

  private constructor(aggregation: Aggregation, aggregator?: IFunction) {
    this.aggregation = aggregation;
    this.aggregator = aggregator;
  }

  /** @internal */
  public _bind(): { aggregation: Aggregation; aggregator?: IFunction } {
    return { aggregation: this.aggregation, aggregator: this.aggregator };
  }
}

function requirePath(method: string, path: string): string {
  if (!/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/.test(path)) {
    throw misuse(undefined, `path of ReplyAggregation.${method} must be property names joined by dots, received '${path}'`);
  }
  return path;
}
