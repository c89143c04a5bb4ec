import { describe, type Template, type TemplateParameter } from './template';

/** What `cdk bootstrap` leaves in a real account; newer than any template asks for. */
const BOOTSTRAP_VERSION = '30';

/** The values of a template's parameters. `given` comes from the user, or from the parent of a nested stack. */
export function parameterValues(
  template: Template,
  given: Readonly<Record<string, unknown>>,
  ssm: (name: string) => string | undefined,
  where: string,
): Map<string, unknown> {
  const declared = template.Parameters ?? {};
  const unknown = Object.keys(given).find((name) => !(name in declared));
  if (unknown !== undefined) {
    throw new Error(`${where}: the template has no parameter ${unknown}; parameters: ${Object.keys(declared).join(', ') || 'none'}`);
  }
  return new Map(Object.entries(declared).map(([name, parameter]) => {
    const value = given[name] ?? parameter.Default;
    if (value === undefined) throw new Error(`${where}: parameter ${name} has no default and no value was given`);
    if (parameter.AllowedValues && !parameter.AllowedValues.map(String).includes(String(value))) {
      throw new Error(`${where}: parameter ${name} must be one of ${parameter.AllowedValues.join(', ')}, got ${describe(value)}`);
    }
    return [name, typed(name, parameter, value, ssm, where)];
  }));
}

function typed(name: string, { Type: type }: TemplateParameter, value: unknown, ssm: (name: string) => string | undefined, where: string): unknown {
  if (type.startsWith('AWS::SSM::Parameter::Value<')) {
    const stored = String(value).startsWith('/cdk-bootstrap/') ? BOOTSTRAP_VERSION : ssm(String(value));
    if (stored === undefined) throw new Error(`${where}: parameter ${name} reads ${String(value)} from the SSM Parameter Store, which no template puts there`);
    return type.includes('<List<') || type.includes('CommaDelimitedList') ? split(stored) : stored;
  }
  if (type === 'CommaDelimitedList' || type.startsWith('List<')) return Array.isArray(value) ? value.map(String) : split(String(value));
  return Array.isArray(value) ? value : String(value);
}

function split(text: string): string[] {
  return text.split(',').map((item) => item.trim());
}
