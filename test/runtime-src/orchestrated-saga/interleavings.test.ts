import fc from 'fast-check';
import { cancelled, CLAIMS, count, doRequest, EFFECTS, NOW, Tables, undoRequest } from './table';
import { participantThatPauses } from '../../../runtime-src/orchestrated-saga/participant';
import { SagaAbort } from 'cdk-integration-patterns/runtime/orchestrated-saga';

/**
 * Attempts to do and to undo a step run side by side. Whenever one of them has sent a request, has been answered, or waits, a choice says who goes on.
 * Nothing else decides, so a failing run is found again.
 */

type Fault = 'NONE' | 'CONFLICT' | 'DIES_BEFORE' | 'DIES_AFTER' | 'ANSWER_LOST';
interface Attempt {
  readonly direction: 'DO' | 'UNDO';
  /** What the action's work says; the compensation's own work either succeeds or fails. */
  readonly work: 'SUCCEEDS' | 'FAILS' | 'ABORTS' | 'CONDITION_FAILS';
  /** What happens to its first transactions. */
  readonly faults: readonly Fault[];
}
interface Ended extends Attempt {
  readonly answer?: unknown;
  readonly error?: string;
}

const fault = fc.oneof({ weight: 3, arbitrary: fc.constant('NONE' as const) }, fc.constantFrom('CONFLICT', 'DIES_BEFORE', 'DIES_AFTER', 'ANSWER_LOST'));
const attempt = fc.record<Attempt>({
  direction: fc.constantFrom('DO', 'UNDO'),
  work: fc.oneof({ weight: 2, arbitrary: fc.constant('SUCCEEDS' as const) }, fc.constantFrom('FAILS', 'ABORTS', 'CONDITION_FAILS')),
  faults: fc.array(fault, { maxLength: 2 }),
});
const DEAD = Symbol('the function is gone');

/** Who waits to go on, in the order in which they came. */
class Crossroads {
  private readonly waiting: (() => void)[] = [];

  readonly wait = () => new Promise<void>((resolve) => { this.waiting.push(resolve); });

  /** Lets one after the other go on, until nobody comes any more. */
  async run(choices: readonly number[]): Promise<void> {
    for (let turn = 0; ; turn++) {
      // All that needs no choice happens first.
      await new Promise((resolve) => setImmediate(resolve));
      if (this.waiting.length === 0) return;
      this.waiting.splice((choices[turn] ?? 0) % this.waiting.length, 1)[0]();
    }
  }
}

async function play(attempts: readonly Attempt[], choices: readonly number[]) {
  const crossroads = new Crossroads();
  const tables = new Tables();
  const ended: Ended[] = [];
  /** Each change of the effect, and each answer, as they happened. */
  const history: string[] = [];
  let results = 0;

  const clientOf = ({ direction, faults }: Attempt) => {
    const left = [...faults];
    return {
      send: async (command: any) => {
        const isTransaction = command.constructor.name === 'TransactWriteCommand';
        const met = isTransaction ? left.shift() ?? 'NONE' : 'NONE';
        await crossroads.wait();
        if (met === 'DIES_BEFORE') throw DEAD;
        if (met === 'CONFLICT') throw cancelled('TransactionConflict', 'None');
        const answer = await tables.client.send(command);
        if (isTransaction && command.input.TransactItems.some(({ Update }: { Update?: object }) => Update)) history.push(`${direction} committed`);
        await crossroads.wait();
        if (met === 'DIES_AFTER') throw DEAD;
        if (met === 'ANSWER_LOST') throw new Error('socket hang up');
        return answer;
      },
    };
  };

  const run = async (one: Attempt) => {
    const participant = participantThatPauses({ client: clientOf(one), tableName: CLAIMS, now: () => NOW }, crossroads.wait);
    const work = (attribute: 'times' | 'undone') => {
      if (one.work === 'FAILS') throw new Error('by itself');
      if (one.work === 'ABORTS') throw new SagaAbort('NoSeats', 'none');
      const condition = one.work === 'CONDITION_FAILS' ? 'attribute_exists(neverThere)' : undefined;
      return { writes: [count(attribute, 'Charge', condition)], result: ++results, orAbort: new SagaAbort('NoSeats', 'none') };
    };
    try {
      const answer = one.direction === 'DO'
        ? await participant.action(() => work('times'))(doRequest())
        : await participant.compensation(() => work('undone'))(undoRequest());
      history.push(`${one.direction} answered ${answer}`);
      ended.push({ ...one, answer });
    } catch (error: any) {
      if (error !== DEAD) {
        history.push(`${one.direction} failed ${error.name === 'Error' ? error.message : error.name}`);
        ended.push({ ...one, error: error.name });
      }
    }
  };

  void attempts.map(run);
  await crossroads.run(choices);
  return { tables, ended, history, run, crossroads };
}

const scenes = fc.tuple(fc.array(attempt, { minLength: 1, maxLength: 5 }), fc.array(fc.nat(20), { maxLength: 60 }));
const runs = { numRuns: 300 };

function stateOf(tables: Tables) {
  const { times = '0', undone = '0' } = tables.item(EFFECTS, 'Charge') ?? {};
  const claimed = (direction: string) => tables.item(CLAIMS, `s-1#Charge#${direction}`);
  return { times: Number(times), undone: Number(undone), DO: claimed('DO'), UNDO: claimed('UNDO') };
}

it('a step ends done, undone, or never done, and the claims say which, however its attempts are interleaved', async () => {
  const seen = new Set<string>();
  await fc.assert(fc.asyncProperty(scenes, async ([attempts, choices]) => {
    const { tables } = await play(attempts, choices);
    const { times, undone, DO, UNDO } = stateOf(tables);
    expect({ times, undone }).toEqual({ times: DO ? 1 : 0, undone: DO && UNDO ? 1 : 0 });
    expect(UNDO?.result).toBe(UNDO && (DO ? '"UNDONE"' : '"NOTHING_TO_UNDO"'));
    seen.add(`${Boolean(DO)} ${Boolean(UNDO)}`);
  }), runs);
  expect([...seen].sort()).toEqual(['false false', 'false true', 'true false', 'true true']);
}, 120_000);

it('what is answered is so, and stays so', async () => {
  const seen = new Set<string>();
  await fc.assert(fc.asyncProperty(scenes, async ([attempts, choices]) => {
    const { tables, history, ended } = await play(attempts, choices);
    const { DO, UNDO } = stateOf(tables);
    for (const line of history) seen.add(line.replace(/\d+$/, 'result'));
    const first = (text: string) => history.findIndex((line) => line.startsWith(text));
    const after = (index: number, text: string) => index >= 0 && history.slice(index).some((line) => line.startsWith(text));

    // Every attempt that is told what was done is told the same.
    const answers = ended.filter(({ direction, answer }) => direction === 'DO' && answer !== undefined).map(({ answer }) => String(answer));
    expect(new Set(answers).size).toBeLessThanOrEqual(1);
    for (const answer of answers) expect(DO!.result).toBe(answer);

    // Once undone, or refused for good, it is not done any more.
    expect(after(first('UNDO answered'), 'DO committed')).toBe(false);
    expect(after(first('DO failed NoSeats'), 'DO committed')).toBe(false);
    expect(after(first('DO failed SagaStepUndone'), 'DO committed')).toBe(false);
    if (first('DO failed NoSeats') >= 0) expect(DO).toBeUndefined();
    if (first('DO failed SagaStepUndone') >= 0 || first('UNDO answered') >= 0) expect(UNDO).toBeDefined();
  }), runs);
  expect([...seen].sort()).toEqual([
    'DO answered result', 'DO committed', 'DO failed NoSeats', 'DO failed SagaStepUndone', 'DO failed by itself',
    'UNDO answered NOTHING_TO_UNDO', 'UNDO answered UNDONE', 'UNDO committed', 'UNDO failed NoSeats', 'UNDO failed TransactionCanceledException',
    'UNDO failed by itself',
  ]);
}, 120_000);

it('whatever has happened, an undo that meets no fault leaves no effect, and the step is refused then', async () => {
  await fc.assert(fc.asyncProperty(scenes, async ([attempts, choices]) => {
    const { tables, ended, run, crossroads } = await play(attempts, choices);
    for (const direction of ['UNDO', 'DO'] as const) {
      void run({ direction, work: 'SUCCEEDS', faults: [] });
      await crossroads.run([]);
    }
    const { times, undone } = stateOf(tables);
    expect(times - undone).toBe(0);
    const [lastUndo, lastDo] = ended.slice(-2);
    expect(lastUndo.answer).toBe(times === 1 ? 'UNDONE' : 'NOTHING_TO_UNDO');
    expect(lastDo.error).toMatch(/^(SagaStepUndone|NoSeats)$/);
  }), runs);
}, 120_000);
