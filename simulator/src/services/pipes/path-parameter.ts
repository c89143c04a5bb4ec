import type { PipeEvent } from './input-template';
import { JsonPath } from '../events/json-path';

/** A parameter's value for one event. */
export type Parameter = (event: PipeEvent) => unknown;

/**
 * A parameter of a target: a value, or a JSON path into the event as it was before any template.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-event-target.html#pipes-targets-dynamic-parms
 */
export function parameter(value: unknown): Parameter | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !value.startsWith('$.')) return () => value;
  const path = JsonPath.parse(value);
  return ({ view }) => path.evaluate(view);
}

/** The same for parameters that are texts. */
export function textParameter(value: unknown): ((event: PipeEvent) => string | undefined) | undefined {
  const evaluate = parameter(value);
  return evaluate && ((event) => {
    const found = evaluate(event);
    return found === undefined || typeof found === 'string' ? found : JSON.stringify(found);
  });
}
