import type { PropertyRule, PropertySchema } from './resource-provider';
import { describe, isObject } from './template';

/** The first property that a schema does not allow, as a sentence without its subject; undefined when all is well. */
export function checkProperties(properties: unknown, schema: PropertySchema, path: string = ''): string | undefined {
  if (!isObject(properties)) return `${path || 'Properties'} must be an object, got ${describe(properties)}`;
  for (const [name, value] of Object.entries(properties)) {
    const rule = Object.prototype.hasOwnProperty.call(schema, name) ? schema[name] : schema['*'];
    const at = path === '' ? name : `${path}.${name}`;
    if (rule === undefined) {
      const known = Object.keys(schema).join(', ');
      return `property ${at} is not simulated; simulated${path === '' ? '' : ` in ${path}`}: ${known || 'none'}`;
    }
    const problem = checkValue(value, rule, at);
    if (problem) return problem;
  }
  return undefined;
}

function checkValue(value: unknown, rule: PropertyRule, at: string): string | undefined {
  if (rule === true || rule === 'inert') return undefined;
  if (typeof rule === 'function') {
    const problem = rule(value);
    return problem && `property ${at}: ${problem}`;
  }
  if (Array.isArray(rule)) {
    if (!Array.isArray(value)) return `property ${at} must be a list, got ${describe(value)}`;
    for (const [index, item] of value.entries()) {
      const problem = checkProperties(item, rule[0] as PropertySchema, `${at}[${index}]`);
      if (problem) return problem;
    }
    return undefined;
  }
  return checkProperties(value, rule as PropertySchema, at);
}
