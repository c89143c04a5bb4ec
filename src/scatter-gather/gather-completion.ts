import { Completion } from './contract';
import { parseJsonata } from '../shared/jsonata';
import { requireIntegerInRange } from '../shared/misuse';

/** When a gathering has enough replies. It also ends when every responder has answered, and at the deadline. */
export class GatherCompletion {
  /** Every responder that was asked has answered. */
  public static all(): GatherCompletion {
    return new GatherCompletion({ kind: 'ALL' });
  }

  /**
   * This many replies have arrived; failures do not count.
   * @param count from 1 to 1,000
   */
  public static atLeast(count: number): GatherCompletion {
    requireIntegerInRange(undefined, 'count of GatherCompletion.atLeast', count, 1, 1000);
    return new GatherCompletion({ kind: 'COUNT', count });
  }

  /**
   * The condition holds over the replies so far; it is evaluated after each arrival.
   * @param condition JSONata in `{% %}` over `$replies` (a list of `{ responder, payload }`) and `$request`, for example
   * `{% $count($replies[payload.rate < 5]) > 0 %}`
   */
  public static when(condition: string): GatherCompletion {
    return new GatherCompletion({ kind: 'CONDITION', expression: parseJsonata('condition of GatherCompletion.when', condition) });
  }

  private readonly completion: Completion;

  private constructor(completion: Completion) {
    this.completion = completion;
  }

  /** @internal */
  public _bind(): Completion {
    return this.completion;
  }
}
