/** What the campaign's pool, its user code and its checks know of each other. No CDK here: user code bundles it. */

export const POOL = 'Pool';
/** Two groups that are functions, and one of workers outside. */
export const FUNCTION_GROUPS = ['Cpu', 'Gpu'] as const;
export const FLEET = 'Fleet';
export const GROUPS = [...FUNCTION_GROUPS, FLEET] as const;
export type FunctionGroup = (typeof FUNCTION_GROUPS)[number];
export type Group = (typeof GROUPS)[number];

/** Tasks at once, of a function. */
export const PLACES: Readonly<Record<FunctionGroup, number>> = { Cpu: 4, Gpu: 2 };
/** Tasks at once, of each worker outside. */
export const FLEET_CAPACITY = 2;

export const LEASE_MS = 10_000;
export const INTERVAL_MS = 10_000;
export const GAIN_MS = 2_000;
export const MAX_RECEIVES = 4;
/** How long the functions may take, longer than any task does. */
export const TASK_TIMEOUT_MS = 40_000;
/** A runner lives for so long, in place of a quarter of an hour: it hands its role on every minute. */
export const RUNNER_TIMEOUT_MS = 120_000;

export type UserEnv = {
  readonly EFFECTS_TABLE: string;
  /** Tells workers outside apart; the function of a group has none. */
  readonly WORKER?: string;
};

/** Attributes of the table of effects. */
export const EFFECT = { TASK: 'task', TIMES: 'times', FENCE: 'fence' } as const;

/** What a task asks of whoever does it. */
export interface Work {
  /** The pool's affinity. */
  readonly key?: string;
  readonly ms: number;
  readonly kind:
    /** Commits with its effect. */
    | 'commits'
    /** Has no effect that is kept: it may be done again. */
    | 'returns'
    /** Commits, and fails then. */
    | 'fails after its commit'
    /** Never succeeds. */
    | 'poison';
  /** So many attempts fail. */
  readonly failures?: number;
}

/** A side effect that nobody can take back: a line of a log, with the fence. */
export interface Note {
  readonly what: 'BEGUN' | 'DONE' | 'FAILED' | 'STALE';
  readonly task: string;
  readonly group: Group;
  readonly home: Group;
  readonly attempt: number;
  readonly fence: number;
  readonly worker?: string;
}

const MARK = 'TASK ';

export function noteLine(note: Note): string {
  return `${MARK}${JSON.stringify(note)}`;
}

export function noteIn(line: string): Note | undefined {
  const text = new RegExp(`${MARK}(\\{.*\\})`).exec(line)?.[1];
  return text === undefined ? undefined : JSON.parse(text) as Note;
}
