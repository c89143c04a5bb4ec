import { nameOf, type Order } from './orders';

/** What the consumer has done with one event. */
export interface Shipment {
  readonly times: number;
  readonly receivedAt: number;
}

export interface Outcome {
  readonly committed: number;
  /** Events that never took effect. */
  readonly lost: number;
  /** Events that took effect more than once. */
  readonly twice: number;
  /** Events that came first after a later one of their order. */
  readonly inversions: number;
  /** Milliseconds from the answer to the writer to the consumer, of each event that came. */
  readonly tookMs: readonly number[];
}

export function outcomeOf(committed: readonly { readonly order: Order; readonly at: number }[], shipments: ReadonlyMap<string, Shipment>): Outcome {
  const arrived = committed.flatMap(({ order, at }) => {
    const shipment = shipments.get(nameOf(order));
    return shipment ? [{ order, at, ...shipment }] : [];
  });
  return {
    committed: committed.length,
    lost: committed.length - arrived.length,
    twice: arrived.filter(({ times }) => times > 1).length,
    inversions: inversions(arrived),
    tookMs: arrived.map(({ at, receivedAt }) => Math.max(0, receivedAt - at)),
  };
}

function inversions(arrived: readonly { readonly order: Order; readonly receivedAt: number }[]): number {
  const latest = new Map<string, number>();
  let count = 0;
  for (const { order: { orderId, version } } of [...arrived].sort((a, b) => a.receivedAt - b.receivedAt || a.order.version - b.order.version)) {
    const seen = latest.get(orderId) ?? 0;
    if (version < seen) count++;
    latest.set(orderId, Math.max(seen, version));
  }
  return count;
}
