import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { IFunction } from 'aws-cdk-lib/aws-lambda';
import { TaskStateBase } from 'aws-cdk-lib/aws-stepfunctions';
import { IConstruct } from 'constructs';
import { NOTHING } from './contract';
import { SagaRetry } from './saga-retry';
import { STATE } from './state-names';
import { taskCall } from './task-call';
import { UnknownOutcome } from './unknown-outcome';
import { Call, GroupDescription, StepDescription } from './workflow/description';
import { PERSISTENT_RETRY } from './workflow/retries';
import { parseJsonata } from '../shared/jsonata';
import { misuse, wholeSeconds } from '../shared/misuse';

/** What all kinds of steps can say. */
export interface SagaStepOptions {
  /**
   * Why there is nothing to undo, in words: a step before the pivot has a compensation or this.
   * @default - the step has a compensation, or comes behind the pivot
   */
  readonly noCompensation?: string;

  /**
   * How long an attempt may take: whole seconds, not more than the saga's deadline. A timeout is an unknown outcome, not a failure.
   * @default Duration.seconds(30)
   */
  readonly timeout?: Duration;

  /**
   * How long an attempt of the compensation, or of the query of an unknown outcome, may take: whole seconds.
   * @default - as `timeout`
   */
  readonly compensationTimeout?: Duration;

  /**
   * How the step is tried again after a failure that is not declared.
   * @default - SagaRetry.exponential(), behind the pivot 6 times with waits of up to a minute
   */
  readonly retry?: SagaRetry;

  /**
   * Names of errors that say: nothing has happened, and nothing will. The saga goes back at once. Lambda reports an error's class or name. Not behind the
   * pivot, where nothing goes back.
   * @default - none
   */
  readonly abortOn?: string[];

  /**
   * What follows when nobody knows whether the step took effect. Behind the pivot, and for a pivot that has no compensation, the saga is parked.
   * @default UnknownOutcome.compensate()
   */
  readonly onUnknown?: UnknownOutcome;

  /**
   * The point of no return: once this step is done the saga goes only forward. One step of a saga, not in a group.
   * @default false
   */
  readonly pivot?: boolean;

  /**
   * Says that the step comes behind the pivot, where there is no way back: it is tried again, and then the saga is parked.
   * @default false
   */
  readonly retriable?: boolean;
}

/** A step that a function does, and perhaps another undoes. */
export interface FunctionStepOptions extends SagaStepOptions {
  /** Gets `{ sagaId, step, idempotencyKey, input, results }`; what it returns is the step's result. */
  readonly action: IFunction;

  /**
   * Gets the same with a key of its own and the action's `result`, null when nobody knows it. It must take "there is nothing to undo" for a success.
   * @default - none; say why in `noCompensation`
   */
  readonly compensation?: IFunction;
}

/** A step that Step Functions does itself. */
export interface TaskStepOptions extends SagaStepOptions {
  /**
   * Any task state in JSONata that calls a service's integration, such as `tasks.SqsSendMessage.jsonata(…)`; what the service answers is the step's result.
   * Retries, timeout and transitions are the saga's. Its expressions may use `$sagaId`, `$input` and `$results`; the idempotency key is
   * `$sagaId & '#<step>#DO'`. One object for each step.
   */
  readonly action: TaskStateBase;

  /**
   * A task state in JSONata that undoes it; the idempotency key is `$sagaId & '#<step>#UNDO'`. It must take "there is nothing to undo" for a success.
   * @default - none; say why in `noCompensation`
   */
  readonly compensation?: TaskStateBase;
}

/** A step in which a person decides. */
export interface HumanApprovalOptions {
  /** How long the saga waits: whole seconds, not more than its deadline. Who has not answered by then has not approved. */
  readonly timeout: Duration;

  /**
   * What the person is to read: JSONata in `{% %}` over `$input` and `$results`.
   * @default '{% $input %}'
   */
  readonly message?: string;
}

/** A step as the saga builds it. */
export interface BoundStep {
  readonly description: StepDescription | GroupDescription;
  readonly functions: readonly IFunction[];
  readonly statements: readonly PolicyStatement[];
  readonly checks: readonly StepCheck[];
}

/** What the saga checks of a single step. */
export interface StepCheck {
  readonly id: string;
  readonly noCompensation?: string;
  readonly compensated: boolean;
  readonly retriable: boolean;
  readonly pivot: boolean;
  readonly approval: boolean;
  readonly timeoutSeconds: number;
  /** The option that has no meaning where nothing goes back, if it is said. */
  readonly goingBack?: string;
  /** The integration that waits for something to end, if there is one. */
  readonly waitsFor?: string;
}

const DEFAULT_TIMEOUT = Duration.seconds(30);
const APPROVAL_REJECTED = 'Rejected';
/** The saga's own states, and what a recovery says in place of a state. */
const RESERVED_IDS: readonly string[] = [...Object.values(STATE), 'Locked', NOTHING];

/** One local transaction of a saga, with what undoes it; or several side by side. */
export class SagaStep {
  /**
   * A function does it.
   * @param id unique in the saga: names its states, and its result among `results`
   * @param options the function, and what undoes it
   */
  public static function(id: string, options: FunctionStepOptions): SagaStep {
    const { action, compensation } = options;
    const call = (handler: IFunction): Call => ({ kind: 'FUNCTION', functionArn: handler.functionArn });
    return new SagaStep(id, options, () => ({
      action: call(action),
      compensation: compensation && call(compensation),
      functions: [action, ...(compensation ? [compensation] : [])],
      statements: [],
    }), compensation !== undefined);
  }

  /**
   * Step Functions does it, by any of its integrations.
   * @param id unique in the saga: names its states, and its result among `results`
   * @param options the task, and what undoes it
   */
  public static task(id: string, options: TaskStepOptions): SagaStep {
    const { action, compensation } = options;
    const [doing, undoing] = [taskCall(id, action), compensation && taskCall(id, compensation)];
    return new SagaStep(id, options, () => ({
      action: doing.call,
      compensation: undoing?.call,
      functions: [],
      statements: [...doing.statements(), ...(undoing?.statements() ?? [])],
    }), compensation !== undefined);
  }

  /**
   * Steps side by side: the saga goes on when all are done, and goes back when one is not, once all have settled.
   * @param id unique in the saga
   * @param steps at least two
   */
  public static parallel(id: string, steps: SagaStep[]): SagaStep {
    if (steps.length < 2) throw misuse(undefined, `parallel group '${id}' must have at least 2 steps, received ${steps.length}`);
    const nested = steps.find((step) => step.members);
    if (nested) throw misuse(undefined, `parallel group '${id}' must not contain a group, received '${nested.id}'`);
    const pivot = steps.find((step) => step.options.pivot);
    if (pivot) throw misuse(undefined, `the pivot must not be in a parallel group, received '${pivot.id}' in '${id}'; give it a step of its own`);
    return new SagaStep(id, {}, undefined, false, steps);
  }

  /**
   * A person decides: an event `Saga Approval Requested` with a `taskToken` goes to the saga's bus; who is granted to (`grantApprove`) answers with
   * `SendTaskSuccess`, whose output is the step's result, or `SendTaskFailure` with error `Rejected`. After any other error the question is asked again, as
   * often as a step is tried. Not in EXPRESS mode.
   * @param id unique in the saga: names its states, and its result among `results`
   * @param options what is asked, and for how long
   */
  public static humanApproval(id: string, options: HumanApprovalOptions): SagaStep {
    const message = parseJsonata(`message of approval '${id}'`, options.message ?? '{% $input %}');
    const step: SagaStepOptions = {
      timeout: options.timeout,
      noCompensation: 'a decision has no effect',
      abortOn: [APPROVAL_REJECTED],
    };
    return new SagaStep(id, step, () => ({ action: { kind: 'APPROVAL', message }, functions: [], statements: [] }), false, undefined, true);
  }

  private constructor(
    private readonly id: string,
    private readonly options: SagaStepOptions,
    private readonly calls: (() => StepCalls) | undefined,
    private readonly compensated: boolean,
    private readonly members?: SagaStep[],
    private readonly approval: boolean = false,
  ) {
    if (!/^[A-Za-z0-9_-]{1,60}$/.test(id)) {
      throw misuse(undefined, `the id of a step must have 1 to 60 letters, digits, '-' or '_', received '${id}'`);
    }
    if (RESERVED_IDS.includes(id)) throw misuse(undefined, `the id of a step must not be that of one of the saga's own states, received '${id}'; choose another`);
    if (compensated && options.noCompensation !== undefined) {
      throw misuse(undefined, `step '${id}' has a compensation and says why it has none; leave noCompensation out`);
    }
    const general = options.abortOn?.find((error) => error.startsWith('States.'));
    if (general) {
      throw misuse(undefined, `abortOn of step '${id}' must name errors of the action itself, received '${general}', after which the action may have taken effect`);
    }
    if (options.abortOn?.includes('')) throw misuse(undefined, `abortOn of step '${id}' must name errors, received ''`);
  }

  /**
   * @param behindPivot whether the step comes behind the pivot
   * @internal
   */
  public _bind(scope: IConstruct, behindPivot: boolean): BoundStep {
    if (this.members) {
      const members = this.members.map((member) => member._bind(scope, behindPivot));
      return {
        description: { kind: 'GROUP', id: this.id, steps: members.map(({ description }) => description as StepDescription) },
        functions: members.flatMap(({ functions }) => functions),
        statements: members.flatMap(({ statements }) => statements),
        checks: members.flatMap(({ checks }) => checks),
      };
    }
    const { options, id } = this;
    const { action, compensation, functions, statements } = this.calls!();
    const timeoutSeconds = wholeSeconds(scope, `timeout of step '${id}'`, options.timeout ?? DEFAULT_TIMEOUT);
    const unknown = (options.onUnknown ?? UnknownOutcome.compensate())._bind();
    const query = unknown.handler;
    return {
      description: {
        kind: 'STEP',
        id,
        action,
        compensation,
        timeoutSeconds,
        compensationTimeoutSeconds: options.compensationTimeout
          ? wholeSeconds(scope, `compensationTimeout of step '${id}'`, options.compensationTimeout)
          : timeoutSeconds,
        retry: options.retry?._bind() ?? (behindPivot ? PERSISTENT_RETRY : SagaRetry.exponential()._bind()),
        abortOn: options.abortOn ?? [],
        onUnknown: query ? { kind: 'QUERY', functionArn: query.functionArn } : { kind: unknown.kind as 'COMPENSATE' | 'PARK' },
        pivot: options.pivot ?? false,
      },
      functions: [...functions, ...(query ? [query] : [])],
      statements,
      checks: [{
        id,
        noCompensation: options.noCompensation,
        compensated: this.compensated,
        retriable: options.retriable ?? false,
        pivot: options.pivot ?? false,
        approval: this.approval,
        timeoutSeconds,
        goingBack: (['abortOn', 'onUnknown'] as const).find((option) => options[option] !== undefined),
        waitsFor: [action, compensation].map(waitsFor).find((suffix) => suffix !== undefined),
      }],
    };
  }

  /** @internal */
  public get _isPivot(): boolean {
    return this.options.pivot ?? false;
  }
}

interface StepCalls {
  readonly action: Call;
  readonly compensation?: Call;
  readonly functions: readonly IFunction[];
  readonly statements: readonly PolicyStatement[];
}

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html */
function waitsFor(call: Call | undefined): string | undefined {
  return call?.kind === 'TASK' ? /\.(sync(:\d)?|waitForTaskToken)$/.exec(String(call.state.Resource))?.[0] : undefined;
}
