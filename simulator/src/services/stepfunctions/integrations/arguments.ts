import type { Integration } from './integration';
import { TaskFailed } from './service-errors';
import { ErrorName } from '../asl/errors';
import { isObject, type Json, type JsonObject } from '../asl/json';

/** What is wrong with the names of a task's arguments, in the words of Step Functions; empty when nothing is. */
export function argumentProblems(integration: Integration, names: readonly string[]): string[] {
  return [
    ...integration.required.filter((name) => !names.includes(name)).map((name) => `The field '${name}' is required but was missing`),
    ...names.filter((name) => !integration.parameters.includes(name)).map((name) => `The field '${name}' is not supported by Step Functions`),
  ];
}

/**
 * A task whose arguments do not fit its service never starts: the execution fails, and no Catch matches it.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-parameters.html
 */
export function badArguments(args: Json, problems: readonly string[]): TaskFailed {
  return new TaskFailed(
    ErrorName.RUNTIME,
    `The Parameters '${JSON.stringify(args)}' could not be used to start the Task: [${problems.join(', ')}]`,
  );
}

export function checkArguments(integration: Integration, args: Json): JsonObject {
  if (!isObject(args)) throw badArguments(args, ['The arguments must be a JSON object']);
  const problems = argumentProblems(integration, Object.keys(args));
  if (problems.length > 0) throw badArguments(args, problems);
  return args;
}

export function stringArgument(args: JsonObject, name: string): string {
  const value = args[name];
  if (typeof value !== 'string') throw badArguments(args, [`The value for the field '${name}' must be a STRING`]);
  return value;
}

/** Fields that carry a message take any JSON; Step Functions writes it as text. */
export function asText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
