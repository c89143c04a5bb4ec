import { batchItems, Batch } from './item-batches';
import { inPool, MapItem } from './map-items';
import { CancellationScope } from '../cancellation';
import { ProcessorDefinition } from '../definition';
import { ChildResult, ExecutionIdentity } from '../environment';
import { ErrorName, StateError } from '../errors';
import { Execution } from '../execution';
import { isObject, Json, JsonObject } from '../json';
import { runExecutionBody } from '../run-execution';
import { StateRun } from '../state-run';

/** "You can run up to 10,000 parallel child workflow executions." */
const MAX_CONCURRENT_CHILDREN = 10_000;

interface MapRunOptions {
  readonly maxConcurrency: number;
  readonly tolerance: Tolerance;
  readonly input: Json;
}

interface Tolerance {
  readonly count?: number;
  readonly percentage?: number;
}

/** Each item, or batch of items, is a child execution of its own, with its own history and variables. */
export async function runDistributed(
  run: StateRun, processor: ProcessorDefinition, items: readonly MapItem[], options: MapRunOptions,
): Promise<Json> {
  const { execution } = run.branch;
  const batches = await batchItems(run, items, options.input);
  const names = mapRunNames(run);
  run.thread.add('MapRunStarted', { mapRunArn: names.mapRunArn });
  const scope = new CancellationScope(run.branch.scope);
  const results: ChildResult[] = [];
  let failedItems = 0;
  try {
    await scope.race(inPool(batches, Math.min(options.maxConcurrency || MAX_CONCURRENT_CHILDREN, MAX_CONCURRENT_CHILDREN), async (batch) => {
      scope.throwIfCancelled();
      const result = await runChild(run, processor, batch, names.childIdentity(execution.environment.uuid()), scope);
      results[batch.index] = result;
      if (result.status === 'FAILED') failedItems += batch.itemCount;
      if (isExceeded(options.tolerance, failedItems, items.length)) {
        throw new StateError(ErrorName.EXCEED_TOLERATED_FAILURE_THRESHOLD, 'The specified tolerated failure threshold was exceeded');
      }
    }));
  } catch (thrown) {
    if (thrown instanceof StateError) run.thread.add('MapRunFailed', { error: thrown.error, cause: thrown.causeText });
    throw thrown;
  } finally {
    scope.cancel();
  }
  run.thread.add('MapRunSucceeded');
  return run.state.ResultWriter === undefined ? outputs(results, false) : writeResults(run, results, names, options.input);
}

/** "If you specify both, the Map Run fails when either is exceeded"; if neither is given the first failure is one too many. */
function isExceeded(tolerance: Tolerance, failed: number, total: number): boolean {
  if (failed === 0) return false;
  if (tolerance.count === undefined && tolerance.percentage === undefined) return true;
  return (tolerance.count !== undefined && failed > tolerance.count) ||
    (tolerance.percentage !== undefined && (failed / total) * 100 > tolerance.percentage);
}

async function runChild(
  run: StateRun, processor: ProcessorDefinition, batch: Batch, identity: ExecutionIdentity, scope: CancellationScope,
): Promise<ChildResult> {
  const { environment, machine } = run.branch.execution;
  const child = new Execution(environment, machine, identity, processor.ProcessorConfig?.ExecutionType ?? 'STANDARD', batch.input, { parentScope: scope });
  const outcome = await runExecutionBody(child, processor, processor.QueryLanguage ?? run.branch.language);
  run.branch.execution.transitions += child.transitions;
  scope.throwIfCancelled();
  const about = { executionArn: identity.executionArn, input: batch.input };
  if (outcome.status === 'SUCCEEDED') return { ...about, status: 'SUCCEEDED', output: outcome.output };
  return { ...about, status: 'FAILED', error: outcome.error, cause: outcome.cause };
}

function outputs(results: readonly ChildResult[], flatten: boolean): Json {
  // A failure that is tolerated contributes no result.
  const values = results.filter((result) => result.status === 'SUCCEEDED').map((result) => result.output ?? null);
  return flatten ? values.flat(1) : values;
}

interface MapRunNames {
  readonly mapRunArn: string;
  readonly mapRunId: string;
  childIdentity(uuid: string): ExecutionIdentity;
}

function mapRunNames(run: StateRun): MapRunNames {
  const { identity, environment } = run.branch.execution;
  const mapRunId = environment.uuid();
  const label = run.state.Label ?? run.name.replace(/\s/g, '').slice(0, 40);
  const machineArn = `${identity.stateMachineArn}/${label}`;
  return {
    mapRunId,
    mapRunArn: `${machineArn.replace(':stateMachine:', ':mapRun:')}:${mapRunId}`,
    childIdentity: (uuid) => ({
      ...identity,
      startTime: undefined,
      redriveCount: undefined,
      redriveTime: undefined,
      executionArn: `${machineArn.replace(':stateMachine:', ':execution:')}:${uuid}`,
      executionName: uuid,
      stateMachineArn: machineArn,
      stateMachineName: `${identity.stateMachineName}/${label}`,
    }),
  };
}

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html */
async function writeResults(run: StateRun, results: readonly ChildResult[], names: MapRunNames, input: Json): Promise<Json> {
  const writer = run.state.ResultWriter!;
  if (writer.Resource === undefined) return outputs(results, writer.WriterConfig?.Transformation === 'FLATTEN');
  const { environment } = run.branch.execution;
  if (!environment.writeMapResults) throw run.failure(`The ResultWriter of the state exports to '${writer.Resource}', which is not available here.`);
  const parameters = run.usesJsonata ?
    await run.evaluate(writer.Arguments ?? {}, 'ResultWriter/Arguments') :
    run.template(writer.Parameters ?? {}, input);
  const { Bucket, Prefix } = (isObject(parameters) ? parameters : {}) as JsonObject;
  const key = `${typeof Prefix === 'string' && Prefix !== '' ? `${Prefix.replace(/\/$/, '')}/` : ''}${names.mapRunId}/manifest.json`;
  await run.branch.scope.race(environment.writeMapResults({ mapRunArn: names.mapRunArn, resource: writer.Resource, parameters, key, results }));
  return { MapRunArn: names.mapRunArn, ResultWriterDetails: { Bucket: Bucket ?? '', Key: key } };
}
