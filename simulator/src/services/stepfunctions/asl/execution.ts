import { CancellationScope } from './cancellation';
import { ProcessorDefinition, QueryLanguage, StatesDefinition } from './definition';
import { AslEnvironment, ExecutionIdentity, ExecutionType } from './environment';
import { History, HistoryThread } from './history';
import { Json, JsonObject } from './json';
import { stepFunctionsLibrary } from './jsonata/functions';
import { PayloadTemplates } from './payload-template';
import { BranchProgress } from './progress';
import { StateMachine } from './state-machine';
import { Variables } from './variables';

/** What all branches of one execution share. */
export class Execution {
  readonly templates: PayloadTemplates;
  readonly library: Record<string, unknown>;
  readonly startTime: string;
  readonly history: History;
  /** Cancelled when the execution ends, however it ends. */
  readonly scope: CancellationScope;
  /** Set when the history is full: the execution fails with it wherever it stands. */
  historyFull = false;
  transitions = 0;

  constructor(
    readonly environment: AslEnvironment,
    readonly machine: StateMachine,
    readonly identity: ExecutionIdentity,
    readonly type: ExecutionType,
    readonly input: Json,
    options: { readonly parentScope?: CancellationScope; readonly lastEventId?: number } = {},
  ) {
    this.scope = new CancellationScope(options.parentScope);
    this.templates = new PayloadTemplates(machine.expressions, environment);
    this.library = stepFunctionsLibrary(environment);
    this.startTime = identity.startTime ?? new Date(environment.now()).toISOString();
    this.history = new History(
      () => environment.now(),
      environment.onHistoryEvent && ((event) => environment.onHistoryEvent!(event, identity.executionArn)),
      type === 'STANDARD' ? () => this.failForHistory() : undefined,
      options.lastEventId,
    );
  }

  private failForHistory(): void {
    this.historyFull = true;
    this.scope.cancel();
  }
}

/** One line of states: the execution's own, a branch of a Parallel, an iteration of a Map. */
export interface Branch {
  readonly execution: Execution;
  readonly states: StatesDefinition | ProcessorDefinition;
  /** The language of states that do not say their own. */
  readonly language: QueryLanguage;
  /** How far it has come. */
  readonly progress: BranchProgress;
  readonly variables: Variables;
  readonly scope: CancellationScope;
  readonly thread: HistoryThread;
  /** The `Map` part of the context object, in an iteration. */
  readonly map?: JsonObject;
}
