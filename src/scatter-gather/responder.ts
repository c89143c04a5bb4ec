import { IRuleTarget } from 'aws-cdk-lib/aws-events';
import { IFunction } from 'aws-cdk-lib/aws-lambda';
import { parseJsonata } from '../shared/jsonata';
import { requireIntegerInRange } from '../shared/misuse';

/** Options of every responder. */
export interface ResponderOptions {
  /**
   * Ask this responder only if the condition holds: JSONata in `{% %}` over `$request`, for example
   * `{% $request.LoanAmount < 1000 %}`.
   * @default - it is always asked
   */
  readonly when?: string;
}

/** Options of a function that responds. */
export interface FunctionResponderOptions extends ResponderOptions {
  /**
   * How often Lambda invokes the function again after it has failed, from 0 to 2: after one minute, then after two more. In
   * EXPRESS mode the workflow retries throttles only, whatever this says.
   * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
   * @default 0
   */
  readonly retryAttempts?: number;
}

/** Somebody who is asked and replies. */
export class Responder {
  /**
   * A function in any language: its event is `{ correlationId, responder, request, deadline, … }`, its return value
   * is the reply, its error is a failure. Lambda destinations carry both; the function needs no code for it.
   * @param handler is asked
   * @param options when it is asked, and how often again
   */
  public static function(handler: IFunction, options: FunctionResponderOptions = {}): Responder {
    const retryAttempts = options.retryAttempts ?? 0;
    requireIntegerInRange(undefined, 'retryAttempts of Responder.function', retryAttempts, 0, 2);
    return new Responder(options, handler, undefined, retryAttempts);
  }

  /**
   * Anything that a rule can have as its target. It receives the request event, and replies by putting an event with detail
   * type `ScatterGather Reply` on the gathering's bus: `gathering`, `correlationId` and `responder` as received, and either
   * `payload` or `error` and `cause`.
   * @param target gets the request
   * @param options when it is asked
   */
  public static target(target: IRuleTarget, options: ResponderOptions = {}): Responder {
    return new Responder(options, undefined, target, 0);
  }

  private readonly condition?: string;
  private readonly handler?: IFunction;
  private readonly ruleTarget?: IRuleTarget;
  private readonly retryAttempts: number;

  private constructor(options: ResponderOptions, handler: IFunction | undefined, ruleTarget: IRuleTarget | undefined, retryAttempts: number) {
    this.condition = options.when === undefined ? undefined : parseJsonata('when of a responder', options.when);
    this.handler = handler;
    this.ruleTarget = ruleTarget;
    this.retryAttempts = retryAttempts;
  }

  /** @internal */
  public _bind(): { condition?: string; handler?: IFunction; target?: IRuleTarget; retryAttempts: number } {
    return { condition: this.condition, handler: this.handler, target: this.ruleTarget, retryAttempts: this.retryAttempts };
  }
}
