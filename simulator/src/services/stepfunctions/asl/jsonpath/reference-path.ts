import { Path } from './path';
import { hasKey, isObject, Json, setKey } from '../json';

/** Reference paths name a single node: `ResultPath` accepts no wildcard, slice, filter or descent. */
export function isReferencePath(path: Path): boolean {
  return path.root.kind === 'input' && path.segments.every((segment) =>
    (segment.kind === 'names' && segment.names.length === 1) || (segment.kind === 'indexes' && segment.indexes.length === 1 && segment.indexes[0] >= 0));
}

/** The place that a reference path names cannot be made in this input. */
export class CannotPlace extends Error {
  constructor(readonly step: string, readonly target: Json) {
    super(`Unable to apply step "${step}" to input ${JSON.stringify(target)}`);
    this.name = 'CannotPlace';
  }
}

/**
 * The target with the value put where the path says, objects on the way made as needed. Neither the target nor the value is changed:
 * what is on the way is copied, the rest shared.
 * @see https://states-language.net/spec.html#filters
 */
export function placeAt(path: Path, target: Json, value: Json): Json {
  return place(path, 0, target, value);
}

function place(path: Path, depth: number, target: Json | undefined, value: Json): Json {
  if (depth === path.segments.length) return value;
  const segment = path.segments[depth];
  if (segment.kind === 'indexes') {
    const index = segment.indexes[0];
    if (!Array.isArray(target) || index >= target.length) throw new CannotPlace(String(index), target ?? null);
    const copy = target.slice();
    copy[index] = place(path, depth + 1, target[index], value);
    return copy;
  }
  if (segment.kind !== 'names') throw new Error(`'${path.text}' is not a reference path`);
  const name = segment.names[0];
  if (target !== undefined && target !== null && !isObject(target)) throw new CannotPlace(name, target);
  const copy = { ...(target ?? {}) };
  setKey(copy, name, place(path, depth + 1, isObject(target) && hasKey(target, name) ? target[name] : undefined, value));
  return copy;
}
