import { refuse, requireInteger, requireKnownFields, requireList, requireObject, requireOneOf, requireText } from './check';
import { Validation } from './machine';
import { ErrorName, InvalidDefinition } from '../errors';
import { Json, JsonObject } from '../json';

const MAX_NUMBER = 99_999_999;
/** "MaxDelaySeconds … must be greater than 0 and less than 31622400." */
const MAX_DELAY_SECONDS = 31_622_399;

export function validateRetry(retry: Json, stateName: string): void {
  const retriers = requireEntries(retry, `the Retry of ${stateName}`);
  retriers.forEach((retrier, index) => {
    const where = `retrier ${index} of ${stateName}`;
    requireKnownFields(retrier, ['Comment', 'ErrorEquals', 'IntervalSeconds', 'MaxAttempts', 'BackoffRate', 'MaxDelaySeconds', 'JitterStrategy'], where);
    validateErrorEquals(retrier, where, index === retriers.length - 1);
    const { IntervalSeconds, MaxAttempts, BackoffRate, MaxDelaySeconds, JitterStrategy } = retrier;
    if (IntervalSeconds !== undefined) requireInteger(IntervalSeconds, 1, MAX_NUMBER, `the IntervalSeconds of ${where}`);
    if (MaxAttempts !== undefined) requireInteger(MaxAttempts, 0, MAX_NUMBER, `the MaxAttempts of ${where}`);
    if (BackoffRate !== undefined && !(typeof BackoffRate === 'number' && BackoffRate >= 1)) {
      refuse(`the BackoffRate of ${where}`, BackoffRate, 'a number of at least 1');
    }
    if (MaxDelaySeconds !== undefined) {
      requireInteger(MaxDelaySeconds, 1, MAX_DELAY_SECONDS, `the MaxDelaySeconds of ${where}`);
      const interval = typeof IntervalSeconds === 'number' ? IntervalSeconds : 1;
      if ((MaxDelaySeconds as number) <= interval) refuse(`the MaxDelaySeconds of ${where}`, MaxDelaySeconds, `greater than its IntervalSeconds, ${interval},`);
    }
    if (JitterStrategy !== undefined) requireOneOf(JitterStrategy, ['FULL', 'NONE'], `the JitterStrategy of ${where}`);
  });
}

/** The result is the names of the states that errors lead to. */
export function validateCatch(value: Json, stateName: string, jsonata: boolean, { checks }: Validation): string[] {
  const catchers = requireEntries(value, `the Catch of ${stateName}`);
  return catchers.map((catcher, index) => {
    const where = `catcher ${index} of ${stateName}`;
    requireKnownFields(catcher, ['Comment', 'ErrorEquals', 'Next', 'Assign', jsonata ? 'Output' : 'ResultPath'], where);
    validateErrorEquals(catcher, where, index === catchers.length - 1);
    if (catcher.ResultPath !== undefined && catcher.ResultPath !== null) checks.referencePath(catcher.ResultPath, `the ResultPath of ${where}`);
    if (jsonata) {
      for (const field of ['Output', 'Assign']) if (catcher[field] !== undefined) checks.jsonata(catcher[field], `the ${field} of ${where}`, 'errorOutput');
    } else if (catcher.Assign !== undefined) {
      checks.template(requireObject(catcher.Assign, `the Assign of ${where}`), `the Assign of ${where}`);
    }
    return requireText(catcher.Next, `the Next of ${where}`);
  });
}

function requireEntries(value: Json, where: string): JsonObject[] {
  if (!Array.isArray(value)) refuse(where, value, 'an array');
  return value.map((entry, index) => requireObject(entry, `${where}[${index}]`));
}

/** "States.ALL must appear alone, and in the last retrier or catcher." */
function validateErrorEquals(entry: JsonObject, where: string, isLast: boolean): void {
  const names = requireList(entry.ErrorEquals, `the ErrorEquals of ${where}`).map((name) => requireText(name, `a name in the ErrorEquals of ${where}`));
  if (!names.includes(ErrorName.ALL)) return;
  if (names.length > 1) throw new InvalidDefinition(`the ErrorEquals of ${where} has ${ErrorName.ALL} with other names: it must stand alone`);
  if (!isLast) throw new InvalidDefinition(`the ErrorEquals of ${where} has ${ErrorName.ALL}, which is allowed in the last one only`);
}
