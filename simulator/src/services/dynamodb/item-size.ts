/**
 * Item sizes and the request units that follow from them.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
import { significantDigits } from './numbers';
import { AttributeMap, AttributeValue, typeOf } from './values';

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-items */
export const MAX_ITEM_BYTES = 400 * 1024;

export function itemSize(item: AttributeMap): number {
  let bytes = 0;
  for (const name of Object.keys(item)) bytes += Buffer.byteLength(name) + valueSize(item[name]);
  return bytes;
}

export function valueSize(value: AttributeValue): number {
  switch (typeOf(value)) {
    case 'S': return Buffer.byteLength(value.S!);
    case 'N': return numberSize(value.N!);
    case 'B': return value.B!.length;
    case 'BOOL':
    case 'NULL': return 1;
    case 'SS': return value.SS!.reduce((bytes, element) => bytes + Buffer.byteLength(element), 0);
    case 'NS': return value.NS!.reduce((bytes, element) => bytes + numberSize(element), 0);
    case 'BS': return value.BS!.reduce((bytes, element) => bytes + element.length, 0);
    // Three bytes for the list or map, one for each of its elements.
    case 'L': return value.L!.reduce((bytes, element) => bytes + 1 + valueSize(element), 3);
    case 'M': return 3 + Object.keys(value.M!).length + itemSize(value.M!);
  }
}

/** One byte per two significant digits, and one. */
function numberSize(number: string): number {
  return Math.ceil(significantDigits(number) / 2) + 1;
}
