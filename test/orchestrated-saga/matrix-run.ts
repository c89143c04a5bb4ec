import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import type { Cell } from './matrix-cells';
import { faultyBehaviour, faultyCall, type FaultyStage, SHORT_EXECUTION_SECONDS } from './matrix-faults';
import { type Assembly, type Behaviour, parked, registered, stage, STEPS, stopOwner, tripAssembly } from './scene';
import { type FaultableCall, NO_FAULTS, type Run } from '../../simulator/src';
import { undoOf } from '../../src/orchestrated-saga/state-names';
import { messagesOf } from '../simulate';

const SAGA_ID = 's-1';

/** How a saga with faults ended, and what is not right about it. */
export interface MatrixOutcome {
  readonly status: string;
  readonly violations: readonly string[];
  /** Faults that had no occasion. */
  readonly unmet: readonly Cell[];
}

/** Runs the trip with faults, and compares the end with the services' own books. */
export async function runCells(cells: readonly Cell[], assembly: Assembly = assemblyFor(cells)): Promise<MatrixOutcome> {
  let on: FaultyStage;
  const met = new Set<Cell>();
  const called = new Set<string>();
  const duplicates: Run[] = [];
  const behaviours: Record<string, Behaviour> = { ...goingBack(cells) };
  for (const cell of cells) {
    const faulty = faultyBehaviour(cell.fault, functionOf(cell), () => on);
    if (!faulty) continue;
    const noted: Behaviour = (...call) => {
      met.add(cell);
      return faulty(...call);
    };
    // Where a step has to fail for the saga to go back, it does so after the fault that it has itself.
    const otherwise = behaviours[functionOf(cell)];
    behaviours[functionOf(cell)] = otherwise ? firstThen(noted, otherwise) : noted;
  }
  const stops = cells.filter(({ fault }) => fault === 'stop before');
  const throttles = cells.flatMap((cell) => (faultyCall(cell.fault) ? [{ cell, ...faultyCall(cell.fault)! }] : []));
  const times = new Map<Cell, number>();
  const made = stage(assembly, behaviours, {
    trace: {
      listener: ({ event, detail }) => {
        if (event !== 'states.enter') return;
        for (const cell of stops) {
          if (met.has(cell) || detail?.state !== (cell.direction === 'DO' ? cell.step : undoOf(cell.step))) continue;
          met.add(cell);
          stopOwner(on, SAGA_ID);
        }
      },
    },
    faults: {
      ...NO_FAULTS,
      onCall: ({ service, operation, target = '' }: FaultableCall) => {
        if (service !== 'lambda' || operation !== 'Invoke') return undefined;
        const id = assembly.functions.find((name) => new RegExp(`:Test-${name}[0-9A-F]{8}`).test(target)) ?? '';
        called.add(id);
        const throttle = throttles.find(({ cell, times: most }) => functionOf(cell) === id && (times.get(cell) ?? 0) < most);
        if (!throttle) return undefined;
        met.add(throttle.cell);
        times.set(throttle.cell, (times.get(throttle.cell) ?? 0) + 1);
        return throttle.fault;
      },
    },
  });
  const { simulation } = made;
  on = { ...made, sagaId: SAGA_ID, startAgain: () => { duplicates.push(simulation.start('Trip/StateMachine', { sagaId: SAGA_ID, again: true })); } };
  simulation.start('Trip/StateMachine', { sagaId: SAGA_ID });
  await simulation.run();
  const violations = await inspect(on, called);
  for (const { outcome } of duplicates) if (outcome?.error !== 'DuplicateSagaId') violations.push(`a duplicate start ended ${outcome?.status} ${outcome?.error}`);
  return { status: String(registered(on, SAGA_ID)?.status), violations, unmet: cells.filter((cell) => !met.has(cell)) };
}

function functionOf({ direction, step }: Cell): string {
  return direction === 'DO' ? step : `Undo${step}`;
}

async function inspect(on: FaultyStage, called: ReadonlySet<string>): Promise<string[]> {
  const { simulation, services } = on;
  const { status } = registered(on, SAGA_ID) ?? {};
  const done = services.done(SAGA_ID);
  const violations: string[] = [];
  const demand = (holds: boolean, violation: string) => { if (!holds) violations.push(violation); };
  demand(['COMPLETED', 'COMPENSATED', 'PARKED'].includes(status), `the saga ended ${status}`);
  if (status === 'COMPENSATED') demand(done.length === 0, `COMPENSATED with effects of ${done.join(', ')}`);
  if (status === 'COMPLETED') demand(STEPS.every((step) => done.includes(step)), `COMPLETED with effects of only ${done.join(', ')}`);
  if (status === 'PARKED') demand((await parked(on)).some(({ sagaId }) => sagaId === SAGA_ID), 'PARKED without a message');
  for (const [key, times] of services.made) demand(times === 1, `${key} was done ${times} times`);
  for (const step of STEPS) demand(!called.has(`Undo${step}`) || called.has(step), `${step} was undone and never called`);
  demand((await messagesOf(simulation, 'Trip/Undelivered')).length === 0, 'the end of an execution was not delivered');
  const { denials, lost } = simulation.report();
  demand(denials.length === 0, `denied: ${JSON.stringify(denials[0])}`);
  demand(lost.length === 0, `lost: ${JSON.stringify(lost[0])}`);
  return violations;
}

/** A fault of an undo needs a saga that goes back: the card is declined, or nobody knows of the charge. */
function goingBack(cells: readonly Cell[]): Record<string, Behaviour> {
  const undone = cells.filter(({ direction }) => direction === 'UNDO').map(({ step }) => step);
  if (undone.includes('Charge')) {
    return {
      Charge: (request, _, services) => {
        services.do(request);
        throw new Error('the answer was lost');
      },
      Query: () => ({ outcome: 'UNKNOWN' }),
    };
  }
  return undone.length === 0 ? {} : { Charge: (request, _, services) => services.decline(request, 'CardDeclined') };
}

function firstThen(first: Behaviour, then: Behaviour): Behaviour {
  let called = false;
  return (...call) => {
    if (called) return then(...call);
    called = true;
    return first(...call);
  };
}

let shortLived: Assembly | undefined;

function assemblyFor(cells: readonly Cell[]): Assembly {
  return cells.some(({ fault }) => fault.startsWith('execution timeout')) ? shortLived ??= withTimeout(tripAssembly()) : tripAssembly();
}

/** The same saga with an execution that times out as a whole soon after it began. */
function withTimeout(assembly: Assembly): Assembly {
  return altered(assembly, 'Test.template.json', /\\"TimeoutSeconds\\":\d+,\\"StartAt\\":\\"Begin\\"/, `\\"TimeoutSeconds\\":${SHORT_EXECUTION_SECONDS},\\"StartAt\\":\\"Begin\\"`);
}

/** A copy of an assembly in which the text of a file is another one. */
export function altered({ directory, functions }: Assembly, name: string, from: RegExp, to: string): Assembly {
  const copy = mkdtempSync(path.join(tmpdir(), 'altered-'));
  cpSync(directory, copy, { recursive: true });
  const files = readdirSync(copy, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith(name)).map((file) => path.join(copy, file));
  const changed = files.filter((file) => from.test(readFileSync(file, 'utf8')));
  if (changed.length === 0) throw new Error(`no ${name} has ${from}`);
  for (const file of changed) writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));
  return { directory: copy, functions };
}
