import { runDistributed } from './map-distributed';
import { runInline } from './map-inline';
import { MapItem, mapNumber, selectItem } from './map-items';
import { rerunAll, withRecovery } from './recovery';
import { effectiveInput, finish, Transition } from './transition';
import { ProcessorDefinition } from '../definition';
import { StateError } from '../errors';
import { isObject, Json } from '../json';
import { StateRun } from '../state-run';

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/state-map.html */
export async function runMap(run: StateRun): Promise<Transition> {
  return withRecovery(run, async () => {
    const processor = processorOf(run);
    const inner = run.innerProgress();
    const isDistributed = processor.ProcessorConfig?.Mode === 'DISTRIBUTED';
    const input = run.usesJsonata ? run.input : effectiveInput(run);
    const values = await itemValues(run, input, isDistributed);
    const maxConcurrency = (await mapNumber(run, 'MaxConcurrency', input)) ?? 0;
    const tolerance = {
      count: await mapNumber(run, 'ToleratedFailureCount', input),
      percentage: await mapNumber(run, 'ToleratedFailurePercentage', input),
    };
    if (!inner.items) run.thread.add('MapStateStarted', { length: values.length });
    let result: Json;
    try {
      if (isDistributed && inner.items) throw new Error(`state '${run.name}': the redrive of a distributed Map is not simulated`);
      const items = inner.items ??= await selectedItems(run, values, input);
      result = isDistributed ?
        await runDistributed(run, processor, items, { maxConcurrency, tolerance, input }) :
        await runInline(run, processor, items, maxConcurrency);
    } catch (thrown) {
      if (thrown instanceof StateError) run.thread.add('MapStateFailed', { error: thrown.error, cause: thrown.causeText });
      throw thrown;
    }
    run.thread.add('MapStateSucceeded');
    return finish(run, result);
  }).catch((thrown) => rerunAll(run, thrown));
}

async function selectedItems(run: StateRun, values: readonly Omit<MapItem, 'input'>[], input: Json): Promise<MapItem[]> {
  const items: MapItem[] = [];
  for (const item of values) items.push({ ...item, input: await selectItem(run, item, input) });
  return items;
}

function processorOf(run: StateRun): ProcessorDefinition {
  return (run.state.ItemProcessor ?? run.state.Iterator)!;
}

/** The items before they are shaped. The members of an object are items too where each is a child execution: pairs of `Key` and `Value`. */
async function itemValues(run: StateRun, input: Json, isDistributed: boolean): Promise<Omit<MapItem, 'input'>[]> {
  const list = await itemList(run, input, isDistributed);
  if (Array.isArray(list)) return list.map((value, index) => ({ index, value }));
  return Object.entries(list as object).map(([key, value], index) => ({ index, key, value: value as Json }));
}

async function itemList(run: StateRun, input: Json, isDistributed: boolean): Promise<Json> {
  const { Items, ItemsPath } = run.state;
  if (run.usesJsonata) {
    if (Items === undefined) {
      if (Array.isArray(input) || (isDistributed && isObject(input))) return input;
      throw run.evaluationFailed('Items', `Map state input must be an array but was: ${JSON.stringify(input)}`);
    }
    if (!isDistributed) return run.evaluateAs('array', Items, 'Items');
    const value = await run.evaluate(Items, 'Items');
    return isObject(value) ? value : run.evaluateAs('array', Items, 'Items');
  }
  const value = ItemsPath === undefined ? input : run.path(ItemsPath, input);
  if (Array.isArray(value) || (isDistributed && isObject(value))) return value;
  throw run.failure(`Reference path "${ItemsPath ?? '$'}" must point to array.`);
}
