import { changeProcessorToBus, changeProcessorToFifo } from './change-processor-stack';
import type { Design } from './design';
import { IDLE_FIGURES, OUTAGE_FIGURES, PATH_FIGURES, POISON_FIGURES, STORM_FIGURES, THROUGHPUT_FIGURES } from './figures';
import { isOrdered, missedDeliveries, missedInTrouble, missedOnPath } from './goals';
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
const ORDERED_IN_TROUBLE = IN_TROUBLE.filter(isOrdered);
const WITHOUT_FUNCTION: readonly Design[] = [toBus, toFifo];
const POISONED_EVENTS = 1;
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
      const troubles = await each(outage, IN_TROUBLE, (design) => measureOutage(design, outage));
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

    const ours = (trouble: Trouble) => OURS.includes(trouble.design);
    return [
      ...paths.filter(({ design }) => WITHOUT_FUNCTION.includes(design)).flatMap(missedOnPath),
      ...outages.flatMap(([outage, troubles]) => troubles.filter(ours).flatMap((trouble) => [
        ...missedInTrouble(outage, trouble), ...(trouble.replayed ? missedDeliveries(`${outage}, replayed`, trouble) : []),
      ])),
      ...poisoned.filter(ours).flatMap((trouble) => [...missedInTrouble('poison', trouble), ...missedDeliveries('poison', trouble, POISONED_EVENTS)]),
      ...storms.filter(ours).flatMap((trouble) => [...missedInTrouble('faults', trouble), ...missedDeliveries('faults', trouble)]),
    ];
  },
};

const titleOf = ({ design }: { readonly design: Design }) => design.name;
const troubleTitle = ({ design, replayed }: Trouble) => (replayed ? `${design.name} + replay` : design.name);
