/** What the campaign's sagas, participants and checks know of each other. No CDK here: the handlers bundle it. */

export const SHAPES = ['Trip', 'Order', 'Transfer'] as const;
export type Shape = (typeof SHAPES)[number];

/** A step's part in the campaign's sagas. */
export interface StepFacts {
  readonly id: string;
  /** Whether it takes effect at all: questions and decisions do not. */
  readonly hasEffect: boolean;
  /** Whether it may refuse, and the saga goes back. */
  readonly mayDecline: boolean;
  readonly behindPivot: boolean;
  /** Done by Step Functions itself, so that nobody there can misbehave. */
  readonly task: boolean;
}

function step(id: string, facts: Partial<StepFacts> = {}): StepFacts {
  return { id, hasEffect: true, mayDecline: true, behindPivot: false, task: false, ...facts };
}

/** The steps of each shape in order, those of groups among them. */
export const STEPS: Readonly<Record<Shape, readonly StepFacts[]>> = {
  Trip: [step('Hotel'), step('Flight'), step('Car'), step('Charge'), step('Ticket', { mayDecline: false, behindPivot: true })],
  Order: [
    step('Reserve'), step('Approve', { hasEffect: false, task: true }), step('Pay'),
    step('Ship', { mayDecline: false, behindPivot: true }), step('Thank', { mayDecline: false, behindPivot: true }),
  ],
  Transfer: [step('Book', { mayDecline: false, task: true }), step('Audit', { hasEffect: false }), step('Debit'), step('Credit'), step('Fee')],
};

export const STEP_TIMEOUT_SECONDS = 5;
export const APPROVAL_TIMEOUT_SECONDS = 20;
/** Longer than a step's timeout, so that what was given up still takes effect later. */
export const PARTICIPANT_TIMEOUT_SECONDS = 15;

/** The declared failure of every step that has one. */
export const DECLINED = 'Declined';

/** How a participant misbehaves. SLOW_…: for `ms`, before it looks, between looking and writing, or after the effect. FAIL_AFTER: its answer is lost. */
export interface Behaviour {
  readonly step: string;
  readonly direction: 'DO' | 'UNDO' | 'QUERY';
  readonly kind: 'DECLINE' | 'FAIL' | 'FAIL_AFTER' | 'SLOW_BEFORE' | 'SLOW_INSIDE' | 'SLOW_AFTER';
  readonly ms: number;
  /** Milliseconds since 1970; from then on it behaves. */
  readonly until: number;
}

/** A saga's input. */
export interface SagaInput {
  readonly sagaId: string;
  /** The item that it locks, if its shape locks one. */
  readonly item: string;
  readonly behaviours: readonly Behaviour[];
  /** What the person says who is asked, after how long. */
  readonly decision: 'APPROVE' | 'REJECT' | 'SILENCE';
  readonly decisionMs: number;
  /** Results are too long for a workflow, and are handed on by reference. */
  readonly large: boolean;
}

export type ParticipantEnv = { readonly EFFECTS_TABLE: string };

/** Attributes of an effect: how often it is there, which is once or not at all. */
export const EFFECT = { PARTITION_KEY: 'id', TIMES: 'times' } as const;

export function effectId(sagaId: string, stepId: string): string {
  return `${sagaId}#${stepId}`;
}
