import { States } from './states';

/** What a step calls. */
export type Call =
  | { readonly kind: 'FUNCTION'; readonly functionArn: string }
  /** A Task state in JSONata, without its transitions. */
  | { readonly kind: 'TASK'; readonly state: States[string] }
  /** Waits for somebody with a task token. The message is JSONata without braces. */
  | { readonly kind: 'APPROVAL'; readonly message: string };

/** What follows when nobody knows whether an action took effect. */
export type OnUnknown =
  | { readonly kind: 'COMPENSATE' }
  | { readonly kind: 'QUERY'; readonly functionArn: string }
  | { readonly kind: 'PARK' };

export interface RetryDescription {
  readonly maxAttempts: number;
  readonly intervalSeconds: number;
  readonly backoffRate: number;
  readonly maxIntervalSeconds: number;
}

export interface StepDescription {
  readonly kind: 'STEP';
  readonly id: string;
  readonly action: Call;
  readonly compensation?: Call;
  readonly timeoutSeconds: number;
  readonly compensationTimeoutSeconds: number;
  readonly retry: RetryDescription;
  /** Errors that say: nothing happened, and nothing will. */
  readonly abortOn: readonly string[];
  readonly onUnknown: OnUnknown;
  readonly pivot: boolean;
}

export interface GroupDescription {
  readonly kind: 'GROUP';
  readonly id: string;
  readonly steps: readonly StepDescription[];
}

/** An item that a saga holds while it runs. Values are JSONata without braces. */
export interface LockDescription {
  readonly tableName: string;
  readonly key: { readonly [attribute: string]: string };
}

/** A saga as data. Expressions are JSONata without braces. */
export interface SagaDescription {
  readonly saga: string;
  readonly partition: string;
  readonly steps: readonly (StepDescription | GroupDescription)[];
  readonly deadlineSeconds: number;
  /** Over `$input`. */
  readonly sagaId: string;
  readonly retentionSeconds: number;
  readonly tableName: string;
  readonly eventBusName: string;
  readonly parkedQueueUrl: string;
  readonly lock?: LockDescription;
  /** Whether a recovery finishes what executions leave. */
  readonly recovered: boolean;
}

/** All steps, those of groups among them. */
export function allSteps({ steps }: Pick<SagaDescription, 'steps'>): StepDescription[] {
  return steps.flatMap((step) => (step.kind === 'GROUP' ? step.steps : [step]));
}

/** What follows when the step's outcome is unknown. There is no way back from a pivot that cannot be undone: a person has to find out what it did. */
export function onUnknownOf(step: StepDescription): OnUnknown {
  return step.onUnknown.kind === 'COMPENSATE' && isFinal(step) ? { kind: 'PARK' } : step.onUnknown;
}

/** Whether nothing can be undone once this step is done. */
export function isFinal({ pivot, compensation }: StepDescription): boolean {
  return pivot && compensation === undefined;
}

/** Where the pivot is among the steps; behind the last one when there is none. */
export function pivotIndex({ steps }: Pick<SagaDescription, 'steps'>): number {
  const index = steps.findIndex((step) => step.kind === 'STEP' && step.pivot);
  return index === -1 ? steps.length : index;
}
