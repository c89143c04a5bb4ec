import { QueryLanguage, StateDefinition } from './definition';
import { ErrorName, EvaluationFailure, StateError } from './errors';
import { Branch } from './execution';
import { HistoryThread } from './history';
import { byteLength, Json, JsonObject, typeName } from './json';
import { expressionText, failureText, isExpression, NotJson, toPlainJson } from './jsonata/expression';
import { evaluatePath, PathNotFound, PathRoots } from './jsonpath/evaluate';
import { InnerProgress } from './progress';

/** "Maximum input or output size for a task, state, or execution: 256 KiB of data as a UTF-8 encoded string." */
export const MAX_PAYLOAD_BYTES = 262_144;

/** What `$states` holds beside the input and the context object. */
export interface StatesExtra {
  readonly result?: Json;
  readonly errorOutput?: Json;
}

/** One visit of a state: its input, its place in the history, and the evaluation of its fields. */
export class StateRun {
  readonly language: QueryLanguage;
  readonly enteredTime: string;
  /** How often the state was retried so far. */
  retryCount = 0;
  /** What its `Assign` has set. */
  assigned?: JsonObject;
  /** Overrides the branch's `Map` part of the context object while items are selected. */
  mapContext?: JsonObject;
  private token?: string;

  constructor(
    readonly branch: Branch,
    readonly name: string,
    readonly state: StateDefinition,
    readonly input: Json,
    readonly enteredEventId: number,
    /** The execution ended in this state and has been redriven. */
    private resumed: boolean = false,
  ) {
    this.language = state.QueryLanguage ?? branch.language;
    this.enteredTime = new Date(branch.execution.environment.now()).toISOString();
  }

  get usesJsonata(): boolean {
    return this.language === 'JSONata';
  }

  get thread(): HistoryThread {
    return this.branch.thread;
  }

  /** The progress of what is inside the state: on a redrive what was reached before; later attempts begin anew. */
  innerProgress(): InnerProgress {
    const { progress } = this.branch;
    if (!this.resumed || !progress.inner) progress.inner = { branches: new Map() };
    this.resumed = false;
    return progress.inner;
  }

  taskToken(): string {
    this.token ??= this.branch.execution.environment.taskToken();
    return this.token;
  }

  /** Each attempt of a task has its own token. */
  forgetTaskToken(): void {
    this.token = undefined;
  }

  /** @see https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html */
  context(): JsonObject {
    const { identity, input, startTime } = this.branch.execution;
    const map = this.mapContext ?? this.branch.map;
    const retryable = this.state.Type === 'Task' || this.state.Type === 'Parallel' || this.state.Type === 'Map';
    return {
      Execution: {
        Id: identity.executionArn,
        Input: input,
        StartTime: startTime,
        Name: identity.executionName,
        RoleArn: identity.roleArn,
        RedriveCount: identity.redriveCount ?? 0,
        ...(identity.redriveTime === undefined ? {} : { RedriveTime: identity.redriveTime }),
      },
      StateMachine: { Id: identity.stateMachineArn, Name: identity.stateMachineName },
      State: { Name: this.name, EnteredTime: this.enteredTime, ...(retryable ? { RetryCount: this.retryCount } : {}) },
      ...(this.waitsForToken() ? { Task: { Token: this.taskToken() } } : {}),
      ...(map ? { Map: map } : {}),
    };
  }

  /** The failure of this state in the words of AWS. */
  failure(text: string, error: string = ErrorName.RUNTIME): StateError {
    return new StateError(error, `An error occurred while executing the state '${this.name}' (entered at the event id #${this.enteredEventId}). ${text}`);
  }

  /** The value of a field that takes a path, with the error text of those fields. */
  path(text: string, input: Json): Json {
    try {
      return evaluatePath(this.branch.execution.machine.expressions.path(text), this.roots(input));
    } catch (thrown) {
      if (!(thrown instanceof PathNotFound)) throw thrown;
      throw this.failure(`Invalid path '${text}' : ${thrown.message}`);
    }
  }

  /** The value of a path, or `undefined` where it leads nowhere. */
  find(text: string, input: Json): Json | undefined {
    try {
      return evaluatePath(this.branch.execution.machine.expressions.path(text), this.roots(input));
    } catch (thrown) {
      if (!(thrown instanceof PathNotFound)) throw thrown;
      return undefined;
    }
  }

  /** A path or intrinsic function in a field of its own, such as `CausePath`. */
  query(text: string, field: string, input: Json): Json {
    return this.orFailure(() => this.branch.execution.templates.query(text, field, this.roots(input)));
  }

  /** A JSONPath payload template. */
  template(template: Json, input: Json): Json {
    return this.orFailure(() => this.branch.execution.templates.evaluate(template, this.roots(input)));
  }

  /** A JSONata template: every `{% … %}` in it is evaluated, all else is as written. */
  async evaluate(template: Json, field: string, extra: StatesExtra = {}): Promise<Json> {
    return this.evaluateIn(template, field, this.bindings(extra));
  }

  /** As `evaluate`, where the field must have a certain type. */
  async evaluateAs(type: 'array' | 'number' | 'string' | 'boolean', template: Json, field: string, extra: StatesExtra = {}): Promise<Json> {
    const value = await this.evaluate(template, field, extra);
    if (typeName(value) !== type) {
      const subject = isExpression(template) ? `The JSONata expression '${expressionText(template)}' specified for the field '${field}'` : `The field '${field}'`;
      throw this.evaluationFailed(field, `${subject} returned an unexpected result type. Expected '${type}', but was '${typeName(value)}' for value: ${JSON.stringify(value)}`);
    }
    return value;
  }

  evaluationFailed(field: string, text: string): StateError {
    const failure = this.failure(text, ErrorName.QUERY_EVALUATION_ERROR);
    this.thread.add('EvaluationFailed', { error: failure.error, cause: failure.causeText, location: field, state: this.name });
    return failure;
  }

  /** Payloads beyond the quota fail the state that makes them. */
  withinLimit(value: Json, options: { fromTask?: string } = {}): Json {
    if (byteLength(value) <= MAX_PAYLOAD_BYTES) return value;
    throw new StateError(
      ErrorName.DATA_LIMIT_EXCEEDED,
      `The state/task '${options.fromTask ?? this.name}' returned a result with a size exceeding the maximum number of bytes service limit.`,
      { fromTask: options.fromTask !== undefined },
    );
  }

  private async evaluateIn(template: Json, field: string, bindings: Record<string, unknown>): Promise<Json> {
    if (isExpression(template)) return this.evaluateExpression(template, field, bindings);
    if (Array.isArray(template)) {
      const items: Json[] = [];
      for (let index = 0; index < template.length; index++) items.push(await this.evaluateIn(template[index], `${field}[${index}]`, bindings));
      return items;
    }
    if (typeof template !== 'object' || template === null) return template;
    const result: JsonObject = {};
    for (const key of Object.keys(template)) result[key] = await this.evaluateIn(template[key], `${field}/${key}`, bindings);
    return result;
  }

  private async evaluateExpression(marked: string, field: string, bindings: Record<string, unknown>): Promise<Json> {
    const subject = `The JSONata expression '${expressionText(marked)}' specified for the field '${field}'`;
    let value: Json | undefined;
    try {
      value = toPlainJson(await this.branch.execution.machine.expressions.jsonata(marked).evaluate(undefined, bindings));
    } catch (thrown) {
      this.branch.scope.throwIfCancelled();
      if (thrown instanceof NotJson) {
        throw this.evaluationFailed(field, `${subject} returned ${thrown.message}, which is not a JSON value.`);
      }
      throw this.evaluationFailed(field, `${subject} threw an error during evaluation. ${failureText(thrown)}`);
    }
    this.branch.scope.throwIfCancelled();
    if (value === undefined) throw this.evaluationFailed(field, `${subject} returned nothing (undefined).`);
    return value;
  }

  private bindings(extra: StatesExtra): Record<string, unknown> {
    const { execution, variables } = this.branch;
    const run = this;
    // The context object is made only when an expression asks for it.
    const states = {
      input: this.input,
      ...extra,
      get context() {
        return run.context();
      },
    };
    return { ...variables.all(), ...execution.library, states };
  }

  private roots(input: Json): PathRoots {
    return { input, context: () => this.context(), variable: (name) => this.branch.variables.get(name) };
  }

  private orFailure<T>(evaluate: () => T): T {
    try {
      return evaluate();
    } catch (thrown) {
      if (thrown instanceof EvaluationFailure) throw this.failure(thrown.message, thrown.error);
      throw thrown;
    }
  }

  private waitsForToken(): boolean {
    return this.state.Type === 'Task' && /\.waitForTaskToken$|:activity:/.test(this.state.Resource ?? '');
  }
}
