import type { Chain } from './chain';
import { transitionsPerSaga } from './goals';
import type { Matrix, Verdict } from './matrix';
import { FAULTS } from './trouble';
import { costOf } from '../prices';
import type { Figure } from '../section';
import { percentile } from '../statistics';
import { difference, type Units } from '../units';

const MILLION = 1_000_000;
const PERCENTS = [50, 99];

const dollars = (amount: number) => amount.toFixed(2);
const milliseconds = (ms: number) => ms.toFixed(0);
/** Whole where it is whole, or two digits. */
const rounded = (count: number) => String(Math.round(count * 100) / 100);
const perMillion = (units: Units, { sagas }: Chain) => dollars((costOf(units) / sagas.length) * MILLION);

function unitsPerSaga(unit: string): Figure<Chain>['of'] {
  return ({ units, sagas }) => rounded((units[unit] ?? 0) / sagas.length);
}

function own({ units, participantUnits }: Chain): Record<string, number> {
  return difference(units, participantUnits);
}

const COSTS: readonly Figure<Chain>[] = [
  { name: 'state transitions per saga', of: (chain) => rounded(transitionsPerSaga(chain)) },
  { name: 'DynamoDB write units per saga', of: unitsPerSaga('dynamodb.writeUnits') },
  { name: 'EventBridge events per saga', of: unitsPerSaga('events.customEvents') },
  { name: 'Lambda invocations per saga, the pattern\'s own', of: (chain) => rounded((own(chain)['lambda.requests'] ?? 0) / chain.sagas.length) },
  { name: '$ per million sagas, participants\' Lambda left out', of: (chain) => perMillion(own(chain), chain) },
  { name: '$ per million sagas, with it', of: (chain) => perMillion(chain.units, chain) },
];

/** An item before each call and one behind it, each by a state of its own. */
const STEP_LOG_PER_CALL: Units = { 'states.transitions': 2, 'dynamodb.writeUnits': 2 };

/** Of what the design does not have: computed, not measured. */
export function stepLogDollarsPerMillion({ participantUnits, sagas }: Pick<Chain, 'participantUnits' | 'sagas'>): number {
  return costOf(STEP_LOG_PER_CALL) * (participantUnits['lambda.requests'] / sagas.length) * MILLION;
}

export const CHAIN_FIGURES: readonly Figure<Chain>[] = [
  ...COSTS,
  { name: 'a log of steps in DynamoDB would add ($, computed)', of: (chain) => dollars(stepLogDollarsPerMillion(chain)) },
  ...PERCENTS.map((percent) => ({
    name: `from one participant's answer to the next, P${percent} (ms)`,
    // One step has no next.
    of: ({ sagas }: Chain) => {
      const gaps = sagas.flatMap(({ gapsMs }) => gapsMs);
      return gaps.length === 0 ? '' : milliseconds(percentile(gaps, percent));
    },
  })),
  ...PERCENTS.map((percent) => ({
    name: `overhead of the saga, P${percent} (ms)`,
    of: ({ sagas }: Chain) => milliseconds(percentile(sagas.map(({ overheadMs }) => overheadMs), percent)),
  })),
];

export const RECOVERY_FIGURES: readonly Figure<Chain>[] = [
  ...COSTS,
  { name: 'DynamoDB read units per saga', of: unitsPerSaga('dynamodb.readUnits') },
  ...PERCENTS.map((percent) => ({
    name: `from the stop until all is undone, P${percent} (s)`,
    of: ({ sagas }: Chain) => (percentile(sagas.map(({ recoveryMs }) => recoveryMs!), percent) / 1000).toFixed(1),
  })),
];

const consistent = (verdicts: readonly Verdict[]) => verdicts.filter(({ wrong }) => wrong === undefined).length;

export const MATRIX_FIGURES: readonly Figure<Matrix>[] = [
  ...FAULTS.map((fault): Figure<Matrix> => ({
    name: fault,
    of: ({ verdicts }) => {
      const some = verdicts.filter(({ trouble }) => trouble.fault === fault);
      return `${consistent(some)} of ${some.length}`;
    },
  })),
  { name: 'all', of: ({ verdicts }) => `${consistent(verdicts)} of ${verdicts.length}` },
  { name: 'share that ends consistent', of: ({ verdicts }) => `${((100 * consistent(verdicts)) / verdicts.length).toFixed(1)} %` },
  { name: 'of them parked, with a message for a person', of: ({ verdicts }) => String(verdicts.filter(({ told, wrong }) => wrong === undefined && told.includes('PARKED')).length) },
];
