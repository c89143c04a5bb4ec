import { FAULTS, type Fault } from './matrix-faults';
import { STEPS, type StepId } from './scene';

/** A fault at a step, going forward or back. */
export interface Cell {
  readonly step: StepId;
  readonly direction: 'DO' | 'UNDO';
  readonly fault: Fault;
}

/** Each fault at each step in each direction; nothing is undone behind the pivot. */
export function singles(): Cell[] {
  return STEPS.flatMap((step) => (['DO', 'UNDO'] as const).flatMap((direction) => (
    direction === 'UNDO' && step === 'SendTicket' ? [] : FAULTS.map((fault) => ({ step, direction, fault })))));
}

/** Two faults in one saga, in all ways: at different places, since the first fault of a place leaves none for another. */
export function pairs(): [Cell, Cell][] {
  const cells = singles();
  return cells.flatMap((one, index) => cells.slice(index + 1)
    .filter((other) => other.step !== one.step || other.direction !== one.direction)
    .map((other): [Cell, Cell] => [one, other]));
}

export function nameOf(cells: readonly Cell[]): string {
  return cells.map(({ step, direction, fault }) => `${step} ${direction}: ${fault}`).join(' + ');
}
