/**
 * Read and write request units, and how an answer reports them.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html#read-write-capacity-mode-requests
 */
import { validationError } from './errors';
import type { IndexDefinition } from './schema';

const READ_UNIT_BYTES = 4096;
const WRITE_UNIT_BYTES = 1024;

export type ReadConsistency = 'eventual' | 'strong' | 'transactional';

const READ_COST: Readonly<Record<ReadConsistency, number>> = { eventual: 0.5, strong: 1, transactional: 2 };

/** Reads nothing: still one unit's worth of a read. */
export function readUnits(bytes: number, consistency: ReadConsistency): number {
  return Math.max(1, Math.ceil(bytes / READ_UNIT_BYTES)) * READ_COST[consistency];
}

/** Of the larger of the item before and after. */
export function writeUnits(bytesBefore: number, bytesAfter: number): number {
  return Math.max(1, Math.ceil(Math.max(bytesBefore, bytesAfter) / WRITE_UNIT_BYTES));
}

/** What one request has consumed of one table and its indexes. */
export class Consumption {
  private readonly indexes = new Map<IndexDefinition, { read: number; write: number }>();
  private tableRead = 0;
  private tableWrite = 0;

  constructor(readonly tableName: string) {}

  get read(): number {
    return this.total('read');
  }

  get write(): number {
    return this.total('write');
  }

  add(kind: 'read' | 'write', units: number, index?: IndexDefinition): void {
    if (!index) {
      if (kind === 'read') this.tableRead += units;
      else this.tableWrite += units;
    } else if (units > 0) {
      const sums = this.indexes.get(index) ?? { read: 0, write: 0 };
      sums[kind] += units;
      this.indexes.set(index, sums);
    }
  }

  /** `transactional`: with the read and write units apart, as the transaction APIs answer. */
  report(mode: 'TOTAL' | 'INDEXES', transactional?: 'read' | 'write'): object {
    const units = (read: number, write: number) => ({
      CapacityUnits: read + write,
      ...(transactional && { [transactional === 'read' ? 'ReadCapacityUnits' : 'WriteCapacityUnits']: read + write }),
    });
    const total = { TableName: this.tableName, ...units(this.read, this.write) };
    if (mode === 'TOTAL') return total;
    const of = (kind: 'GSI' | 'LSI') => {
      const entries = [...this.indexes].filter(([index]) => index.kind === kind);
      return entries.length === 0 ? undefined : Object.fromEntries(entries.map(([index, sums]) => [index.name, units(sums.read, sums.write)]));
    };
    const [global, local] = [of('GSI'), of('LSI')];
    return {
      ...total,
      Table: units(this.tableRead, this.tableWrite),
      ...(global && { GlobalSecondaryIndexes: global }),
      ...(local && { LocalSecondaryIndexes: local }),
    };
  }

  private total(kind: 'read' | 'write'): number {
    let sum = kind === 'read' ? this.tableRead : this.tableWrite;
    for (const sums of this.indexes.values()) sum += sums[kind];
    return sum;
  }
}

export function capacityMode(input: { readonly ReturnConsumedCapacity?: unknown }): 'TOTAL' | 'INDEXES' | undefined {
  const mode = input.ReturnConsumedCapacity;
  if (mode === undefined || mode === 'NONE') return undefined;
  if (mode === 'TOTAL' || mode === 'INDEXES') return mode;
  throw validationError(`1 validation error detected: Value '${String(mode)}' at 'returnConsumedCapacity' failed to satisfy constraint: `
    + 'Member must satisfy enum value set: [INDEXES, TOTAL, NONE]');
}
