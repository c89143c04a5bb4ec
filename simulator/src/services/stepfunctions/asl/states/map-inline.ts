import { inPool, mapContext, MapItem } from './map-items';
import { CancellationScope } from '../cancellation';
import { ProcessorDefinition } from '../definition';
import { StateError } from '../errors';
import { Json } from '../json';
import { StateRun } from '../state-run';
import { runBranch } from '../workflow';

/** "Inline mode … supports up to 40 concurrent iterations." */
const MAX_CONCURRENT_ITERATIONS = 40;

/** Iterations inside the execution: they share its history and read its variables; the first failure stops them all. */
export async function runInline(run: StateRun, processor: ProcessorDefinition, items: readonly MapItem[], maxConcurrency: number): Promise<Json> {
  const results: Json[] = new Array<Json>(items.length).fill(null);
  const scope = new CancellationScope(run.branch.scope);
  const concurrency = Math.min(maxConcurrency || MAX_CONCURRENT_ITERATIONS, MAX_CONCURRENT_ITERATIONS);
  const start = run.thread.fork();
  try {
    await scope.race(inPool(items, concurrency, async (item) => {
      scope.throwIfCancelled();
      const thread = start.fork();
      const about = { name: run.name, index: item.index };
      const progress = run.branch.progress.branch(item.index);
      if (progress.output) {
        results[item.index] = progress.output.value;
        return;
      }
      if (progress.state === undefined) thread.add('MapIterationStarted', about);
      try {
        results[item.index] = await runBranch({
          ...run.branch,
          states: processor,
          language: processor.QueryLanguage ?? run.branch.language,
          progress,
          variables: progress.variables,
          scope,
          thread,
          map: mapContext(item),
        }, item.input);
      } catch (thrown) {
        if (thrown instanceof StateError) thread.add('MapIterationFailed', about);
        throw thrown;
      }
      thread.add('MapIterationSucceeded', about);
    }));
  } finally {
    scope.cancel();
  }
  return results;
}
