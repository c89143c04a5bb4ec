import { Duration, Token } from 'aws-cdk-lib';
import { Function as LambdaFunction, IFunction } from 'aws-cdk-lib/aws-lambda';
import { misuse, requireIntegerInRange, wholeSeconds } from '../shared/misuse';

/** Options of a group of workers outside the pool. */
export interface ExternalGroupOptions {
  /**
   * Its share of the keys, or of the random choices, compared with the other groups': above 0 and at most 1,000.
   * @default - 1, or `maxConcurrency` of a function's group
   */
  readonly weight?: number;

  /**
   * How long a task takes, until it was measured: longer than 0 seconds, also a fraction.
   * @default - 10 seconds, or how long a task may take at most where that is shorter
   */
  readonly typicalTask?: Duration;

  /**
   * Ids of the groups whose tasks it can do, and from which it may steal; they may be added later.
   * @default - all other groups
   */
  readonly stealsFrom?: string[];
}

/** Options of a group that is a function. */
export interface FunctionGroupOptions extends ExternalGroupOptions {
  /** How many tasks it does at once: from 1 to 1,000. No message is taken before there is a place for its task. */
  readonly maxConcurrency: number;

  /**
   * How long a task may take, at most 14 minutes. To be given where the function's own timeout is not known here, because it was imported.
   * @default - the function's timeout
   */
  readonly taskTimeout?: Duration;
}

/** The function of a group. */
export interface BoundFunction {
  readonly handler: IFunction;
  readonly maxConcurrency: number;
  readonly taskTimeoutSeconds: number;
}

/** @internal */
export interface BoundGroup {
  readonly weight: number;
  readonly typicalSeconds: number;
  readonly stealsFrom?: readonly string[];
  /** Absent for workers outside the pool. */
  readonly work?: BoundFunction;
}

const MOST_CONCURRENCY = 1000;
const HEAVIEST = 1000;
const DEFAULT_TYPICAL_SECONDS = 10;
/** A runner lives for 15 minutes, and needs the last one to take over and to leave. */
const LONGEST_TASK_SECONDS = 14 * 60;
/** Of a function that says nothing. @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html */
const LAMBDA_TIMEOUT = Duration.seconds(3);

/** Who does the tasks of a group. */
export class WorkerGroup {
  /**
   * A function, invoked synchronously with one `Assignment`: `{ pool, task: { id, payload, submittedAt }, group, home, attempt, fence }`. What it throws is a
   * failed attempt. It runs for 14 minutes at most; longer tasks are for `external`.
   * @param handler does one task for each invocation
   * @param options how many tasks at once, and what the planner should know
   */
  public static function(handler: IFunction, options: FunctionGroupOptions): WorkerGroup {
    const { maxConcurrency } = options;
    requireKnown('maxConcurrency of WorkerGroup.function', maxConcurrency);
    requireIntegerInRange(undefined, 'maxConcurrency of WorkerGroup.function', maxConcurrency, 1, MOST_CONCURRENCY);
    const taskTimeoutSeconds = taskTimeout(handler, options);
    return new WorkerGroup({
      ...common('WorkerGroup.function', options, maxConcurrency, Math.min(DEFAULT_TYPICAL_SECONDS, taskTimeoutSeconds)),
      work: { handler, maxConcurrency, taskTimeoutSeconds },
    });
  }

  /**
   * Containers or servers that take tasks by themselves, with the runtime library's worker loop or by its protocol: as many as there are, as long as a task takes.
   * @param options what the planner should know, and from whom it may steal
   */
  public static external(options: ExternalGroupOptions = {}): WorkerGroup {
    return new WorkerGroup(common('WorkerGroup.external', options, 1, DEFAULT_TYPICAL_SECONDS));
  }

  private constructor(private readonly bound: BoundGroup) {
  }

  /** @internal */
  public _bind(): BoundGroup {
    return this.bound;
  }
}

function common(factory: string, options: ExternalGroupOptions, defaultWeight: number, defaultTypicalSeconds: number): BoundGroup {
  const { weight = defaultWeight, typicalTask = Duration.seconds(defaultTypicalSeconds), stealsFrom } = options;
  requireKnown(`weight of ${factory}`, weight);
  if (!(weight > 0 && weight <= HEAVIEST)) throw misuse(undefined, `weight of ${factory} must be above 0 and at most ${HEAVIEST}, received ${weight}`);
  if (typicalTask.isUnresolved()) throw misuse(undefined, `typicalTask of ${factory} must be known at synthesis, received a token; give it as a number`);
  const typicalSeconds = typicalTask.toSeconds({ integral: false });
  if (typicalSeconds <= 0) throw misuse(undefined, `typicalTask of ${factory} must be longer than 0 s, received ${typicalSeconds} s`);
  const twice = stealsFrom?.find((group, index) => stealsFrom.indexOf(group) !== index);
  if (twice !== undefined) throw misuse(undefined, `stealsFrom of ${factory} must be different groups, received '${twice}' twice`);
  return { weight, typicalSeconds, stealsFrom };
}

function taskTimeout(handler: IFunction, options: FunctionGroupOptions): number {
  const { path } = handler.node;
  const own = timeoutOf(handler);
  const ownSeconds = own?.isUnresolved() ? undefined : own?.toSeconds();
  if (ownSeconds === undefined && !options.taskTimeout) {
    throw misuse(undefined, `taskTimeout of WorkerGroup.function must be given for function '${path}', whose timeout is not known here; at most ${LONGEST_TASK_SECONDS} s`);
  }
  if ((ownSeconds ?? 0) > LONGEST_TASK_SECONDS) {
    throw misuse(undefined, `the function of WorkerGroup.function must end within ${LONGEST_TASK_SECONDS} s, received '${path}' with a timeout of ${ownSeconds} s; lower it, or do such tasks with WorkerGroup.external`);
  }
  const seconds = options.taskTimeout ? wholeSeconds(undefined, 'taskTimeout of WorkerGroup.function', options.taskTimeout) : ownSeconds!;
  if (seconds < (ownSeconds ?? 1) || seconds > LONGEST_TASK_SECONDS) {
    throw misuse(undefined, `taskTimeout of WorkerGroup.function must be from ${ownSeconds ?? 1} s, as long as function '${path}' may run, to ${LONGEST_TASK_SECONDS} s, received ${seconds} s`);
  }
  return seconds;
}

/** Of the function behind an alias or a version, too. Nobody knows it of an imported one. */
function timeoutOf(handler: IFunction): Duration | undefined {
  const { lambda } = handler as { readonly lambda?: IFunction };
  if (lambda) return timeoutOf(lambda);
  return handler instanceof LambdaFunction ? handler.timeout ?? LAMBDA_TIMEOUT : undefined;
}

function requireKnown(name: string, value: number): void {
  if (Token.isUnresolved(value)) throw misuse(undefined, `${name} must be known at synthesis, received a token; give a number`);
}
