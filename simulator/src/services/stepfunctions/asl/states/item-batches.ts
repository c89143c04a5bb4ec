import { MapItem } from './map-items';
import { ItemBatcher } from '../definition';
import { byteLength, isObject, Json } from '../json';
import { MAX_PAYLOAD_BYTES, StateRun } from '../state-run';

/** The input of one child execution, and how many items it stands for. */
export interface Batch {
  readonly index: number;
  readonly input: Json;
  readonly itemCount: number;
}

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itembatcher.html */
export async function batchItems(run: StateRun, items: readonly MapItem[], input: Json): Promise<Batch[]> {
  const batcher = run.state.ItemBatcher;
  if (batcher === undefined) return items.map((item, index) => ({ index, input: item.input, itemCount: 1 }));
  const maxItems = (await batcherNumber(run, batcher, 'MaxItemsPerBatch', input)) ?? Infinity;
  const maxBytes = Math.min((await batcherNumber(run, batcher, 'MaxInputBytesPerBatch', input)) ?? MAX_PAYLOAD_BYTES, MAX_PAYLOAD_BYTES);
  const batchInput = batcher.BatchInput === undefined ? undefined :
    run.usesJsonata ? await run.evaluate(batcher.BatchInput, 'ItemBatcher/BatchInput') : run.template(batcher.BatchInput, input);
  const compose = (values: Json[]): Json => (batchInput === undefined ? { Items: values } : { BatchInput: batchInput, Items: values });

  const batches: Batch[] = [];
  const emptyBytes = byteLength(compose([]));
  let values: Json[] = [];
  let bytes = emptyBytes;
  const close = () => {
    if (values.length > 0) batches.push({ index: batches.length, input: compose(values), itemCount: values.length });
    values = [];
    bytes = emptyBytes;
  };
  for (const item of items) {
    const itemBytes = byteLength(item.input) + (values.length > 0 ? 1 : 0);
    if (values.length >= maxItems || (values.length > 0 && bytes + itemBytes > maxBytes)) close();
    values.push(item.input);
    bytes += byteLength(item.input) + (values.length > 1 ? 1 : 0);
  }
  close();
  return batches;
}

async function batcherNumber(
  run: StateRun, batcher: ItemBatcher, field: 'MaxItemsPerBatch' | 'MaxInputBytesPerBatch', input: Json,
): Promise<number | undefined> {
  const fixed = batcher[field];
  const path = batcher[`${field}Path`];
  if (fixed === undefined && path === undefined) return undefined;
  const value = path !== undefined ? run.path(path, input) :
    run.usesJsonata ? await run.evaluateAs('number', fixed!, `ItemBatcher/${field}`) : fixed!;
  if (typeof value === 'number' && Number.isInteger(value) && value > 0) return value;
  const text = isObject(value) || typeof value !== 'string' ? JSON.stringify(value) : value;
  throw run.failure(`The ${field}${path === undefined ? '' : 'Path'} field must be a positive integer but was: ${text}`);
}
