import { describe, isObject } from './template';

/** What references in a template mean; each throws a sentence when the name is unknown. */
export interface Scope {
  /** Names what is being resolved, for messages. */
  readonly where: string;
  /** `Ref`: a parameter, pseudo parameter or resource. */
  ref(name: string): unknown;
  attribute(logicalId: string, name: string): unknown;
  condition(name: string): boolean;
  mapping(map: string, key: string, second: string): unknown;
  importValue(name: string): unknown;
  /** What stands between `{{resolve:` and `}}`. */
  dynamicReference(reference: string): string;
  availabilityZones(): readonly string[];
}

/** The value of `AWS::NoValue`: whatever it is assigned to goes away. */
export const NO_VALUE = Symbol('AWS::NoValue');

const REFUSED: Readonly<Record<string, string>> = {
  'Fn::Transform': 'macros are not simulated',
  'Fn::Cidr': 'networks are not simulated',
  'Fn::ForEach': 'loops are not simulated; synthesize the resources instead',
};

/** Resolves all intrinsic functions in a value. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html */
export function resolve(value: unknown, scope: Scope): any {
  if (typeof value === 'string') return dereference(value, scope);
  if (Array.isArray(value)) return value.map((item) => resolve(item, scope)).filter((item) => item !== NO_VALUE);
  if (!isObject(value)) return value;
  const keys = Object.keys(value);
  const name = keys.find((key) => key === 'Ref' || key.startsWith('Fn::'));
  if (name !== undefined && keys.length === 1) {
    const result = call(name, value[name], scope);
    // A reference may be joined of parts.
    return typeof result === 'string' ? dereference(result, scope) : result;
  }
  if (name?.startsWith('Fn::')) {
    if (name.startsWith('Fn::ForEach')) throw new Error(`${scope.where}: ${name}: ${REFUSED['Fn::ForEach']}`);
    throw new Error(`${scope.where}: an object with ${name} cannot have other keys, got ${keys.join(', ')}`);
  }
  const entries = Object.entries(value).map(([key, item]) => [key, resolve(item, scope)] as const);
  return Object.fromEntries(entries.filter(([, item]) => item !== NO_VALUE));
}

function dereference(value: string, scope: Scope): string {
  return value.replace(/\{\{resolve:([^{}]+)\}\}/g, (_, reference: string) => scope.dynamicReference(reference));
}

/** The value of a condition: its functions, and `Condition` for another condition. */
export function evaluate(value: unknown, scope: Scope): boolean {
  if (isObject(value) && Object.keys(value).length === 1 && typeof value.Condition === 'string') return scope.condition(value.Condition);
  const result = resolve(value, scope);
  if (result === true || result === 'true') return true;
  if (result === false || result === 'false') return false;
  throw new Error(`${scope.where}: a condition is true or false, got ${describe(result)}`);
}

type Function = (args: any, scope: Scope) => unknown;

const FUNCTIONS: Readonly<Record<string, Function>> = {
  'Ref': (name, scope) => scope.ref(text(name, 'Ref', scope)),
  'Fn::GetAtt': (args, scope) => {
    const [logicalId, ...attribute] = typeof args === 'string' ? args.split('.') : list(args, 'Fn::GetAtt', scope);
    return scope.attribute(text(logicalId, 'Fn::GetAtt', scope), attribute.map((part) => text(resolve(part, scope), 'Fn::GetAtt', scope)).join('.'));
  },
  'Fn::Sub': substitute,
  'Fn::Join': (args, scope) => {
    const [delimiter, values] = list(args, 'Fn::Join', scope, 2);
    return list(resolve(values, scope), 'Fn::Join', scope).map((item) => text(item, 'Fn::Join', scope)).join(delimiter);
  },
  'Fn::Select': (args, scope) => {
    const [index, values] = list(args, 'Fn::Select', scope, 2);
    const items = list(resolve(values, scope), 'Fn::Select', scope);
    const at = Number(resolve(index, scope));
    if (!(at in items)) throw new Error(`${scope.where}: Fn::Select wants item ${describe(index)} of a list of ${items.length}`);
    return items[at];
  },
  'Fn::Split': (args, scope) => {
    const [delimiter, source] = list(args, 'Fn::Split', scope, 2);
    return text(resolve(source, scope), 'Fn::Split', scope).split(delimiter);
  },
  'Fn::If': (args, scope) => {
    const [name, then, otherwise] = list(args, 'Fn::If', scope, 3);
    return resolve(scope.condition(name) ? then : otherwise, scope);
  },
  'Fn::Equals': (args, scope) => {
    const [a, b] = list(args, 'Fn::Equals', scope, 2).map((item) => resolve(item, scope));
    return JSON.stringify(a) === JSON.stringify(b) || String(a) === String(b);
  },
  'Fn::Not': (args, scope) => !evaluate(list(args, 'Fn::Not', scope, 1)[0], scope),
  'Fn::And': (args, scope) => list(args, 'Fn::And', scope).every((item) => evaluate(item, scope)),
  'Fn::Or': (args, scope) => list(args, 'Fn::Or', scope).some((item) => evaluate(item, scope)),
  'Fn::FindInMap': (args, scope) => {
    const [map, key, second, options] = list(args, 'Fn::FindInMap', scope).map((item) => resolve(item, scope));
    const found = scope.mapping(String(map), String(key), String(second));
    if (found !== undefined) return found;
    if (options?.DefaultValue !== undefined) return options.DefaultValue;
    throw new Error(`${scope.where}: mapping ${map} has no entry ${key}, ${second}`);
  },
  'Fn::ImportValue': (name, scope) => scope.importValue(text(resolve(name, scope), 'Fn::ImportValue', scope)),
  'Fn::Base64': (value, scope) => Buffer.from(text(resolve(value, scope), 'Fn::Base64', scope)).toString('base64'),
  'Fn::GetAZs': (_region, scope) => [...scope.availabilityZones()],
  'Fn::Length': (value, scope) => list(resolve(value, scope), 'Fn::Length', scope).length,
  'Fn::ToJsonString': (value, scope) => JSON.stringify(resolve(value, scope)),
  'Fn::Contains': (args, scope) => {
    const [values, wanted] = list(args, 'Fn::Contains', scope, 2).map((item) => resolve(item, scope));
    return list(values, 'Fn::Contains', scope).includes(wanted);
  },
};

function call(name: string, args: unknown, scope: Scope): unknown {
  const refusal = REFUSED[name.startsWith('Fn::ForEach') ? 'Fn::ForEach' : name];
  if (refusal) throw new Error(`${scope.where}: ${name}: ${refusal}`);
  const known = FUNCTIONS[name];
  if (!known) throw new Error(`${scope.where}: intrinsic function ${name} is not known; known: ${Object.keys(FUNCTIONS).join(', ')}`);
  return known(args, scope);
}

/** `${Name}`, `${Name.Attribute}`, `${!Literal}`, with optional variables. */
function substitute(args: unknown, scope: Scope): string {
  const [template, variables] = typeof args === 'string' ? [args, {}] : list(args, 'Fn::Sub', scope, 2);
  if (typeof template !== 'string' || !isObject(variables)) {
    throw new Error(`${scope.where}: Fn::Sub takes a text, or a list of a text and variables, got ${describe(args)}`);
  }
  return template.replace(SUBSTITUTION, (_, name: string) => {
    if (name.startsWith('!')) return `\${${name.slice(1)}}`;
    const key = name.trim();
    if (key in variables) return text(resolve(variables[key], scope), 'Fn::Sub', scope);
    const dot = key.indexOf('.');
    const value = dot < 0 ? scope.ref(key) : scope.attribute(key.slice(0, dot), key.slice(dot + 1));
    return text(value, 'Fn::Sub', scope);
  });
}

const SUBSTITUTION = /\$\{([^}]+)\}/g;

/** The names that a `Fn::Sub` text refers to, as logical ids or parameters. */
function namesIn(template: string): string[] {
  return [...template.matchAll(SUBSTITUTION)].map(([, name]) => name.trim()).filter((name) => !name.startsWith('!')).map((name) => name.split('.')[0]);
}

/** Every name that a value refers to by `Ref`, `Fn::GetAtt` or `Fn::Sub`, whatever conditions say. */
export function references(value: unknown, found: Set<string> = new Set()): Set<string> {
  if (Array.isArray(value)) {
    for (const item of value) references(item, found);
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      if (key === 'Ref' && typeof item === 'string') found.add(item);
      if (key === 'Fn::GetAtt') found.add(String(Array.isArray(item) ? item[0] : String(item).split('.')[0]));
      if (key === 'Fn::Sub') for (const name of namesIn(String(Array.isArray(item) ? item[0] : item))) found.add(name);
      references(item, found);
    }
  }
  return found;
}

/** Every name that a value imports, as far as it is written out. */
export function imports(value: unknown, found: Set<string> = new Set()): Set<string> {
  if (Array.isArray(value)) {
    for (const item of value) imports(item, found);
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      if (key === 'Fn::ImportValue' && typeof item === 'string') found.add(item);
      imports(item, found);
    }
  }
  return found;
}

function text(value: unknown, name: string, scope: Scope): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(`${scope.where}: ${name} takes a text here, got ${describe(value === NO_VALUE ? 'AWS::NoValue' : value)}`);
}

function list(value: unknown, name: string, scope: Scope, length?: number): any[] {
  if (!Array.isArray(value) || (length !== undefined && value.length !== length)) {
    throw new Error(`${scope.where}: ${name} takes a list${length === undefined ? '' : ` of ${length}`}, got ${describe(value)}`);
  }
  return value;
}
