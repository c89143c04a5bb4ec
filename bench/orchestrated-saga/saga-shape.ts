export interface ShapeStep {
  readonly id: string;
  readonly pivot?: boolean;
  /** There is no way back, and nothing that undoes it. */
  readonly behindPivot?: boolean;
}

export interface ShapeGroup {
  readonly id: string;
  /** Side by side. */
  readonly steps: readonly ShapeStep[];
}

/** What a saga does, whoever runs it. */
export type SagaShape = readonly (ShapeStep | ShapeGroup)[];

/** So many steps, one after the other, each with what undoes it. */
export function chainOf(steps: number): SagaShape {
  return Array.from({ length: steps }, (_, index) => ({ id: `Step${index + 1}` }));
}

export const TRIP: SagaShape = [
  { id: 'Hotel' },
  { id: 'Transport', steps: [{ id: 'Flight' }, { id: 'Car' }] },
  { id: 'Charge', pivot: true },
  { id: 'Ticket', behindPivot: true },
];

export function allSteps(shape: SagaShape): ShapeStep[] {
  return shape.flatMap((unit) => ('steps' in unit ? unit.steps : [unit]));
}
