import { IFunction } from 'aws-cdk-lib/aws-lambda';

/**
 * What follows when nobody knows whether a step took effect: it timed out, or kept failing with an error that is not in `abortOn` — after
 * the effect, perhaps.
 */
export class UnknownOutcome {
  /** The step is undone with all before it. Its compensation must take "there is nothing to undo" for a success. */
  public static compensate(): UnknownOutcome {
    return new UnknownOutcome('COMPENSATE');
  }

  /**
   * A function is asked. It gets what the action got, and answers `{ "outcome": "DONE", "result": … }`, and the saga goes on; or `NOT_DONE` or `UNKNOWN`, and
   * the step is undone with all before it: an attempt may still be on its way. After `UNKNOWN` a pivot that has no compensation is parked.
   * @param handler knows, or can find out, whether the action took effect
   */
  public static query(handler: IFunction): UnknownOutcome {
    return new UnknownOutcome('QUERY', handler);
  }

  /** The saga is parked, and a person decides. */
  public static park(): UnknownOutcome {
    return new UnknownOutcome('PARK');
  }

  private constructor(private readonly kind: 'COMPENSATE' | 'QUERY' | 'PARK', private readonly handler?: IFunction) {}

  /** @internal */
  public _bind(): { kind: 'COMPENSATE' | 'QUERY' | 'PARK'; handler?: IFunction } {
    return { kind: this.kind, handler: this.handler };
  }
}
