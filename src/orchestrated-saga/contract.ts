/**
 * What the construct, its handlers, the runtime library and the participants know of a saga: payloads, item shapes, names.
 * No import from the CDK here: the handlers bundle this file.
 */

/** Environment variables of the construct's own handlers. */
export const ENV = {
  SAGA_NAME: 'SAGA_NAME',
  TABLE_NAME: 'TABLE_NAME',
  /** How many bytes of JSON a step's result may have. */
  RESULT_LIMIT: 'RESULT_LIMIT',
} as const;

/** Environment variables that `SagaParticipant.addFunction` sets and the runtime library reads. */
export const PARTICIPANT_ENV = {
  TABLE_NAME: 'SAGA_PARTICIPANT_TABLE_NAME',
  RETENTION_SECONDS: 'SAGA_PARTICIPANT_RETENTION_SECONDS',
} as const;

export type Direction = 'DO' | 'UNDO';

/** The same for every attempt of one direction of one step of one saga. */
export function idempotencyKey(sagaId: string, step: string, direction: Direction): string {
  return `${sagaId}#${step}#${direction}`;
}

/** What an action gets. */
export interface ActionRequest {
  readonly sagaId: string;
  readonly step: string;
  /** `sagaId#step#DO` */
  readonly idempotencyKey: string;
  readonly input: unknown;
  /** What earlier steps returned, by step. */
  readonly results: Readonly<Record<string, unknown>>;
}

/** What a compensation gets. */
export interface CompensationRequest extends ActionRequest {
  /** `sagaId#step#UNDO` */
  readonly idempotencyKey: string;
  /** What the action returned; null when nobody knows whether it ran. */
  readonly result: unknown;
}

/** What a query of an unknown outcome answers. */
export interface QueryAnswer {
  readonly outcome: 'DONE' | 'NOT_DONE' | 'UNKNOWN';
  /** The action's result, when it is done. */
  readonly result?: unknown;
}

export type SagaStatus = 'RUNNING' | 'RECOVERING' | 'COMPLETED' | 'COMPENSATED' | 'PARKED';

export interface SagaFailure {
  readonly step: string;
  readonly error: string;
  readonly cause: string;
}

export interface CompensationOutcome {
  readonly step: string;
  readonly status: 'DONE' | 'FAILED';
  readonly error?: string;
}

/** A saga's output. */
export interface SagaResult {
  readonly sagaId: string;
  readonly status: 'COMPLETED' | 'COMPENSATED' | 'PARKED';
  readonly results: Readonly<Record<string, unknown>>;
  readonly failure?: SagaFailure;
  readonly compensations: readonly CompensationOutcome[];
}

/** Attributes of a saga's item in the registry. */
export const SAGA = {
  PARTITION_KEY: 'sagaId',
  STATUS: 'status',
  /** The execution that owns the saga now: the saga's own, or a recovery. */
  EXECUTION_ARN: 'executionArn',
  /** The execution that began it, whose history is its log. */
  STARTED_BY: 'startedBy',
  /** Those that have taken it over, in order: their histories are its log, too. */
  TAKEN_OVER_BY: 'takenOverBy',
  /** Recoveries that have ended: a claim of theirs may still be on its way, and is refused. */
  BARRED: 'barred',
  STARTED_AT: 'startedAt',
  ENDED_AT: 'endedAt',
  RECOVERIES: 'recoveries',
  /** Why it is parked and where it goes on, as JSON: `ParkedPosition`. */
  PARKED: 'parked',
  /** Unix seconds: DynamoDB's time to live; set when the saga has ended, never while it is parked. */
  EXPIRES_AT: 'expiresAt',
} as const;

/** Why and where a saga stopped. */
export interface ParkedPosition {
  /** STEP: a step after the pivot kept failing. UNKNOWN: nobody knows what a step did. COMPENSATION: an undo kept failing. RECOVERY: the saga died too often. */
  readonly reason: 'STEP' | 'UNKNOWN' | 'COMPENSATION' | 'RECOVERY';
  readonly step?: string;
  readonly failure?: SagaFailure;
  readonly compensations: readonly CompensationOutcome[];
}

/** Attribute of an item under a semantic lock: the saga that holds it. */
export const LOCK_ATTRIBUTE = 'sagaLock';

/** Input of the recovery machine. */
export type RecoveryRequest =
  | { readonly executionArn: string }
  | { readonly resumeParked: { readonly sagaId: string; readonly decision?: 'RETRY' | 'COMPENSATE' } };

/** Attributes of a participant's claim. The names are the defaults of Powertools' idempotency, which can use the same table. */
export const CLAIM = {
  /** An idempotency key. */
  PARTITION_KEY: 'id',
  RESULT: 'result',
  EXPIRES_AT: 'expiration',
} as const;

/** An action that comes after its own undo fails with this error, for ever. */
export const STEP_UNDONE_ERROR = 'SagaStepUndone';

export const EVENT_SOURCE = 'cdk-integration-patterns.orchestrated-saga';
export const DETAIL_TYPE = {
  COMPLETED: 'Saga Completed',
  COMPENSATED: 'Saga Compensated',
  PARKED: 'Saga Parked',
  APPROVAL_REQUESTED: 'Saga Approval Requested',
} as const;

export const ERROR = {
  DUPLICATE_SAGA_ID: 'DuplicateSagaId',
  LOCKED: 'SagaLocked',
  INVALID_INPUT: 'InvalidSagaInput',
  OVERTAKEN: 'SagaOvertaken',
  INVALID_RECOVERY: 'InvalidRecoveryRequest',
} as const;

/** A saga whose recoveries die as often as this is parked. */
export const MAXIMUM_RECOVERIES = 5;

/** `entry` of a plan for a saga that is somebody else's, or over. */
export const NOTHING = 'NOTHING';

export const METRIC = {
  NAMESPACE: 'CdkIntegrationPatterns/OrchestratedSaga',
  COMPLETED: 'Completed',
  COMPENSATED: 'Compensated',
  PARKED: 'Parked',
} as const;

/** What `Recover` answers: where a saga goes on, and what its execution had known. */
export interface RecoveryPlan {
  /** The state to go on in; `NOTHING` when the saga is somebody else's, or over. */
  readonly entry: string;
  readonly sagaId: string;
  readonly input: unknown;
  readonly results: Readonly<Record<string, unknown>>;
  readonly failure: SagaFailure | null;
  readonly status: SagaStatus;
  readonly parked: Partial<ParkedPosition>;
  /** Steps of groups whose undoing may find something. */
  readonly mayHaveCommitted: readonly string[];
  readonly compensations: readonly CompensationOutcome[];
}

/** A step as `Recover` has to know it. */
export interface RecoveryStep {
  readonly id: string;
  readonly kind: 'FUNCTION' | 'TASK' | 'APPROVAL';
  /** Id of the group that it belongs to. */
  readonly group?: string;
  readonly compensated: boolean;
  readonly abortOn: readonly string[];
  readonly onUnknown: 'COMPENSATE' | 'QUERY' | 'PARK';
  readonly pivot: boolean;
}
