/**
 * Key values: their validation, and the tokens by which items are found and ordered.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-partition-sort-keys
 */
import { ItemRefusal } from './errors';
import { valueSize } from './item-size';
import { type IndexDefinition, type KeyAttribute, keyAttributes, type KeySchema } from './schema';
import { type AttributeMap, type AttributeValue, member, normalizeMap, setMember, sortToken, typeOf } from './values';

/** Where an entry is: its partition, its place in it, and for index entries with equal index keys what tells them apart. */
export interface Place {
  readonly partition: string;
  readonly sort: string;
  readonly tie: string;
}

const MAX_HASH_BYTES = 2048;
const MAX_RANGE_BYTES = 1024;

/** The Key parameter: exactly the key attributes, of the right types. */
export function keyOfInput(input: unknown, schema: KeySchema): AttributeMap {
  const key = normalizeMap((input ?? {}) as object);
  const attributes = keyAttributes(schema);
  const fits = Object.keys(key).length === attributes.length
    && attributes.every(({ name, type }) => Object.hasOwn(key, name) && typeOf(key[name]) === type);
  if (!fits) throw new ItemRefusal('The provided key element does not match the schema');
  attributes.forEach((attribute, i) => checkKeyValue(attribute, key[attribute.name], i > 0));
  return key;
}

/** Refuses an item to be put whose key attributes are missing, empty, too long or of another type. */
export function checkItemKey(item: AttributeMap, schema: KeySchema): void {
  for (const attribute of keyAttributes(schema)) {
    const { name, type } = attribute;
    const value = member(item, name);
    if (!value) throw new ItemRefusal(`One or more parameter values were invalid: Missing the key ${name} in the item`);
    if (typeOf(value) !== type) {
      throw new ItemRefusal(`One or more parameter values were invalid: Type mismatch for key ${name} expected: ${type} actual: ${typeOf(value)}`);
    }
    checkKeyValue(attribute, value, attribute === schema.range);
  }
}

/** An item may lack an index's keys, it is then not in the index; but a key that is there must be valid. */
export function checkIndexKeys(item: AttributeMap, index: IndexDefinition): void {
  for (const { name, type } of keyAttributes(index.key)) {
    const value = member(item, name);
    if (!value) continue;
    if (typeOf(value) !== type) {
      throw new ItemRefusal('One or more parameter values were invalid: Type mismatch for Index Key '
        + `${name} Expected: ${type} Actual: ${typeOf(value)} IndexName: ${index.name}`);
    }
    if (isEmpty(value)) {
      throw new ItemRefusal('One or more parameter values are not valid. A value specified for a secondary index key is not supported. The '
        + `AttributeValue for a key attribute cannot contain an empty ${noun(value)} value. IndexName: ${index.name}, IndexKey: ${name}`);
    }
  }
}

function checkKeyValue({ name }: KeyAttribute, value: AttributeValue, isRange: boolean) {
  if (isEmpty(value)) {
    throw new ItemRefusal('One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an '
      + `empty ${noun(value)} value. Key: ${name}`);
  }
  const limit = isRange ? MAX_RANGE_BYTES : MAX_HASH_BYTES;
  if (value.N !== undefined || valueSize(value) <= limit) return;
  throw new ItemRefusal(isRange
    ? `One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of ${limit} bytes`
    : `One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of${limit} bytes`);
}

export function tablePlace(item: AttributeMap, { hash, range }: KeySchema): Place {
  return { partition: sortToken(item[hash.name]), sort: range ? sortToken(item[range.name]) : '', tie: '' };
}

/** Undefined where the item lacks one of the index's keys: indexes are sparse. */
export function indexPlace(item: AttributeMap, index: IndexDefinition, table: Place): Place | undefined {
  const { hash, range } = index.key;
  const hashValue = member(item, hash.name);
  const rangeValue = range && member(item, range.name);
  if (!hashValue || (range && !rangeValue)) return undefined;
  return {
    partition: sortToken(hashValue),
    sort: rangeValue ? sortToken(rangeValue) : '',
    tie: `${table.partition.length}:${table.partition}${table.sort}`,
  };
}

export function pick(item: AttributeMap, attributes: readonly KeyAttribute[]): AttributeMap {
  const key: AttributeMap = {};
  for (const { name } of attributes) {
    const value = member(item, name);
    if (value) setMember(key, name, value);
  }
  return key;
}

function isEmpty(value: AttributeValue): boolean {
  return value.S === '' || value.B?.length === 0;
}

function noun(value: AttributeValue): string {
  return value.S === undefined ? 'binary' : 'string';
}
