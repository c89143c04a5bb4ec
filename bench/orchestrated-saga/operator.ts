import type { Simulation } from '../../simulator/src';

const OPERATOR = { principal: { kind: 'operator' }, name: 'operator', faultFree: true } as const;

/** An API call that no fault hits. */
export function callAsOperator<Result>({ world }: Simulation, service: string, operation: string, input: object): Promise<Result> {
  return world.call<Result>({ service, operation, input, caller: OPERATOR });
}

/** The same, while the world goes on. */
export async function operate<Result>(simulation: Simulation, service: string, operation: string, input: object): Promise<Result> {
  let done = false;
  const answer = callAsOperator<Result>(simulation, service, operation, input).finally(() => { done = true; });
  await simulation.run({ until: () => done });
  return answer;
}
