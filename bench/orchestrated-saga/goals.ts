import type { Chain } from './chain';
import type { Matrix } from './matrix';
import { difference } from '../units';

/** Beyond one for each step: begin, complete, tell. */
const MOST_TRANSITIONS_BESIDE_STEPS = 3;

export function transitionsPerSaga({ units, sagas }: Pick<Chain, 'units' | 'sagas'>): number {
  return (units['states.transitions'] ?? 0) / sagas.length;
}

/** A saga that goes well costs a transition for each step and three more. */
export function missedTransitions(chain: Chain): string[] {
  const transitions = transitionsPerSaga(chain);
  const most = chain.steps + MOST_TRANSITIONS_BESIDE_STEPS;
  return chain.course !== 'happy' || transitions <= most ? [] : [`${chain.design.name} takes ${transitions} transitions for ${chain.steps} steps, at most ${most} are allowed`];
}

/** As long as no execution dies, no function of the pattern runs. */
export function missedFunctions({ design, course, steps, units, participantUnits }: Chain): string[] {
  const own = difference(units, participantUnits)['lambda.requests'] ?? 0;
  return course === 'stopped' || own === 0 ? [] : [`${design.name} has invoked functions of its own ${own} times in sagas of ${steps} steps that were ${course}, none are allowed`];
}

/** Whatever single trouble a trip meets, its end is what was told of it. */
export function missedConsistency({ design, verdicts }: Matrix): string[] {
  return verdicts.flatMap(({ trouble: { fault, direction, step }, wrong }) => (
    wrong === undefined ? [] : [`${design.name}, ${fault} at ${direction} of ${step}: ${wrong}`]
  ));
}
