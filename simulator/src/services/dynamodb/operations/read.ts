/**
 * What a read sees, and one page of entries as Query and Scan answer it.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html
 */
import type { ReadConsistency } from '../capacity';
import type { Slot, Version } from '../collection';
import type { Engine } from '../engine';
import { validationError } from '../errors';
import type { Path } from '../expressions/ast';
import { Bindings } from '../expressions/bindings';
import { bindCondition, type Condition } from '../expressions/evaluate';
import { parseProjectionExpression } from '../expressions/parse';
import { checkDistinctPaths, project } from '../expressions/paths';
import { Problems } from '../expressions/problems';
import { type IndexDefinition, keyAttributes } from '../schema';
import { STALE_WINDOW_MS, type Table } from '../table';
import { type AttributeMap, copyMap } from '../values';

const PAGE_BYTES = 1024 * 1024;

export interface PageRequest {
  readonly table: Table;
  readonly index?: IndexDefinition;
  readonly consistency: ReadConsistency;
  readonly limit: number;
  readonly filter?: Condition;
  readonly select: Select;
}

export interface Page {
  readonly items: AttributeMap[];
  readonly matched: number;
  readonly scanned: number;
  /** Bytes read from the table or index. */
  readonly bytes: number;
  /** Sizes of items fetched from the table because a local index lacks attributes. */
  readonly fetched: number[];
  readonly lastKey?: AttributeMap;
}

/** What is answered of each item. */
export interface Select {
  readonly countOnly: boolean;
  readonly paths?: readonly Path[];
  /** The index entry does not have all that is asked for: it comes from the table. */
  readonly fromTable: boolean;
}

/** The version of an entry that this read sees; undefined where it sees none. */
export function visible(engine: Engine, subject: string, slot: Slot | undefined, consistency: ReadConsistency): Version | undefined {
  if (!slot) return undefined;
  const { isStale, now } = engine.environment;
  if (consistency === 'eventual' && isStale && slot.previous !== undefined && now() - slot.changedAt <= STALE_WINDOW_MS && isStale(subject)) {
    return slot.previous ?? undefined;
  }
  return slot.current;
}

/** Reads entries until the limit or a megabyte is reached. The filter comes after both. */
export function readPage(engine: Engine, slots: Iterable<Slot>, request: PageRequest): Page {
  const { table, index, consistency, limit, filter, select } = request;
  const subject = index ? `${table.name}/${index.name}` : table.name;
  const items: AttributeMap[] = [];
  const fetched: number[] = [];
  let [matched, scanned, bytes] = [0, 0, 0];
  let last: Version | undefined;
  for (const slot of slots) {
    const version = visible(engine, subject, slot, consistency);
    if (!version) continue;
    if (scanned > 0 && bytes + version.size > PAGE_BYTES) return { items, matched, scanned, bytes, fetched, lastKey: pageKey(last!, table, index) };
    scanned++;
    bytes += version.size;
    last = version;
    let image = version.image;
    if (select.fromTable) {
      const whole = table.current(image);
      if (whole) {
        image = whole.image;
        fetched.push(whole.size);
      }
    }
    if (!filter || filter(image)) {
      matched++;
      if (!select.countOnly) items.push(copyMap(select.paths ? project(image, select.paths) : image));
    }
    if (scanned === limit) return { items, matched, scanned, bytes, fetched, lastKey: pageKey(last, table, index) };
  }
  return { items, matched, scanned, bytes, fetched };
}

export function pageKeyAttributes(table: Table, index: IndexDefinition | undefined) {
  const attributes = [...keyAttributes(table.definition.key), ...(index ? keyAttributes(index.key) : [])];
  return attributes.filter(({ name }, i) => attributes.findIndex(other => other.name === name) === i);
}

function pageKey({ image }: Version, table: Table, index: IndexDefinition | undefined): AttributeMap {
  const key: AttributeMap = {};
  for (const { name } of pageKeyAttributes(table, index)) key[name] = image[name];
  return copyMap(key);
}

export interface ReadExpressions {
  readonly filter?: Condition;
  readonly filterPaths: readonly Path[];
  readonly projection?: readonly Path[];
}

export function bindReadExpressions(input: any, bindings: Bindings): ReadExpressions {
  const filter = input.FilterExpression === undefined ? undefined : bindCondition('FilterExpression', input.FilterExpression, bindings);
  return { filter: filter?.holds, filterPaths: filter?.paths ?? [], projection: bindProjection(input.ProjectionExpression, bindings) };
}

export function bindProjection(text: unknown, bindings: Bindings): readonly Path[] | undefined {
  if (text === undefined) return undefined;
  const problems = new Problems('ProjectionExpression');
  const paths = parseProjectionExpression('ProjectionExpression', text).map(node => bindings.path(node, problems));
  checkDistinctPaths(paths, problems);
  problems.throwFirst();
  return paths;
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html#DDB-Query-request-Select */
export function selection(input: any, index: IndexDefinition | undefined, projection: readonly Path[] | undefined): Select {
  const select = input.Select ?? (projection ? 'SPECIFIC_ATTRIBUTES' : index ? 'ALL_PROJECTED_ATTRIBUTES' : 'ALL_ATTRIBUTES');
  if (projection && select !== 'SPECIFIC_ATTRIBUTES') {
    throw validationError(`Cannot specify the ProjectionExpression when choosing to get ${select === 'COUNT' ? 'only the Count' : select}`);
  }
  const isLacking = index?.projected !== undefined && (projection
    ? projection.some(path => !index.projected!.has(path[0] as string))
    : select === 'ALL_ATTRIBUTES');
  switch (select) {
    case 'COUNT': return { countOnly: true, fromTable: false };
    case 'ALL_PROJECTED_ATTRIBUTES':
      if (!index) throw validationError('One or more parameter values were invalid: ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName');
      return { countOnly: false, fromTable: false };
    case 'ALL_ATTRIBUTES':
      if (isLacking && index!.kind === 'GSI') {
        throw validationError('One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary '
          + `index ${index!.name} because its projection type is not ALL`);
      }
      return { countOnly: false, fromTable: isLacking };
    case 'SPECIFIC_ATTRIBUTES': {
      if (!projection) throw validationError('Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES');
      if (isLacking && index!.kind === 'GSI') {
        const missing = projection.map(path => path[0]).filter(name => !index!.projected!.has(name as string));
        throw validationError(`One or more parameter values were invalid: Global secondary index ${index!.name} does not project [${missing.join(', ')}]`);
      }
      return { countOnly: false, paths: projection, fromTable: isLacking };
    }
    default:
      throw validationError(`1 validation error detected: Value '${String(select)}' at 'select' failed to satisfy constraint: Member must satisfy `
        + 'enum value set: [SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]');
  }
}

export function indexOf(table: Table, input: any): IndexDefinition | undefined {
  if (input.IndexName === undefined) return undefined;
  const index = table.indexes.get(input.IndexName)?.definition;
  if (!index) throw validationError(`The table does not have the specified index: ${input.IndexName}`);
  if (input.ConsistentRead && index.kind === 'GSI') {
    throw validationError('Consistent reads are not supported on global secondary indexes');
  }
  return index;
}
