import { filterHolds } from './filter';
import { canonicalText, isDefinite, Path, Segment } from './path';
import { hasKey, isObject, Json, setKey } from '../json';

/** A definite path that leads nowhere. */
export class PathNotFound extends Error {
  constructor(readonly path: Path, reason: string) {
    super(reason);
    this.name = 'PathNotFound';
  }
}

/** Where the roots of paths are found. */
export interface PathRoots {
  /** What `$` stands for. */
  readonly input: Json;
  readonly context: () => Json;
  /** `undefined` when there is no such variable. */
  readonly variable: (name: string) => Json | undefined;
}

/** The one value of a definite path, which throws `PathNotFound` when there is none; the list of all values of any other path. */
export function evaluatePath(path: Path, roots: PathRoots): Json {
  const start = rootOf(path, roots);
  if (path.segments.length === 0) return start;
  if (path.definite) return evaluateDefinite(path, start, roots.input);
  return evaluateIndefinite(path, start, roots.input);
}

function rootOf(path: Path, roots: PathRoots): Json {
  switch (path.root.kind) {
    case 'context': return roots.context();
    case 'variable': {
      const value = roots.variable(path.root.name);
      if (value === undefined) throw new PathNotFound(path, `The variable '${path.root.name}' is not defined`);
      return value;
    }
    default: return roots.input;
  }
}

function evaluateDefinite(path: Path, start: Json, root: Json): Json {
  let value = start;
  path.segments.forEach((segment, position) => {
    const [next] = step(segment, [value], root);
    if (next === undefined) {
      const canonical = canonicalText(path.root, path.segments.slice(0, position + 1));
      const isLeaf = position === path.segments.length - 1;
      throw new PathNotFound(path, isLeaf ? `No results for path: ${canonical}` : `Missing property in path ${canonical}`);
    }
    value = next;
  });
  return value;
}

function evaluateIndefinite(path: Path, start: Json, root: Json): Json {
  let values: Json[] = [start];
  let collected = false;
  for (const segment of path.segments) {
    if (segment.kind === 'call') {
      // A function after an indefinite path takes all that was found: $..price.max()
      values = callFunction(segment.name, collected ? values : values[0]);
      collected = false;
      continue;
    }
    values = step(segment, values, root);
    collected ||= !isDefinite(segment);
  }
  const last = path.segments[path.segments.length - 1];
  return last.kind === 'call' ? values[0] ?? null : values;
}

function step(segment: Segment, values: readonly Json[], root: Json): Json[] {
  const found: Json[] = [];
  for (const value of values) {
    switch (segment.kind) {
      case 'names':
        selectNames(segment.names, value, found);
        break;
      case 'indexes':
        if (Array.isArray(value)) {
          for (const index of segment.indexes) {
            const item = value[index < 0 ? value.length + index : index];
            if (item !== undefined) found.push(item);
          }
        }
        break;
      case 'slice':
        if (Array.isArray(value)) found.push(...value.slice(segment.from ?? 0, segment.to ?? value.length));
        break;
      case 'wildcard':
        found.push(...childrenOf(value));
        break;
      case 'filter':
        for (const element of isObject(value) ? [value] : childrenOf(value)) {
          if (filterHolds(segment.filter, (path) => findInFilter(path, element, root))) found.push(element);
        }
        break;
      case 'descend':
        collectDescendants(value, found);
        break;
      case 'call':
        found.push(...callFunction(segment.name, value));
        break;
    }
  }
  return found;
}

/** Several names select one object with those of the names that are there. */
function selectNames(names: readonly string[], value: Json, found: Json[]): void {
  if (!isObject(value)) return;
  if (names.length === 1) {
    if (hasKey(value, names[0])) found.push(value[names[0]]);
    return;
  }
  const selected = {};
  for (const name of names) {
    if (hasKey(value, name)) setKey(selected, name, value[name]);
  }
  found.push(selected);
}

function findInFilter(path: Path, element: Json, root: Json): Json | undefined {
  const start = path.root.kind === 'element' ? element : root;
  if (path.segments.length === 0) return start;
  let values: Json[] = [start];
  for (const segment of path.segments) values = step(segment, values, root);
  if (path.definite) return values[0];
  return values.length === 0 ? undefined : values;
}

function childrenOf(value: Json): Json[] {
  if (Array.isArray(value)) return value;
  return isObject(value) ? Object.values(value) : [];
}

function collectDescendants(value: Json, found: Json[]): void {
  if (typeof value !== 'object' || value === null) return;
  found.push(value);
  for (const child of childrenOf(value)) collectDescendants(child, found);
}

function callFunction(name: string, value: Json | undefined): Json[] {
  if (value === undefined) return [];
  if (name === 'keys') return isObject(value) ? [Object.keys(value)] : [];
  if (name === 'length' || name === 'size') {
    if (Array.isArray(value) || typeof value === 'string') return [value.length];
    return isObject(value) ? [Object.keys(value).length] : [];
  }
  if (!Array.isArray(value) || value.length === 0) return [];
  if (name === 'first') return [value[0]];
  if (name === 'last') return [value[value.length - 1]];
  const numbers = value.filter((item): item is number => typeof item === 'number');
  if (numbers.length === 0) return [];
  const sum = numbers.reduce((total, number) => total + number, 0);
  const mean = sum / numbers.length;
  switch (name) {
    case 'min': return [numbers.reduce((least, number) => Math.min(least, number))];
    case 'max': return [numbers.reduce((most, number) => Math.max(most, number))];
    case 'sum': return [sum];
    case 'avg': return [mean];
    case 'stddev': return [Math.sqrt(numbers.reduce((total, number) => total + (number - mean) ** 2, 0) / numbers.length)];
    default: throw new Error(`unknown JSONPath function '${name}()'`);
  }
}
