/** Setting and removing at a document path; what lies beside the path is shared with the item before. */
import type { Path } from './ast';
import { validationError } from '../errors';
import { type AttributeMap, type AttributeValue, member, setMember } from '../values';

export function setAt(item: AttributeMap, path: Path, value: AttributeValue): AttributeMap {
  return changeMap(item, path, 0, () => value);
}

/** Removing what is not there changes nothing, if the place where it would be exists. */
export function removeAt(item: AttributeMap, path: Path): AttributeMap {
  return changeMap(item, path, 0, () => undefined);
}

type Change = () => AttributeValue | undefined;

function changeMap(map: AttributeMap, path: Path, depth: number, change: Change): AttributeMap {
  const name = path[depth] as string;
  const value = depth === path.length - 1 ? change() : changeValue(member(map, name), path, depth + 1, change);
  const copy = { ...map };
  if (value === undefined) delete copy[name];
  else setMember(copy, name, value);
  return copy;
}

function changeValue(value: AttributeValue | undefined, path: Path, depth: number, change: Change): AttributeValue {
  const part = path[depth];
  if (typeof part === 'string' && value?.M) return { M: changeMap(value.M, path, depth, change) };
  if (typeof part === 'number' && value?.L) return { L: changeList(value.L, part, path, depth, change) };
  throw validationError('The document path provided in the update expression is invalid for update');
}

/** An index beyond the end appends. */
function changeList(list: AttributeValue[], index: number, path: Path, depth: number, change: Change): AttributeValue[] {
  const copy = [...list];
  if (depth < path.length - 1) {
    copy[index] = changeValue(list[index], path, depth + 1, change);
    return copy;
  }
  const value = change();
  if (value === undefined) copy.splice(index, 1);
  else copy[Math.min(index, list.length)] = value;
  return copy;
}
