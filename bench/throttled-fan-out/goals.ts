import type { Backlog } from './backlog';
import type { Flood } from './flood';
import { type Outage, RECOVERED_SHARE } from './outage';
import { MINUTE } from './scene';

const LEAST_UTILISATION = 0.95;
const MOST_WRITES = 0.1;
const LARGEST_RATIO = 2;
const LONGEST_RECOVERY_MS = 2 * MINUTE;

export function missedInBacklog({ design: { name }, utilisation, excess, deadLettered, limiterWrites, messages, arrivals }: Backlog): string[] {
  return [
    ...utilisation.filter((share) => share < LEAST_UTILISATION).map((share) => `${name} uses ${percent(share)} of the rate in a backlog, at least ${percent(LEAST_UTILISATION)} are wanted`),
    ...(excess > 0 ? [`${name} is ${excess.toFixed(1)} deliveries above its limit in a window, none are allowed`] : []),
    ...(deadLettered > 0 ? [`${name} has dead-lettered ${deadLettered} messages for being throttled, none may be`] : []),
    ...(arrivals !== messages ? [`${name} has delivered ${arrivals} times, there are ${messages} messages`] : []),
    ...(limiterWrites > MOST_WRITES * messages ? [`${name} takes ${(limiterWrites / messages).toFixed(3)} limiter writes a message, at most ${MOST_WRITES} are allowed`] : []),
  ];
}

export function missedInFlood({ design: { name }, unloadedP99Ms, floodedP99Ms, missing }: Flood): string[] {
  const ratio = floodedP99Ms / unloadedP99Ms;
  return [
    ...(missing > 0 ? [`${name} has not delivered ${missing} critical messages`] : []),
    ...(ratio > LARGEST_RATIO ? [`in a flood critical messages of ${name} wait ${ratio.toFixed(1)} times as long, at most ${LARGEST_RATIO} are allowed`] : []),
  ];
}

export function missedInOutage({ design: { name }, recoveryMs, deadLettered }: Outage): string[] {
  return [
    ...(recoveryMs === undefined || recoveryMs > LONGEST_RECOVERY_MS
      ? [`${name} is back at ${percent(RECOVERED_SHARE)} of its rate after ${recoveryMs === undefined ? 'no time' : `${recoveryMs / 1000} s`}, at most ${LONGEST_RECOVERY_MS / 1000} s are allowed`]
      : []),
    ...(deadLettered > 0 ? [`${name} has dead-lettered ${deadLettered} messages because of an outage`] : []),
  ];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
