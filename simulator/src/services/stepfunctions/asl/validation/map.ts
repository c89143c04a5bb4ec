import { refuse, requireAtMostOne, requireInteger, requireKnownFields, requireObject, requireOneOf, requireText } from './check';
import { validateLanguage, validateStates, Validation } from './machine';
import { QueryLanguage } from '../definition';
import { InvalidDefinition } from '../errors';
import { JsonObject } from '../json';
import { isExpression } from '../jsonata/expression';
import { mapNumberComplaint, MapNumberField } from '../states/map-items';

const NUMBERS: readonly MapNumberField[] = ['MaxConcurrency', 'ToleratedFailureCount', 'ToleratedFailurePercentage'];
const DISTRIBUTED_ONLY = ['ItemBatcher', 'ResultWriter', 'Label'];

export function validateMap(state: JsonObject, where: string, jsonata: boolean, outer: QueryLanguage, validation: Validation): void {
  if (state.ItemReader !== undefined) {
    throw new InvalidDefinition(`${where} has an ItemReader, which is not supported: give its items as an array, by ${jsonata ? 'Items' : 'ItemsPath'}`);
  }
  requireAtMostOne(state, ['ItemSelector', 'Parameters'], where);
  const field = requireAtMostOne(state, ['ItemProcessor', 'Iterator'], where, { required: true })!;
  const place = `the ${field} of ${where}`;
  const processor = requireObject(state[field], place);
  requireKnownFields(processor, ['Comment', 'QueryLanguage', 'StartAt', 'States', 'ProcessorConfig'], place);
  const isDistributed = validateProcessorConfig(processor, place);
  for (const only of DISTRIBUTED_ONLY) {
    if (state[only] !== undefined && !isDistributed) throw new InvalidDefinition(`${where} has ${only}, which needs a processor of Mode DISTRIBUTED`);
  }
  validateNumbers(state, where, jsonata);
  if (state.Label !== undefined && requireText(state.Label, `the Label of ${where}`).length > 40) refuse(`the Label of ${where}`, state.Label, 'a string of up to 40 characters');
  if (state.Items !== undefined && !Array.isArray(state.Items) && !isExpression(state.Items) && !(isDistributed && typeof state.Items === 'object')) {
    refuse(`the Items of ${where}`, state.Items, 'an array or a JSONata expression');
  }
  validateBatcher(state, where, jsonata, validation);
  validateResultWriter(state, where);
  validateStates(processor, place, validateLanguage(processor, place, outer), validation);
}

function validateProcessorConfig(processor: JsonObject, where: string): boolean {
  if (processor.ProcessorConfig === undefined) return false;
  const config = requireObject(processor.ProcessorConfig, `the ProcessorConfig of ${where}`);
  requireKnownFields(config, ['Mode', 'ExecutionType'], `the ProcessorConfig of ${where}`);
  const mode = config.Mode === undefined ? 'INLINE' : requireOneOf(config.Mode, ['INLINE', 'DISTRIBUTED'], `the Mode of ${where}`);
  if (mode === 'DISTRIBUTED') requireOneOf(config.ExecutionType, ['STANDARD', 'EXPRESS'], `the ExecutionType of ${where}`);
  else if (config.ExecutionType !== undefined) throw new InvalidDefinition(`${where} has an ExecutionType, which needs Mode DISTRIBUTED`);
  return mode === 'DISTRIBUTED';
}

function validateNumbers(state: JsonObject, where: string, jsonata: boolean): void {
  for (const field of NUMBERS) {
    requireAtMostOne(state, [field, `${field}Path`], where);
    const value = state[field];
    if (value === undefined || (jsonata && isExpression(value))) continue;
    if (typeof value !== 'number' || mapNumberComplaint(field, value) !== undefined) {
      refuse(`the ${field} of ${where}`, value, field === 'ToleratedFailurePercentage' ? 'a number from 0 to 100' : 'an integer of at least 0');
    }
  }
}

function validateBatcher(state: JsonObject, where: string, jsonata: boolean, { checks }: Validation): void {
  if (state.ItemBatcher === undefined) return;
  const place = `the ItemBatcher of ${where}`;
  const batcher = requireObject(state.ItemBatcher, place);
  const limits = ['MaxItemsPerBatch', 'MaxInputBytesPerBatch'];
  const paths = limits.map((limit) => `${limit}Path`);
  requireKnownFields(batcher, ['BatchInput', ...limits, ...(jsonata ? [] : paths)], place);
  if (![...limits, ...paths].some((limit) => batcher[limit] !== undefined)) {
    throw new InvalidDefinition(`${place} must have MaxItemsPerBatch, MaxInputBytesPerBatch or both`);
  }
  for (const limit of limits) {
    requireAtMostOne(batcher, [limit, `${limit}Path`], place);
    if (batcher[limit] !== undefined && !(jsonata && isExpression(batcher[limit]))) requireInteger(batcher[limit], 1, 99_999_999, `the ${limit} of ${place}`);
    if (batcher[`${limit}Path`] !== undefined) checks.path(batcher[`${limit}Path`], `the ${limit}Path of ${place}`);
  }
  if (batcher.BatchInput !== undefined && !jsonata) checks.template(requireObject(batcher.BatchInput, `the BatchInput of ${place}`), `the BatchInput of ${place}`);
}

function validateResultWriter(state: JsonObject, where: string): void {
  if (state.ResultWriter === undefined) return;
  const place = `the ResultWriter of ${where}`;
  const writer = requireObject(state.ResultWriter, place);
  requireKnownFields(writer, ['Resource', 'Parameters', 'Arguments', 'WriterConfig'], place);
  if (writer.WriterConfig === undefined) {
    requireText(writer.Resource, `the Resource of ${place}`);
    return;
  }
  const config = requireObject(writer.WriterConfig, `the WriterConfig of ${place}`);
  requireKnownFields(config, ['Transformation', 'OutputType'], `the WriterConfig of ${place}`);
  // Without a bucket the results stay in the state's output, for which there is no NONE: it would hold each child's whole description.
  if (config.Transformation !== undefined) requireOneOf(config.Transformation, ['COMPACT', 'FLATTEN'], `the Transformation of ${place}`);
  if (config.OutputType !== undefined) requireOneOf(config.OutputType, ['JSON', 'JSONL'], `the OutputType of ${place}`);
}
