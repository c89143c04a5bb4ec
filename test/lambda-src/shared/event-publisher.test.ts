import type { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { EventPublisher } from '../../../lambda-src/shared/event-publisher';

describe('an event publisher', () => {
  it('puts at most ten entries at once', async () => {
    const bus = new FakeBus();
    await publisher(bus).publish(events(23));
    expect(bus.calls.map((call) => call.length).sort((a, b) => b - a)).toEqual([10, 10, 3]);
  });

  it('splits what is too large for one request', async () => {
    const bus = new FakeBus();
    await publisher(bus).publish(events(3, 'x'.repeat(100_000)));
    expect(bus.calls.map((call) => call.length)).toEqual([2, 1]);
  });

  it('measures in bytes and not in characters', async () => {
    const bus = new FakeBus();
    await publisher(bus).publish(events(2, '長'.repeat(50_000)));
    expect(bus.calls.map((call) => call.length)).toEqual([1, 1]);
  });

  it('puts again exactly the entries that failed, though the call succeeded', async () => {
    const bus = new FakeBus([[1, 3], [0]]);
    await publisher(bus).publish(events(4));
    expect(bus.calls).toEqual([['0', '1', '2', '3'], ['1', '3'], ['1']]);
    expect(bus.arrived.sort()).toEqual(['0', '1', '2', '3']);
  });

  it('says which bus refuses and why when entries keep failing', async () => {
    const bus = new FakeBus(Array.from({ length: 6 }, () => [0]));
    await expect(publisher(bus).publish(events(1))).rejects.toThrow("1 event(s) could not be put on bus 'the-bus' in 6 attempts: InternalFailure");
  });

  it('puts nothing when there is nothing', async () => {
    const bus = new FakeBus();
    await publisher(bus).publish([]);
    expect(bus.calls).toEqual([]);
  });
});

/** Fails the entries whose positions are listed for each call in turn. */
class FakeBus {
  readonly calls: string[][] = [];
  readonly arrived: string[] = [];

  constructor(private readonly failing: number[][] = []) {}

  async send(command: PutEventsCommand) {
    const entries = command.input.Entries!;
    const failing = this.failing[this.calls.length] ?? [];
    this.calls.push(entries.map((entry) => JSON.parse(entry.Detail!).id));
    const answers = entries.map((entry, index) => {
      if (failing.includes(index)) return { ErrorCode: 'InternalFailure', ErrorMessage: 'try again' };
      this.arrived.push(JSON.parse(entry.Detail!).id);
      return { EventId: String(index) };
    });
    return { FailedEntryCount: failing.length, Entries: answers };
  }
}

function publisher(bus: FakeBus): EventPublisher {
  return new EventPublisher(bus as unknown as EventBridgeClient, 'the-bus', async () => {});
}

function events(count: number, filler = '') {
  return Array.from({ length: count }, (_, index) => ({ source: 'test', detailType: 'Test', detail: { id: String(index), filler } }));
}
