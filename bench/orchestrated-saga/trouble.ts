import type { Direction } from './participants';
import { allSteps, type SagaShape } from './saga-shape';

/** A participant's call that goes wrong, and what it can do about it. */
export interface Moment {
  /** Takes effect. @returns what a call that goes well returns */
  work(): unknown;
  sleep(ms: number): Promise<void>;
  /** Somebody stops the execution. */
  stop(): void;
  /** Somebody starts the same saga again. */
  startAgain(): void;
}

/** What goes wrong, and where: before a step's state calls, when it calls, or in the function that it calls. */
interface FaultKind {
  readonly at: 'state' | 'call' | 'function';
  /** At each attempt, instead of the first only. */
  readonly forEver?: boolean;
  /** In the function. */
  readonly happen?: (moment: Moment) => unknown;
}

/** What an action says when it has done nothing and will not. */
export const REFUSAL = 'NoSeats';

/** Of every step and compensation, in all designs. */
export const STEP_TIMEOUT_SECONDS = 30;
/** Of an execution that is to time out. */
export const TIME_LIMIT_SECONDS = 20;
const BEYOND_STEP_TIMEOUT_MS = 40_000;
const BEYOND_TIME_LIMIT_MS = 25_000;
/** What was called goes on for so long when nobody listens any more: long enough for a recovery to come first. */
const AFTERMATH_MS = 5_000;

const fails = (name: string) => inFunction(() => fail(name));
const hangs = (ms: number, effect: 'before' | 'after' | 'none') => inFunction(async ({ work, sleep }) => {
  const result = effect === 'before' ? work() : undefined;
  await sleep(ms);
  if (effect === 'none') fail('Error');
  return effect === 'after' ? work() : result;
});
const crash = inFunction(({ work }) => {
  work();
  fail('Runtime.ExitError');
});

const FAULT_KINDS = {
  'business error': forEver(fails(REFUSAL)),
  'exception': fails('Error'),
  'exception for ever': forEver(fails('Error')),
  'throttle': { at: 'call' },
  'throttle for ever': { at: 'call', forEver: true },
  'timeout without effect': hangs(BEYOND_STEP_TIMEOUT_MS, 'none'),
  'timeout without effect for ever': forEver(hangs(BEYOND_STEP_TIMEOUT_MS, 'none')),
  'timeout with effect': hangs(BEYOND_STEP_TIMEOUT_MS, 'before'),
  'timeout with effect for ever': forEver(hangs(BEYOND_STEP_TIMEOUT_MS, 'before')),
  'timeout with a late effect': hangs(BEYOND_STEP_TIMEOUT_MS, 'after'),
  'timeout with a late effect for ever': forEver(hangs(BEYOND_STEP_TIMEOUT_MS, 'after')),
  'crash after effect': crash,
  'crash after effect for ever': forEver(crash),
  'stop before': { at: 'state' },
  'stop during, before the effect': inFunction(async ({ work, stop, sleep }) => {
    stop();
    await sleep(AFTERMATH_MS);
    return work();
  }),
  'stop during, after the effect': inFunction(async ({ work, stop, sleep }) => {
    const result = work();
    stop();
    await sleep(AFTERMATH_MS);
    return result;
  }),
  'stop after': inFunction(({ work, stop }) => {
    const result = work();
    stop();
    return result;
  }),
  'execution timeout before the effect': hangs(BEYOND_TIME_LIMIT_MS, 'after'),
  'execution timeout after the effect': hangs(BEYOND_TIME_LIMIT_MS, 'before'),
  'duplicate start': inFunction(async ({ work, startAgain, sleep }) => {
    startAgain();
    await sleep(AFTERMATH_MS);
    return work();
  }),
} satisfies Record<string, FaultKind>;

export type Fault = keyof typeof FAULT_KINDS;
export const FAULTS = Object.keys(FAULT_KINDS) as Fault[];

/** A fault, and the step that it hits on the way there or back. */
export interface Trouble {
  readonly step: string;
  readonly direction: Direction;
  readonly fault: Fault;
}

export function kindOf(fault: Fault): FaultKind {
  return FAULT_KINDS[fault];
}

/** Whether the fault needs an execution with a limit that is soon over. */
export function isExecutionTimeout(fault: Fault): boolean {
  return fault.startsWith('execution timeout');
}

/** One trouble for each saga: every step, there and back, every fault. */
export function troublesOf(shape: SagaShape): Trouble[] {
  const calls = allSteps(shape).flatMap(({ id, behindPivot }) => [
    { step: id, direction: 'DO' as const }, ...(behindPivot ? [] : [{ step: id, direction: 'UNDO' as const }]),
  ]);
  return calls.flatMap((call) => FAULTS.map((fault) => ({ ...call, fault })));
}

function inFunction(happen: (moment: Moment) => unknown): FaultKind {
  return { at: 'function', happen };
}

function forEver(kind: FaultKind): FaultKind {
  return { ...kind, forEver: true };
}

function fail(name: string): never {
  throw Object.assign(new Error(`${name} (injected)`), { name });
}
