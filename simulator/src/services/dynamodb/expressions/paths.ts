/** Reading and projecting by document path, and the rule that the paths of one expression may not overlap. */
import { type Path, showPath } from './ast';
import { overlapMessage } from './path-parser';
import { Pass, type Problems } from './problems';
import { type AttributeMap, type AttributeValue, member, setMember } from '../values';

export function valueAt(item: AttributeMap, path: Path): AttributeValue | undefined {
  let value = member(item, path[0] as string);
  for (let i = 1; i < path.length && value !== undefined; i++) {
    const part = path[i];
    value = typeof part === 'number' ? value.L?.[part] : value.M && member(value.M, part);
  }
  return value;
}

/** Overlap: one path is, or is inside, the other. Conflict: at one place, one path wants a list and the other a map. */
export function checkDistinctPaths(paths: readonly Path[], problems: Problems): void {
  if (paths.length < 2) return;
  for (let j = 1; j < paths.length; j++) {
    for (let i = 0; i < j; i++) {
      const relation = relate(paths[i], paths[j]);
      if (relation === undefined) continue;
      problems.add(
        relation === 'overlap' ? Pass.PATH_OVERLAP : Pass.PATH_CONFLICT,
        overlapMessage(showPath(paths[i]), showPath(paths[j]), relation),
      );
    }
  }
}

function relate(one: Path, two: Path): 'overlap' | 'conflict' | undefined {
  const shared = Math.min(one.length, two.length);
  for (let i = 0; i < shared; i++) {
    if (one[i] === two[i]) continue;
    return typeof one[i] === typeof two[i] ? undefined : 'conflict';
  }
  return 'overlap';
}

/** What is wanted below a place: everything, or some members. */
interface Wanted {
  all: boolean;
  readonly members: Map<string | number, Wanted>;
}

/**
 * The named parts of an item, in their places; elements of a list close up.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ProjectionExpressions.html
 */
export function project(item: AttributeMap, paths: readonly Path[]): AttributeMap {
  const root: Wanted = { all: false, members: new Map() };
  for (const path of paths) {
    let place = root;
    for (const part of path) {
      let next = place.members.get(part);
      if (!next) place.members.set(part, next = { all: false, members: new Map() });
      place = next;
    }
    place.all = true;
  }
  return projectMap(item, root);
}

function projectMap(map: AttributeMap, wanted: Wanted): AttributeMap {
  const projected: AttributeMap = {};
  for (const [part, below] of wanted.members) {
    const value = typeof part === 'string' ? member(map, part) : undefined;
    const found = value && projectValue(value, below);
    if (found) setMember(projected, part as string, found);
  }
  return projected;
}

function projectValue(value: AttributeValue, wanted: Wanted): AttributeValue | undefined {
  if (wanted.all) return value;
  if (value.M) {
    const map = projectMap(value.M, wanted);
    return Object.keys(map).length > 0 ? { M: map } : undefined;
  }
  if (value.L) {
    const elements: AttributeValue[] = [];
    value.L.forEach((element, index) => {
      const below = wanted.members.get(index);
      const found = below && projectValue(element, below);
      if (found) elements.push(found);
    });
    return elements.length > 0 ? { L: elements } : undefined;
  }
  return undefined;
}
