import type { Gathering, GatheringStore } from '../../../lambda-src/scatter-gather/gathering-store';
import { scatter } from '../../../lambda-src/scatter-gather/scatter';
import type { EventPublisher, EventToPublish } from '../../../lambda-src/shared/event-publisher';
import type { ScatterInput } from '../../../src/scatter-gather/contract';

const input: ScatterInput = {
  correlationId: 'c-1',
  executionArn: 'arn',
  request: { amount: 1 },
  candidates: ['A', 'B', 'C'].map((responder) => ({ responder, route: 'Shared', selected: true })),
  startedAt: Date.parse('2026-01-01T00:00:00Z'),
  timeoutSeconds: 10,
  completion: { kind: 'ALL' },
  taskToken: 'token',
};

describe('a scatter step', () => {
  it('asks every recipient by the rule of its function, and says until when', async () => {
    const { asked, events } = await run({});
    expect(asked).toBe(3);
    expect(events.map(({ detail }) => detail)).toEqual(['A', 'B', 'C'].map((responder) => ({
      gathering: 'quotes', correlationId: 'c-1', responder, route: 'Shared', request: { amount: 1 }, deadline: '2026-01-01T00:00:10.000Z',
    })));
  });

  it('asks nobody again who has answered, when it is repeated', async () => {
    const { events } = await run({ replied: new Set(['A']), failed: new Set(['C']) });
    expect(events.map(({ detail }) => (detail as { responder: string }).responder)).toEqual(['B']);
  });

  it('asks nobody for a gathering of another execution, and none that is closed', async () => {
    await expect(run({ executionArn: 'another' })).rejects.toMatchObject({ name: 'DuplicateCorrelationId' });
    await expect(run({ status: 'CLOSED' })).rejects.toMatchObject({ name: 'GatheringClosed' });
  });
});

async function run(state: Partial<Gathering>) {
  const gathering: Gathering = {
    correlationId: 'c-1', status: 'OPEN', executionArn: 'arn', expected: ['A', 'B', 'C'], replied: new Set(), failed: new Set(), revision: 0,
    openedAt: input.startedAt, completion: input.completion, ...state,
  };
  const events: EventToPublish[] = [];
  const store = { open: async () => gathering } as unknown as GatheringStore;
  const publisher = { publish: async (more: EventToPublish[]) => void events.push(...more) } as unknown as EventPublisher;
  return { ...await scatter(input, { gatheringName: 'quotes', store, publisher }), events };
}
