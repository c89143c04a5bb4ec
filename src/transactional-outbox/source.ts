import { Stack } from 'aws-cdk-lib';
import { CfnGlobalTable, CfnTable, ITable, StreamViewType } from 'aws-cdk-lib/aws-dynamodb';
import { ChangeTypes, ROW, SourceKind } from './contract';
import { misuse } from '../shared/misuse';

/** Options of outbox rows. */
export interface RowsSourceOptions {
  /**
   * A table that has outbox rows, perhaps among other items: partition key `pk` and sort key `sk`, both strings, with a stream of new images and
   * `expiresAt` as its time to live.
   * @default - a table of its own
   */
  readonly table?: ITable;
}

/** Types of the events that a table's changes become. A kind of change without a type is not published; one of the first three must have one. */
export interface ChangesSourceOptions {
  /**
   * Of items that were put for the first time.
   * @default - not published
   */
  readonly insert?: string;

  /**
   * Of items that were changed.
   * @default - not published
   */
  readonly modify?: string;

  /**
   * Of items that were deleted, also by their time to live.
   * @default - not published
   */
  readonly remove?: string;

  /**
   * Of all items of the table when it is replayed.
   * @default - there is no replay
   */
  readonly snapshot?: string;
}

interface BoundSource {
  readonly kind: SourceKind;
  readonly table?: ITable;
  readonly changeTypes?: ChangeTypes;
}

/** @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html */
const MAXIMUM_TYPE_LENGTH = 128;

/** What an outbox publishes. */
export class OutboxSource {
  /**
   * Rows that say what happened, written in the transaction in which it happened.
   * @param options the table, where it exists
   */
  public static rows(options: RowsSourceOptions = {}): OutboxSource {
    const { table } = options;
    if (table) {
      requireStream('OutboxSource.rows', table, [StreamViewType.NEW_IMAGE, StreamViewType.NEW_AND_OLD_IMAGES]);
      requireRowKeys(table);
    }
    return new OutboxSource({ kind: 'ROWS', table });
  }

  /**
   * Changes of a table that exists, with old and new items as plain JSON. Nothing but what the stream keeps for 24 hours can be published late.
   * @param table has a stream
   * @param options how inserts, changes and removals are called as events
   */
  public static changes(table: ITable, options: ChangesSourceOptions): OutboxSource {
    const { insert, modify, remove, snapshot } = options;
    if (insert === undefined && modify === undefined && remove === undefined) {
      throw misuse(undefined, 'OutboxSource.changes needs the type of at least one of insert, modify and remove, received none');
    }
    for (const [name, type] of Object.entries({ insert, modify, remove, snapshot })) {
      if (type !== undefined && (type.length < 1 || type.length > MAXIMUM_TYPE_LENGTH)) {
        throw misuse(undefined, `${name} of OutboxSource.changes must be an event type of 1 to ${MAXIMUM_TYPE_LENGTH} characters, received '${type}'`);
      }
    }
    requireStream('OutboxSource.changes', table, [StreamViewType.NEW_AND_OLD_IMAGES]);
    return new OutboxSource({ kind: 'CHANGES', table, changeTypes: { insert, modify, remove, snapshot } });
  }

  private constructor(private readonly source: BoundSource) {
  }

  /** @internal */
  public _bind(): BoundSource {
    return this.source;
  }
}

function requireStream(what: string, table: ITable, views: readonly StreamViewType[]): void {
  const fix = `turn one on with ${views.join(' or ')}, and give an imported table its tableStreamArn`;
  if (!table.tableStreamArn) throw misuse(undefined, `the table of ${what} must have a stream, received '${table.node.path}' without; ${fix}`);
  const view = declared(table)?.streamSpecification?.streamViewType;
  if (view !== undefined && !views.includes(view)) {
    throw misuse(undefined, `the stream of the table of ${what} must have ${views.join(' or ')}, received ${view} of '${table.node.path}'; ${fix}`);
  }
}

function requireRowKeys(table: ITable): void {
  const keys: CfnTable.KeySchemaProperty[] | undefined = declared(table)?.keySchema;
  if (keys === undefined) return;
  const names = keys.map(({ attributeName }) => attributeName);
  if (names[0] === ROW.PARTITION_KEY && names[1] === ROW.SORT_KEY) return;
  throw misuse(undefined, `the table of OutboxSource.rows must have the keys ${ROW.PARTITION_KEY} and ${ROW.SORT_KEY}, received ${names.join(' and ')}; see the row's schema`);
}

/** What is known of a table that this app creates. */
function declared(table: ITable): { readonly keySchema?: any; readonly streamSpecification?: any } | undefined {
  const resource = table.node.defaultChild;
  if (!(resource instanceof CfnTable || resource instanceof CfnGlobalTable)) return undefined;
  return Stack.of(table).resolve({ keySchema: resource.keySchema, streamSpecification: resource.streamSpecification });
}
