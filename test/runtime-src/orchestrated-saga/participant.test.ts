import { cancelled, CLAIMS, count, doRequest, EFFECTS, NOW, Tables, undoRequest } from './table';
import { participantThatPauses } from '../../../runtime-src/orchestrated-saga/participant';
import type { ActionEffect } from 'cdk-integration-patterns/runtime/orchestrated-saga';
import { InvalidSagaRequest, SagaAbort, sagaParticipant, SagaStepUndone } from 'cdk-integration-patterns/runtime/orchestrated-saga';

const NEW = 'attribute_not_exists(id)';

let tables: Tables;
let pauses: number[];
let worked: string[];

beforeEach(() => {
  tables = new Tables();
  pauses = [];
  worked = [];
});

afterEach(() => {
  delete process.env.SAGA_PARTICIPANT_TABLE_NAME;
  delete process.env.SAGA_PARTICIPANT_RETENTION_SECONDS;
});

function participant() {
  const pause = async (milliseconds: number) => { pauses.push(milliseconds); };
  return participantThatPauses({ client: tables.client, tableName: CLAIMS, retentionSeconds: 60, now: () => NOW }, pause);
}

/** Counts the step's effect, and says how often it was asked. */
function charge(effect: Partial<ActionEffect> = {}) {
  return participant().action(() => {
    worked.push('charge');
    return { writes: [count('times')], result: { receipt: worked.length }, ...effect };
  });
}

const refund = () => participant().compensation(({ result }) => {
  worked.push(`refund ${JSON.stringify(result)}`);
  return { writes: [count('undone')] };
});

const effect = () => tables.item(EFFECTS, 'Charge');
const writes = () => tables.sent.filter(({ operation }) => operation === 'TransactWriteItems');

describe('the first duty: the same key takes effect once', () => {
  it('and gets the stored result again, without any work', async () => {
    expect(await charge()(doRequest())).toEqual({ receipt: 1 });
    expect(await charge()(doRequest({ sagaId: 'other', step: 'Other', input: {} }))).toEqual({ receipt: 1 });
    expect(effect()).toEqual({ id: 'Charge', times: '1' });
    expect(worked).toEqual(['charge']);
  });

  it('in one transaction with a claim of that key that expires', async () => {
    await charge()(doRequest());
    expect(writes()).toEqual([expect.objectContaining({
      input: {
        ClientRequestToken: expect.any(String),
        TransactItems: [
          {
            Put: {
              TableName: CLAIMS,
              Item: { id: { S: 's-1#Charge#DO' }, expiration: { N: String(Date.UTC(2026, 4, 6, 7, 8, 9) / 1000 + 60) }, result: { S: '{"receipt":1}' } },
              ConditionExpression: NEW,
            },
          },
          { ConditionCheck: { TableName: CLAIMS, Key: { id: { S: 's-1#Charge#UNDO' } }, ConditionExpression: NEW } },
          expect.objectContaining({ Update: expect.objectContaining({ TableName: EFFECTS }) }),
        ],
      },
    })]);
  });

  it('also when another attempt was quicker, whose answer it then gives', async () => {
    const slow = participant().action(async () => {
      await charge()(doRequest());
      return { writes: [count('times')], result: 'mine' };
    });
    expect(await slow(doRequest())).toEqual({ receipt: 1 });
    expect(effect()).toEqual({ id: 'Charge', times: '1' });
  });

  it('also when the answer to the transaction was lost', async () => {
    tables.via = (operation, answer) => {
      const answered = answer();
      if (operation === 'TransactWriteItems') throw new Error('socket hang up');
      return answered;
    };
    expect(await charge()(doRequest())).toEqual({ receipt: 1 });
    expect(effect()).toEqual({ id: 'Charge', times: '1' });
  });

  it('answers what JSON makes of a result the first time, too', async () => {
    const when = participant().action(() => ({ writes: [], result: { at: NOW, nothing: undefined } }));
    const nothing = participant().action(() => ({ writes: [] }));
    for (const _ of [1, 2]) {
      expect(await when(doRequest())).toStrictEqual({ at: NOW.toISOString() });
      expect(await nothing(doRequest({ idempotencyKey: 's-2#Charge#DO' }))).toBeNull();
    }
  });

  it('for a compensation as for an action', async () => {
    await charge()(doRequest());
    expect(await refund()(undoRequest())).toBe('UNDONE');
    expect(await refund()(undoRequest())).toBe('UNDONE');
    expect(effect()).toEqual({ id: 'Charge', times: '1', undone: '1' });
    expect(worked).toEqual(['charge', 'refund {"receipt":1}']);
  });

  it('keeps sagas and steps apart that share a table', async () => {
    for (const idempotencyKey of ['s-1#Charge#DO', 's-2#Charge#DO', 's-1#Ship#DO', 's#1#Charge#DO']) await charge()(doRequest({ idempotencyKey }));
    expect(effect()).toEqual({ id: 'Charge', times: '4' });
  });
});

describe('the second duty: to undo what never happened', () => {
  it('is a success without any work, and is remembered', async () => {
    expect(await refund()(undoRequest())).toBe('NOTHING_TO_UNDO');
    expect(await refund()(undoRequest())).toBe('NOTHING_TO_UNDO');
    expect(worked).toEqual([]);
    expect(tables.items(CLAIMS)).toEqual([{ id: 's-1#Charge#UNDO', result: '"NOTHING_TO_UNDO"', expiration: expect.any(String) }]);
  });

  it('finds what happened after all, while it was looking', async () => {
    tables.via = async (operation, answer) => {
      if (operation === 'TransactWriteItems' && writes().length === 1) await charge()(doRequest());
      return answer();
    };
    expect(await refund()(undoRequest())).toBe('UNDONE');
    expect(effect()).toEqual({ id: 'Charge', times: '1', undone: '1' });
  });

  it('finds what happened after all, and was undone by somebody else then', async () => {
    const happens = [() => charge()(doRequest()), () => refund()(undoRequest())];
    let others = 0;
    tables.via = async (operation, answer) => {
      if (operation === 'TransactWriteItems' && others === 0 && happens.length > 0) {
        others++;
        await happens.shift()!();
        others--;
      }
      return answer();
    };
    expect(await refund()(undoRequest())).toBe('UNDONE');
    expect(effect()).toEqual({ id: 'Charge', times: '1', undone: '1' });
  });
});

describe('the third duty: an action that comes after its undo', () => {
  const undone = expect.objectContaining({ name: 'SagaStepUndone', message: "'s-1#Charge#DO' comes after 's-1#Charge#UNDO', and is not done any more" });

  it('is refused for ever, without any work', async () => {
    await refund()(undoRequest());
    await expect(charge()(doRequest())).rejects.toEqual(undone);
    await expect(charge()(doRequest())).rejects.toBeInstanceOf(SagaStepUndone);
    expect(worked).toEqual([]);
    expect(effect()).toBeUndefined();
  });

  it('is refused also when it was under way', async () => {
    const slow = participant().action(async () => {
      await refund()(undoRequest());
      return { writes: [count('times')] };
    });
    await expect(slow(doRequest())).rejects.toEqual(undone);
    expect(effect()).toBeUndefined();
  });

  it('is not told that it is done when it was done and undone', async () => {
    await charge()(doRequest());
    await refund()(undoRequest());
    await expect(charge()(doRequest())).rejects.toEqual(undone);
  });
});

describe('a compensation', () => {
  it('gets the result that is remembered, not what the saga believes', async () => {
    await charge()(doRequest());
    await refund()(undoRequest({ result: { omitted: true, characters: 70_000 } }));
    expect(worked).toEqual(['charge', 'refund {"receipt":1}']);
  });

  it('that fails leaves nothing behind, and is done when it comes again', async () => {
    await charge()(doRequest());
    const failing = participant().compensation(() => { throw new Error('the bank is closed'); });
    await expect(failing(undoRequest())).rejects.toThrow('the bank is closed');
    const refused = participant().compensation(() => ({ writes: [count('undone', 'Charge', NEW)] }));
    await expect(refused(undoRequest())).rejects.toMatchObject({ name: 'TransactionCanceledException' });
    expect(tables.items(CLAIMS).map(({ id }) => id)).toEqual(['s-1#Charge#DO']);
    expect(await refund()(undoRequest())).toBe('UNDONE');
  });

  it('succeeds when its work fails because another attempt has undone everything', async () => {
    await charge()(doRequest());
    const slow = participant().compensation(async () => {
      await refund()(undoRequest());
      throw new Error('there is no such charge');
    });
    expect(await slow(undoRequest())).toBe('UNDONE');
  });
});

describe('an action that refuses for good', () => {
  const declined = new SagaAbort('CardDeclined', 'no money');
  const refusal = expect.objectContaining({ name: 'CardDeclined', message: 'no money' });

  it('gives each further attempt the same answer, whatever it would do', async () => {
    const declining = participant().action(() => { throw declined; });
    await expect(declining(doRequest())).rejects.toEqual(refusal);
    await expect(charge()(doRequest())).rejects.toEqual(refusal);
    expect(effect()).toBeUndefined();
    expect(await refund()(undoRequest())).toBe('NOTHING_TO_UNDO');
  });

  it('refuses an earlier attempt that is still on its way, which the saga has given up', async () => {
    const slow = participant().action(async () => {
      await expect(participant().action(() => { throw declined; })(doRequest())).rejects.toEqual(refusal);
      return { writes: [count('times')] };
    });
    await expect(slow(doRequest())).rejects.toEqual(refusal);
    expect(effect()).toBeUndefined();
  });

  it('is done when another attempt has done it: the last seat was taken by itself', async () => {
    const late = participant().action(async () => {
      await charge()(doRequest());
      throw declined;
    });
    expect(await late(doRequest())).toEqual({ receipt: 1 });
    const undeclared = participant().action(async () => {
      await charge()(doRequest({ idempotencyKey: 's-2#Charge#DO' }));
      throw new Error('no seats');
    });
    expect(await undeclared(doRequest({ idempotencyKey: 's-2#Charge#DO' }))).toEqual({ receipt: 2 });
  });

  it('because a condition of its writes does not hold', async () => {
    await charge()(doRequest());
    const other = doRequest({ idempotencyKey: 's-2#Charge#DO' });
    await expect(charge({ writes: [count('times', 'Charge', NEW)], orAbort: declined })(other)).rejects.toEqual(refusal);
    await expect(charge()(other)).rejects.toEqual(refusal);
    expect(effect()).toEqual({ id: 'Charge', times: '1' });
  });

  it('is not certain of it when it cannot be remembered', async () => {
    tables.via = (operation, answer) => {
      if (operation === 'TransactWriteItems') throw cancelled('ValidationError', 'None');
      return answer();
    };
    await expect(participant().action(() => { throw declined; })(doRequest())).rejects.toMatchObject({ name: 'TransactionCanceledException' });
  });
});

describe('an action that fails', () => {
  it('leaves nothing behind, and is done when it comes again', async () => {
    await expect(participant().action(async () => { throw new Error('the bank is closed'); })(doRequest())).rejects.toThrow('the bank is closed');
    await expect(participant().action(() => { throw new Error('the bank is closed'); })(doRequest())).rejects.toThrow('the bank is closed');
    expect(tables.items(CLAIMS)).toEqual([]);
    expect(await charge()(doRequest())).toEqual({ receipt: 1 });
  });

  it('because a condition does not hold, and says no more, can be tried again', async () => {
    await charge()(doRequest());
    const other = doRequest({ idempotencyKey: 's-2#Charge#DO' });
    await expect(charge({ writes: [count('times', 'Charge', NEW)] })(other)).rejects.toMatchObject({ name: 'TransactionCanceledException' });
    expect(await charge()(other)).toEqual({ receipt: 3 });
  });

  it('is no refusal when nobody can say whether another attempt has done it', async () => {
    tables.via = (_, answer) => {
      if (tables.sent.length > 2) throw new Error('socket hang up');
      return answer();
    };
    await expect(participant().action(() => { throw new Error('no seats'); })(doRequest())).rejects.toThrow('socket hang up');
  });
});

describe('a transaction', () => {
  function failing(times: number, ...codes: string[]) {
    tables.via = (operation, answer) => {
      if (operation === 'TransactWriteItems' && writes().length <= times) throw cancelled(...codes);
      return answer();
    };
  }

  it.each([
    ['in conflict with another', ['None', 'None', 'TransactionConflict']],
    ['in conflict with another attempt', ['TransactionConflict', 'None', 'None']],
    ['in conflict, whatever its conditions were thought to be', ['TransactionConflict', 'None', 'ConditionalCheckFailed']],
    ['that is throttled', ['None', 'ThrottlingError', 'None']],
    ['at the limit of a table', ['None', 'None', 'ProvisionedThroughputExceeded']],
  ])('%s is made again a few times, later each time, and then fails', async (_, codes) => {
    jest.spyOn(Math, 'random').mockReturnValue(0.5);
    failing(4, ...codes);
    expect(await charge()(doRequest())).toEqual({ receipt: 1 });
    expect(pauses).toEqual([25, 50, 100, 200]);
    expect(worked).toHaveLength(1);
    tables = new Tables();
    failing(5, ...codes);
    await expect(charge()(doRequest())).rejects.toMatchObject({ name: 'TransactionCanceledException' });
    expect(writes()).toHaveLength(5);
    jest.restoreAllMocks();
  });

  it('that cannot be made is not made again', async () => {
    failing(1, 'None', 'None', 'ValidationError');
    await expect(charge()(doRequest())).rejects.toMatchObject({ name: 'TransactionCanceledException' });
    expect(writes()).toHaveLength(1);
  });

  it('holds 98 writes beside the claims', async () => {
    const many = (length: number) => Array.from({ length }, (_, index) => count('times', `effect-${index}`));
    await expect(charge({ writes: many(99) })(doRequest())).rejects.toThrow('at most 98 writes fit into one transaction with their claim, received 99');
    await charge({ writes: many(98) })(doRequest());
    expect(tables.items(EFFECTS)).toHaveLength(98);
  });

  it('needs writes, if only none', async () => {
    await expect(charge({ writes: undefined! })(doRequest())).rejects.toThrow('writes must be an array of entries of TransactWriteCommand, received undefined; [] for none');
  });
});

it('waits by the clock in a function', async () => {
  jest.useFakeTimers();
  tables.via = (operation, answer) => {
    if (operation === 'TransactWriteItems' && writes().length === 1) throw cancelled('TransactionConflict', 'None');
    return answer();
  };
  const answer = sagaParticipant({ client: tables.client, tableName: CLAIMS, now: () => NOW }).action(() => ({ writes: [], result: 1 }))(doRequest());
  await jest.advanceTimersByTimeAsync(50);
  expect(await answer).toBe(1);
  jest.useRealTimers();
});

it('takes table and retention from the environment that addFunction sets; claims stay for 180 days otherwise', async () => {
  const action = sagaParticipant({ client: tables.client, now: () => NOW }).action(() => ({ writes: [] }));
  await expect(action(doRequest())).rejects.toThrow('environment variable SAGA_PARTICIPANT_TABLE_NAME must be set, received undefined; SagaParticipant.addFunction sets it');
  process.env.SAGA_PARTICIPANT_TABLE_NAME = CLAIMS;
  const daysOf = (id: string) => (Number(tables.item(CLAIMS, id)!.expiration) - Math.floor(NOW.getTime() / 1000)) / 86_400;
  await action(doRequest());
  expect(daysOf('s-1#Charge#DO')).toBe(180);
  process.env.SAGA_PARTICIPANT_RETENTION_SECONDS = '86400';
  await action(doRequest({ idempotencyKey: 's-2#Charge#DO' }));
  expect(daysOf('s-2#Charge#DO')).toBe(1);
});

describe('a request that is no saga request', () => {
  const wanted = "takes a saga's request, an object with sagaId, step and idempotencyKey, received";
  const { sagaId, ...withoutSagaId } = doRequest();
  it.each<[unknown, string]>([
    [undefined, `an action ${wanted} undefined`],
    [null, `an action ${wanted} null`],
    ['s-1#Charge#DO', `an action ${wanted} string`],
    [[doRequest()], `an action ${wanted} an array`],
    [{}, "sagaId of a saga's request must be text that is not empty, received undefined in an object with no fields"],
    [withoutSagaId, "sagaId of a saga's request must be text that is not empty, received undefined in an object with step, idempotencyKey, input, results"],
    [{ ...doRequest(), step: 1 }, "step of a saga's request must be text that is not empty, received 1 in an object with sagaId, step, idempotencyKey, input, results"],
    [{ sagaId, step: 'a', idempotencyKey: '' }, 'idempotencyKey of a saga\'s request must be text that is not empty, received "" in an object with sagaId, step, idempotencyKey'],
    [doRequest({ idempotencyKey: 's-1' }), "the idempotencyKey of an action must end in #DO, received 's-1'"],
    [doRequest({ idempotencyKey: '#DO' }), "the idempotencyKey of an action must end in #DO, received '#DO'"],
    [undoRequest(), "the idempotencyKey of an action must end in #DO, received 's-1#Charge#UNDO'; the function of a compensation was called for an action, or the other way round"],
  ])('%j is refused with a sentence', async (request, sentence) => {
    const refusal = charge()(request as never);
    await expect(refusal).rejects.toThrow(sentence);
    await expect(refusal).rejects.toBeInstanceOf(InvalidSagaRequest);
    expect(worked).toEqual([]);
  });

  it('is refused by a compensation, too', async () => {
    await expect(refund()(doRequest() as never)).rejects.toThrow(
      "the idempotencyKey of a compensation must end in #UNDO, received 's-1#Charge#DO'; the function of an action was called for a compensation, or the other way round",
    );
  });
});
