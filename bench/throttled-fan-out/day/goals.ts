import { COMPARED, type CrossCheck } from './cross-check';
import type { Day } from './day';
import { deviation } from './figures';

const LARGEST_DEVIATION = 0.05;

export function missedInDay({ sent, delivered, excess }: Day): string[] {
  return [
    ...(delivered === sent ? [] : [`in a day ${sent} messages were sent and ${delivered} deliveries made`]),
    ...(excess > 0 ? [`in a day a target got ${excess.toFixed(1)} messages more in a window than it may`] : []),
  ];
}

export function missedInCrossCheck(check: CrossCheck): string[] {
  return COMPARED.filter((unit) => !(Math.abs(deviation(check, unit)) <= LARGEST_DEVIATION))
    .map((unit) => `the study of a day is ${(deviation(check, unit) * 100).toFixed(1)} % off the simulator in ${unit}`);
}
