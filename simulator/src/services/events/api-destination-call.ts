import type { InvokeInput } from './api-destinations';
import { JsonPath } from './json-path';
import type { EventEnvelope } from './put-events';
import type { TargetCall } from './target';
import { lowerCaseNames } from '../http';

/** What a target adds to the requests of an API destination. */
export interface TargetHttpParameters {
  readonly PathParameterValues?: readonly string[];
  readonly HeaderParameters?: Readonly<Record<string, string>>;
  readonly QueryStringParameters?: Readonly<Record<string, string>>;
}

type EventText = (event: EventEnvelope) => string;

/**
 * Values are texts, or paths into the event.
 * @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_HttpParameters.html
 */
export function apiDestinationCall(arn: string, wildcards: number, parameters: TargetHttpParameters = {}): TargetCall {
  const path = (parameters.PathParameterValues ?? []).map(eventText);
  if (path.length !== wildcards) {
    throw new Error(`PathParameterValues must have one value for each of the ${wildcards} wildcards in the endpoint of ${arn}, not ${path.length}`);
  }
  const headers = eventTexts(lowerCaseNames(parameters.HeaderParameters));
  const query = eventTexts(parameters.QueryStringParameters);
  return (payload, event) => {
    const input: InvokeInput = { arn, payload, path: path.map((text) => text(event)), headers: headers(event), query: query(event) };
    return { service: 'events', operation: 'InvokeApiDestination', input };
  };
}

function eventTexts(values: Readonly<Record<string, string>> = {}): (event: EventEnvelope) => Record<string, string> {
  const texts = Object.entries(values).map(([name, value]) => [name, eventText(value)] as const);
  return (event) => Object.fromEntries(texts.map(([name, text]) => [name, text(event)]));
}

function eventText(value: string): EventText {
  if (!value.startsWith('$.')) return () => value;
  const path = JsonPath.parse(value);
  return (event) => {
    const found = path.evaluate(event);
    return typeof found === 'string' ? found : found === undefined ? '' : JSON.stringify(found);
  };
}
