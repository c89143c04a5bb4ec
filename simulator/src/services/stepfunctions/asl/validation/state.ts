import {
  refuse, requireAtMostOne, requireInteger, requireKnownFields, requireList, requireObject, requireOneOf, requireText,
} from './check';
import { validateChoice } from './choice';
import { belongsToOtherLanguage, knownFields, STATE_TYPES } from './fields';
import { validateLanguage, validateStates, Validation } from './machine';
import { validateMap } from './map';
import { validateCatch, validateRetry } from './recovery';
import { QueryLanguage, StateType } from '../definition';
import { InvalidDefinition } from '../errors';
import { JsonObject } from '../json';
import { isExpression } from '../jsonata/expression';
import { parseTaskResource } from '../task-resource';
import { parseTimestamp } from '../timestamp';

const MAX_SECONDS = 99_999_999;
const PATH_FIELDS = ['InputPath', 'OutputPath', 'SecondsPath', 'TimestampPath', 'TimeoutSecondsPath', 'HeartbeatSecondsPath', 'ItemsPath', 'MaxConcurrencyPath',
  'ToleratedFailureCountPath', 'ToleratedFailurePercentagePath'];
const TEMPLATE_FIELDS = ['Parameters', 'ResultSelector', 'Assign', 'ItemSelector', 'Credentials'];
const JSONATA_FIELDS = ['Arguments', 'Output', 'Assign', 'Items', 'ItemSelector', 'Credentials', 'TimeoutSeconds', 'HeartbeatSeconds', 'Seconds', 'Timestamp', 'Error', 'Cause',
  'MaxConcurrency', 'ToleratedFailureCount', 'ToleratedFailurePercentage', 'ItemBatcher', 'ResultWriter'];

/** Checks one state; the result is the names of the states it can lead to. */
export function validateState(name: string, state: JsonObject, outer: QueryLanguage, validation: Validation): string[] {
  const where = `state '${name}'`;
  const type = requireOneOf(state.Type, STATE_TYPES, `the Type of ${where}`) as StateType;
  const language = validateLanguage(state, where, outer);
  const jsonata = language === 'JSONata';
  for (const field of Object.keys(state)) {
    if (belongsToOtherLanguage(field, type, jsonata)) {
      throw new InvalidDefinition(`${where} uses ${language}, which has no field '${field}'`);
    }
  }
  requireKnownFields(state, knownFields(type, jsonata), `${where}, a ${type} state in ${language},`);
  validateQueries(state, type, where, jsonata, validation);
  return [
    ...transitions(state, type, where),
    ...validateRetryAndCatch(state, where, jsonata, validation),
    ...validateType(state, type, where, language, outer, validation),
  ];
}

function validateQueries(state: JsonObject, type: StateType, where: string, jsonata: boolean, { checks }: Validation): void {
  if (state.Assign !== undefined) {
    for (const variable of Object.keys(requireObject(state.Assign, `the Assign of ${where}`))) {
      const plain = jsonata ? variable : variable.replace(/\.\$$/, '');
      if (!/^[\p{ID_Start}_][\p{ID_Continue}]*$/u.test(plain) || plain.length > 80 || plain === 'states') {
        throw new InvalidDefinition(`the Assign of ${where} names the variable '${plain}': a name is a Unicode identifier of up to 80 characters other than 'states'`);
      }
    }
  }
  if (jsonata) {
    const hasResult = type === 'Task' || type === 'Parallel' || type === 'Map';
    for (const field of JSONATA_FIELDS) {
      const available = hasResult && (field === 'Output' || field === 'Assign') ? 'result' : undefined;
      if (state[field] !== undefined) checks.jsonata(state[field], `the ${field} of ${where}`, available);
    }
    return;
  }
  for (const field of PATH_FIELDS) {
    const isNullable = field === 'InputPath' || field === 'OutputPath';
    if (state[field] !== undefined && !(isNullable && state[field] === null)) checks.path(state[field], `the ${field} of ${where}`);
  }
  for (const field of TEMPLATE_FIELDS) if (state[field] !== undefined) checks.template(state[field], `the ${field} of ${where}`);
  for (const field of ['ErrorPath', 'CausePath']) if (state[field] !== undefined) checks.query(state[field], `the ${field} of ${where}`);
  if (state.ResultPath !== undefined && state.ResultPath !== null) checks.referencePath(state.ResultPath, `the ResultPath of ${where}`);
}

function transitions(state: JsonObject, type: StateType, where: string): string[] {
  if (type === 'Choice' || type === 'Succeed' || type === 'Fail') return [];
  requireAtMostOne(state, ['Next', 'End'], where, { required: true });
  if (state.End !== undefined) {
    if (state.End !== true) refuse(`the End of ${where}`, state.End, 'true');
    return [];
  }
  return [requireText(state.Next, `the Next of ${where}`)];
}

function validateRetryAndCatch(state: JsonObject, where: string, jsonata: boolean, validation: Validation): string[] {
  if (state.Retry !== undefined) validateRetry(state.Retry, where);
  return state.Catch === undefined ? [] : validateCatch(state.Catch, where, jsonata, validation);
}

function validateType(
  state: JsonObject, type: StateType, where: string, language: QueryLanguage, outer: QueryLanguage, validation: Validation,
): string[] {
  const jsonata = language === 'JSONata';
  switch (type) {
    case 'Task':
      parseTaskResource(requireText(state.Resource, `the Resource of ${where}`), where.slice("state '".length, -1));
      validateTaskTimes(state, where, jsonata);
      return [];
    case 'Choice':
      return validateChoice(state, where, jsonata, validation);
    case 'Wait':
      validateWait(state, where, jsonata);
      return [];
    case 'Fail':
      requireAtMostOne(state, ['Error', 'ErrorPath'], where);
      requireAtMostOne(state, ['Cause', 'CausePath'], where);
      for (const field of ['Error', 'Cause']) {
        if (state[field] !== undefined && typeof state[field] !== 'string') refuse(`the ${field} of ${where}`, state[field], 'a string');
      }
      return [];
    case 'Parallel':
      requireList(state.Branches, `the Branches of ${where}`).forEach((value, index) => {
        const place = `branch ${index} of ${where}`;
        const branch = requireObject(value, place);
        requireKnownFields(branch, ['Comment', 'QueryLanguage', 'StartAt', 'States'], place);
        validateStates(branch, place, validateLanguage(branch, place, outer), validation);
      });
      return [];
    case 'Map':
      validateMap(state, where, jsonata, outer, validation);
      return [];
    default:
      return [];
  }
}

function validateTaskTimes(state: JsonObject, where: string, jsonata: boolean): void {
  for (const field of ['TimeoutSeconds', 'HeartbeatSeconds']) {
    requireAtMostOne(state, [field, `${field}Path`], where);
    if (state[field] !== undefined && !(jsonata && isExpression(state[field]))) {
      requireInteger(state[field], 1, MAX_SECONDS, `the ${field} of ${where}`);
    }
  }
  const { TimeoutSeconds, HeartbeatSeconds } = state;
  if (typeof TimeoutSeconds === 'number' && typeof HeartbeatSeconds === 'number' && HeartbeatSeconds >= TimeoutSeconds) {
    refuse(`the HeartbeatSeconds of ${where}`, HeartbeatSeconds, `less than its TimeoutSeconds, ${TimeoutSeconds},`);
  }
}

function validateWait(state: JsonObject, where: string, jsonata: boolean): void {
  const field = requireAtMostOne(state, jsonata ? ['Seconds', 'Timestamp'] : ['Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath'], where, { required: true });
  if (jsonata && field !== undefined && isExpression(state[field])) return;
  if (field === 'Seconds') requireInteger(state.Seconds, 0, MAX_SECONDS, `the Seconds of ${where}`);
  if (field === 'Timestamp' && parseTimestamp(state.Timestamp) === undefined) refuse(`the Timestamp of ${where}`, state.Timestamp, 'an RFC 3339 timestamp');
}
