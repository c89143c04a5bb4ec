import { createHash } from 'crypto';
import { type Effect, STATE_KEY, type StateItem } from './environment';
import { mended } from './payloads';
import { ITEMS_TABLE, LEDGER_TABLE, OUTBOXES, type OutboxId, OWN_ROWS_TABLE, type RowOutboxId, STATE_TABLE } from './stack';
import type { Fate, Workload } from './workload';
import type { AttributeMap, DynamoDbService, Simulation } from '../../../simulator/src';
import { plain } from '../../simulate';

/** An event that was committed with its aggregate's state, or put as a row of its own. */
export interface CommittedEvent {
  readonly id: string;
  readonly aggregate: string;
  /** SHA-256 of the payload's text as it must arrive. */
  readonly digest: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly fate: Fate;
}

export interface CommittedChange {
  readonly item: string;
  /** As the consumer must get it, in JSON. */
  readonly change: string;
}

/** What really happened, observed in the tables themselves: what was committed, and what took effect, each in its order. */
export class Books {
  readonly events: Record<RowOutboxId, CommittedEvent[]> = { RowsToBus: [], RowsToFifo: [], RowsParked: [] };
  readonly changes: CommittedChange[] = [];
  readonly effects = Object.fromEntries(OUTBOXES.map((outbox) => [outbox, []])) as unknown as Record<OutboxId, Effect[]>;

  constructor(simulation: Simulation, { writes, foreignRows }: Workload) {
    const dynamodb = simulation.world.service<DynamoDbService>('dynamodb');
    const observe = (table: string, listener: Parameters<DynamoDbService['onChange']>[1]) =>
      dynamodb.onChange(simulation.find(table, ['AWS::DynamoDB::Table']).provisioned.ref, listener);
    const byCommand = new Map(writes.map((write) => [write.command.command, write]));
    const foreign = new Map(foreignRows.map((row) => [row.eventId, row]));
    for (const table of [STATE_TABLE, OWN_ROWS_TABLE]) {
      observe(table, ({ newImage, at }) => {
        if (newImage?.sk.S !== STATE_KEY) return;
        const { lastEvent, command } = plain(newImage) as StateItem;
        const { outbox, fate, command: { aggregateType, aggregateId, payload } } = byCommand.get(command)!;
        this.events[outbox].push({ id: lastEvent, aggregate: `${aggregateType}#${aggregateId}`, digest: digestOf(fate === 'MENDED' ? mended(payload) : payload), at, fate });
      });
    }
    for (const outbox of Object.keys(this.events) as RowOutboxId[]) {
      observe(rowsOf(outbox), ({ newImage, oldImage, at }) => {
        const row = oldImage ? undefined : foreign.get(newImage?.eventId?.S ?? '');
        if (row) this.events[outbox].push({ id: row.eventId, aggregate: row.pk, digest: digestOf(row.payload), at, fate: row.fate });
      });
    }
    observe(ITEMS_TABLE, ({ keys, oldImage, newImage }) => {
      const change = { keys: json(keys), old: oldImage ? json(oldImage) : null, new: newImage ? json(newImage) : null };
      this.changes.push({ item: keys.id.S!, change: canonical(change) });
    });
    observe(LEDGER_TABLE, ({ newImage }) => {
      if (newImage) this.enter(plain(newImage) as Effect);
    });
  }

  /** The first effect of each event, in the order in which they came. */
  firstEffects(outbox: OutboxId): Effect[] {
    return [...new Map([...this.effects[outbox]].reverse().map((effect) => [effect.event, effect])).values()].reverse();
  }

  private enter(effect: Effect) {
    this.effects[effect.outbox as OutboxId].push(effect);
  }
}

/** Where a row outbox keeps its rows: a table of its own, or the one that it was given. */
export function rowsOf(outbox: RowOutboxId): string {
  return outbox === 'RowsToFifo' ? OWN_ROWS_TABLE : `${outbox}/Rows`;
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** JSON whose keys are in order, so that equal values are equal texts. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part) => (part !== null && typeof part === 'object' && !Array.isArray(part)
    ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
    : part));
}

/** An item as plain JSON. Numbers that JavaScript cannot hold exactly are text. */
function json(item: AttributeMap): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, jsonValue(value)]));
}

function jsonValue(value: any): unknown {
  if (value.N !== undefined) return String(Number(value.N)) === value.N ? Number(value.N) : value.N;
  if (value.M !== undefined) return json(value.M);
  if (value.L !== undefined) return value.L.map(jsonValue);
  if (value.NULL) return null;
  return value.S ?? value.BOOL;
}
