import { type Headers, lowerCaseNames } from '../http';

/** One parameter of a connection as a template has it. */
interface Parameter {
  readonly Key: string;
  readonly Value: string;
}

/** Parameters that a connection adds to requests, as a template has them. */
export interface HttpParametersProperties {
  readonly HeaderParameters?: readonly Parameter[];
  readonly QueryStringParameters?: readonly Parameter[];
  readonly BodyParameters?: readonly Parameter[];
}

export interface HttpParameters {
  readonly headers: Headers;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, string>>;
}

export function httpParameters(properties: HttpParametersProperties = {}): HttpParameters {
  return {
    headers: lowerCaseNames(record(properties.HeaderParameters)),
    query: record(properties.QueryStringParameters),
    body: record(properties.BodyParameters),
  };
}

function record(parameters: readonly Parameter[] = []): Record<string, string> {
  return Object.fromEntries(parameters.map(({ Key, Value }) => [Key, String(Value)]));
}

/** The URL with more query parameters; one that it has already gets the new value. */
export function withQuery(url: string, parameters: Readonly<Record<string, string | readonly string[]>>): string {
  if (Object.keys(parameters).length === 0) return url;
  const result = new URL(url);
  for (const [name, value] of Object.entries(parameters)) {
    result.searchParams.delete(name);
    for (const one of typeof value === 'string' ? [value] : value) result.searchParams.append(name, one);
  }
  return result.toString();
}
