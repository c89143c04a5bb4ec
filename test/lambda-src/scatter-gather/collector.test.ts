import type { SFNClient } from '@aws-sdk/client-sfn';
import { Collector } from '../../../lambda-src/scatter-gather/collector';
import type { Gathering, GatheringStore } from '../../../lambda-src/scatter-gather/gathering-store';
import type { ReceivedAnswer } from '../../../lambda-src/scatter-gather/reply-event';
import type { EventPublisher, EventToPublish } from '../../../lambda-src/shared/event-publisher';

describe('an answer to a closed gathering', () => {
  it('is late when its responder had not answered', async () => {
    const { late, reported } = await collect({ status: 'CLOSED', closedBy: 'DEADLINE' });
    expect({ late, reported }).toEqual({
      late: 1, reported: [{ gathering: 'quotes', correlationId: 'c-1', responder: 'A', reason: 'LATE', payload: { rate: 1 } }],
    });
  });

  it('is a duplicate when its responder had answered otherwise, and nothing when it is that very answer again', async () => {
    const closed = { status: 'CLOSED', closedBy: 'DEADLINE', replied: new Set(['A']) } as const;
    expect((await collect(closed, { answeredBy: 'another' })).reported).toEqual([expect.objectContaining({ responder: 'A', reason: 'DUPLICATE' })]);
    expect(await collect(closed, { answeredBy: 'e-1' })).toMatchObject({ late: 0, reported: [] });
  });

  it('is reported with its error when it is a failure', async () => {
    const { reported } = await collect({ status: 'CLOSED', closedBy: 'DEADLINE' }, { answer: { payload: undefined, error: 'NoQuote', cause: 'closed on Sundays' } });
    expect(reported).toEqual([{ gathering: 'quotes', correlationId: 'c-1', responder: 'A', reason: 'LATE', error: 'NoQuote', cause: 'closed on Sundays' }]);
  });

  it('wakes the workflow once more when a collector closed it, for that one may have died in between, and never behind a deadline', async () => {
    const replied = new Set(['A']);
    expect((await collect({ status: 'CLOSED', closedBy: 'COLLECTOR', replied })).woken).toEqual(['token']);
    for (const closedBy of ['DEADLINE', 'FAILURE'] as const) expect((await collect({ status: 'CLOSED', closedBy, replied })).woken).toEqual([]);
  });
});

it('a close that is refused because another answer was recorded meanwhile is decided anew', async () => {
  const complete = { replied: new Set(['A', 'B']) };
  const { woken, closes } = await collect({}, { recorded: complete, closes: [{ ...complete, revision: 2 }, { ...complete, status: 'CLOSED', closedBy: 'COLLECTOR' }] });
  expect({ woken, closes }).toEqual({ woken: ['token'], closes: [1, 2] });
});

it.each(['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken'])('a token that needs no answer any more (%s) is no error', async (name) => {
  const spent = Object.assign(new Error('spent'), { name });
  await expect(collect({ status: 'CLOSED', closedBy: 'COLLECTOR', replied: new Set(['A']) }, { tokenError: spent })).resolves.toMatchObject({ late: 0 });
});

it('a workflow that cannot be woken is an error, and the answers come again', async () => {
  const throttled = Object.assign(new Error('slow down'), { name: 'ThrottlingException' });
  await expect(collect({ status: 'CLOSED', closedBy: 'COLLECTOR', replied: new Set(['A']) }, { tokenError: throttled })).rejects.toThrow('slow down');
});

async function collect(state: Partial<Gathering>, { answer = {}, answeredBy = 'e-1', tokenError, recorded = {}, closes: answers = [] }: {
  answer?: Partial<ReceivedAnswer>; answeredBy?: string; tokenError?: Error; recorded?: Partial<Gathering>; closes?: Partial<Gathering>[];
} = {}) {
  const gathering: Gathering = {
    correlationId: 'c-1', status: 'OPEN', executionArn: 'arn', taskToken: 'token', expected: ['A', 'B'], replied: new Set(), failed: new Set(),
    revision: 1, openedAt: 0, completion: { kind: 'ALL' }, ...state,
  };
  const reported: unknown[] = [];
  const woken: string[] = [];
  const closes: number[] = [];
  const collector = new Collector({
    gatheringName: 'quotes',
    store: {
      find: async () => gathering,
      answeredByEvent: async () => answeredBy,
      keepAnswer: async () => 'STORED',
      record: async () => ({ ...gathering, ...recorded }),
      closeAt: async ({ revision }: Gathering) => {
        closes.push(revision);
        return { ...gathering, ...answers.shift() };
      },
    } as unknown as GatheringStore,
    publisher: {
      publish: async (events: EventToPublish[]) => void reported.push(...events.map(({ detail }) => detail)),
    } as unknown as EventPublisher,
    stepFunctions: {
      send: async ({ input }: { input: { taskToken: string } }) => {
        if (tokenError) throw tokenError;
        woken.push(input.taskToken);
      },
    } as unknown as SFNClient,
  });
  const received: ReceivedAnswer = {
    messageId: 'm-1', receiptHandle: 'r-1', correlationId: 'c-1', responder: 'A', eventId: 'e-1', receivedAt: 1, payload: '{"rate":1}', ...answer,
  };
  return { ...await collector.collect('c-1', [received]), reported, woken, closes };
}
