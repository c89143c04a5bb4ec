/**
 * The background scan that removes expired items, typically within hours of their time, at the latest after days.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html
 */
import type { Engine } from './engine';
import { nextExpiry } from './ttl';
import type { World } from '../../service';

const HOUR_MS = 3600 * 1000;
/** Expired items are typically gone within two days. */
const LATEST_MS = 48 * HOUR_MS;

interface Sweep {
  readonly at: number;
  cancel(): void;
}

export class ExpirySweeps {
  private readonly pending = new Map<string, Sweep>();
  private readonly random;

  constructor(private readonly world: World, private readonly engine: () => Engine) {
    this.random = world.kernel.random.fork('dynamodb/ttl');
  }

  /** A table has an item that expires then. */
  expect(tableName: string, expiry: number): void {
    const { kernel } = this.world;
    const soonest = Math.max(expiry, kernel.now);
    const pending = this.pending.get(tableName);
    if (pending && pending.at <= soonest + LATEST_MS) return;
    pending?.cancel();
    const at = soonest + this.random.integer(1, LATEST_MS);
    // In the background: a world in which only this is left to happen is quiet.
    const event = kernel.schedule(at - kernel.now, () => this.sweep(tableName), { background: true });
    this.pending.set(tableName, { at, cancel: () => event.cancel() });
  }

  private sweep(tableName: string) {
    this.pending.delete(tableName);
    const { kernel, trace } = this.world;
    const engine = this.engine();
    const removed = engine.removeExpired(tableName);
    if (removed > 0) trace.record({ at: kernel.now, subject: tableName, event: 'dynamodb.ttl', detail: { removed } });
    const next = nextExpiry(engine.table(tableName), kernel.now);
    if (next !== undefined) this.expect(tableName, next);
  }
}
