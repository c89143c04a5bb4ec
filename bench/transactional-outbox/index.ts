import { changeProcessorToBus, changeProcessorToFifo } from './change-processor-stack';
import type { Design } from './design';
import { IDLE_FIGURES, OUTAGE_FIGURES, PATH_FIGURES, POISON_FIGURES, STORM_FIGURES, THROUGHPUT_FIGURES } from './figures';
import { DOCUMENT_BYTES } from './orders';
import { changesToBus, parkingToFifo, toBus, toBusAsJson, toFifo } from './outbox-stack';
import { type Idle, measureIdle, measurePath, type Path, TRAFFIC } from './path';
import { BURST, measureThroughput, type Throughput } from './throughput';
import { measureOutage, measurePoison, measureStorm, type Outage, OUTAGE_HOURS, SLOW_TRAFFIC, STORM, STORM_TRAFFIC, type Trouble } from './trouble';
import type { Bench } from '../bench';
import { figureTable, section } from '../section';

const OURS: readonly Design[] = [toBus, toBusAsJson, changesToBus, toFifo, parkingToFifo];
const THEIRS: readonly Design[] = [changeProcessorToBus, changeProcessorToFifo];
const DESIGNS = [...OURS, ...THEIRS];
const IN_TROUBLE: readonly Design[] = [toBus, toFifo, parkingToFifo, ...THEIRS];
const ORDERED_IN_TROUBLE = IN_TROUBLE.filter(({ destination }) => destination === 'fifo queue');
const WITHOUT_FUNCTION: readonly Design[] = [toBus, toFifo];
const OUTAGES: readonly Outage[] = ['relay stopped', 'destination down'];

export const transactionalOutbox: Bench = {
  pattern: 'transactional-outbox',

  async run(progress) {
    const each = async <Result>(what: string, designs: readonly Design[], measure: (design: Design) => Promise<Result>): Promise<Result[]> => {
      const results: Result[] = [];
      for (const design of designs) {
        progress(`transactional-outbox: ${what}, ${design.name}`);
        results.push(await measure(design));
      }
      return results;
    };
    const paths: Path[] = await each('nothing goes wrong', DESIGNS, measurePath);
    const idle: Idle[] = await each('nothing happens', DESIGNS, measureIdle);
    const throughputs: Throughput[] = await each('a burst', DESIGNS, measureThroughput);
    const outages: [Outage, Trouble[]][] = [];
    for (const outage of OUTAGES) {
      const troubles = await each(outage, IN_TROUBLE, async (design) => [
        await measureOutage(design, outage, false), ...(design.replay ? [await measureOutage(design, outage, true)] : []),
      ]);
      outages.push([outage, troubles.flat()]);
    }
    const poisoned = await each('poison', ORDERED_IN_TROUBLE, measurePoison);
    const storms = await each('faults of every kind', IN_TROUBLE, measureStorm);

    section('TransactionalOutbox', [
      `Simulated time and billable units of ${TRAFFIC.changes} events of ${DOCUMENT_BYTES} bytes, one each ${TRAFFIC.everyMs} ms. Ours: a transaction of the order and its`,
      'outbox row (changes: the order alone), and a consumer with an inbox. Change processor: the order alone, a function on its stream, and a',
      'consumer without.',
    ], figureTable(paths, titleOf, PATH_FIGURES));
    section('Without events', [
      'What runs by the clock. Lambda reads streams for free; AWS does not say so of pipes, so that their reads are counted.',
    ], figureTable(idle, titleOf, IDLE_FIGURES));
    section('How much a shard carries', [
      `${BURST.changes} changes of ${BURST.orders} orders at once: how fast they reach the destination while more are waiting.`,
    ], figureTable(throughputs, titleOf, THROUGHPUT_FIGURES));
    for (const [outage, troubles] of outages) {
      section(`${OUTAGE_HOURS} hours: ${outage}`, [
        `An order changes every ${SLOW_TRAFFIC.everyMs / 60_000} minutes, before, meanwhile and after. What the outbox gave up after its maximum age, 12 h, waits in its table`,
        'for a replay; what the stream of a change processor forgot after 24 h is gone.',
      ], figureTable(troubles, troubleTitle, OUTAGE_FIGURES));
    }
    section('One event that the destination refuses', [
      `An order id that SQS takes for no group, and ${OUTAGE_HOURS} hours of other orders behind it.`,
    ], figureTable(poisoned, troubleTitle, POISON_FIGURES));
    section('Faults of every kind', [
      `${STORM_TRAFFIC.changes} changes of ${STORM_TRAFFIC.orders} orders, one each ${STORM_TRAFFIC.everyMs} ms, with these chances per call, delivery or entry:`,
      `${Object.entries(STORM).map(([fault, chance]) => `${fault} ${chance}`).join(', ')}.`,
    ], figureTable(storms, troubleTitle, STORM_FIGURES));

    return [...missedOnPath(paths), ...outages.flatMap(([outage, troubles]) => missedInTrouble(outage, troubles)), ...missedInTrouble('faults', storms)];
  },
};

const titleOf = ({ design }: { readonly design: Design }) => design.name;
const troubleTitle = ({ design, replayed }: Trouble) => (replayed ? `${design.name} + replay` : design.name);

function missedOnPath(paths: readonly Path[]): string[] {
  return paths.filter(({ design, toDestination }) => WITHOUT_FUNCTION.includes(design) && (toDestination['lambda.requests'] ?? 0) > 0)
    .map(({ design, toDestination }) => `${design.name} has invoked functions ${toDestination['lambda.requests']} times on the path, none are allowed`);
}

/** An outage may only lose what nobody replays. */
function missedInTrouble(what: string, troubles: readonly Trouble[]): string[] {
  return troubles.filter(({ design }) => OURS.includes(design)).flatMap(({ design, replayed, outcome: { lost, twice, inversions } }) => [
    ...(lost > 0 && (replayed || what === 'faults') ? [`${design.name} has lost ${lost} events (${what}), none are allowed`] : []),
    ...(twice > 0 ? [`${twice} effects of ${design.name} happened twice (${what}), none may`] : []),
    ...(inversions > 0 && design.destination === 'fifo queue' ? [`${inversions} events of ${design.name} came behind a later one (${what}), none may`] : []),
  ]);
}
