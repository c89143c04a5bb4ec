import {
  ExpressionChecks, refuse, requireInteger, requireKnownFields, requireObject, requireOneOf, requireText,
} from './check';
import { validateState } from './state';
import { MachineDefinition, QueryLanguage } from '../definition';
import { InvalidDefinition } from '../errors';
import { Expressions } from '../expressions';
import { JsonObject } from '../json';

const LANGUAGES = ['JSONPath', 'JSONata'];
const MAX_NAME_LENGTH = 80;

/** What the checks of a machine share: names are unique in all of it, branches and processors included. */
export interface Validation {
  readonly checks: ExpressionChecks;
  readonly names: Set<string>;
}

/** The definition, if Step Functions would accept it. */
export function validateMachine(definition: unknown, expressions: Expressions): MachineDefinition {
  const machine = requireObject(definition, 'the definition of a state machine');
  const where = 'the state machine';
  requireKnownFields(machine, ['Comment', 'QueryLanguage', 'StartAt', 'States', 'TimeoutSeconds', 'Version'], where);
  if (machine.Version !== undefined) requireOneOf(machine.Version, ['1.0'], 'the Version of the state machine');
  if (machine.TimeoutSeconds !== undefined) requireInteger(machine.TimeoutSeconds, 1, 99_999_999, 'the TimeoutSeconds of the state machine');
  validateStates(machine, where, validateLanguage(machine, where, 'JSONPath'), { checks: new ExpressionChecks(expressions), names: new Set() });
  return machine as unknown as MachineDefinition;
}

/** A machine that is in JSONata is so throughout: only JSONPath machines can mix. */
export function validateLanguage(value: JsonObject, where: string, outer: QueryLanguage): QueryLanguage {
  if (value.QueryLanguage === undefined) return outer;
  const language = requireOneOf(value.QueryLanguage, LANGUAGES, `the QueryLanguage of ${where}`) as QueryLanguage;
  if (outer === 'JSONata' && language === 'JSONPath') {
    throw new InvalidDefinition(`the QueryLanguage of ${where} must not be JSONPath, because what it is in uses JSONata`);
  }
  return language;
}

/** The entry and the states of a machine, a branch or an item processor. */
export function validateStates(value: JsonObject, where: string, language: QueryLanguage, validation: Validation): void {
  const states = requireObject(value.States, `the States of ${where}`);
  const names = Object.keys(states);
  if (names.length === 0) refuse(`the States of ${where}`, states, 'an object with at least one state');
  const start = requireText(value.StartAt, `the StartAt of ${where}`);
  if (!names.includes(start)) throw new InvalidDefinition(`the StartAt of ${where} is '${start}', which is not among its states: ${names.join(', ')}`);
  const targets = new Set([start]);
  for (const name of names) {
    if (name.length > MAX_NAME_LENGTH) throw new InvalidDefinition(`the name of state '${name}' has ${name.length} characters, more than the ${MAX_NAME_LENGTH} that are allowed`);
    if (validation.names.has(name)) throw new InvalidDefinition(`there are two states '${name}': names are unique in a state machine, its branches and processors included`);
    validation.names.add(name);
    for (const target of validateState(name, requireObject(states[name], `state '${name}'`), language, validation)) {
      if (!names.includes(target)) throw new InvalidDefinition(`state '${name}' leads to '${target}', which is not among the states beside it: ${names.join(', ')}`);
      // A state that leads only to itself is not reached by that.
      if (target !== name) targets.add(target);
    }
  }
  const unreachable = names.find((name) => !targets.has(name));
  if (unreachable !== undefined) throw new InvalidDefinition(`state '${unreachable}' is not reachable`);
}
