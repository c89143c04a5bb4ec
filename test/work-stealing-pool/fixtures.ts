import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { FunctionGroupOptions, WorkerGroup, WorkStealingPool, WorkStealingPoolProps } from '../../src';
import type { CoordinatorSettings, RouterSettings, RunnerSettings } from '../../src/work-stealing-pool/contract';
import { readable } from '../grants';
import { inlineFunction } from '../scatter-gather/fixtures';

export { inlineFunction, newStack } from '../scatter-gather/fixtures';

/** A pool of two functions, 8 and 4 tasks at once unless told otherwise. */
export function rendering(stack: Stack, props: WorkStealingPoolProps = {}, gpu: Partial<FunctionGroupOptions> = {}): WorkStealingPool {
  const pool = new WorkStealingPool(stack, 'Render', props);
  pool.addGroup('Gpu', WorkerGroup.function(inlineFunction(stack, 'OnGpu'), { maxConcurrency: 8, ...gpu }));
  pool.addGroup('Cpu', WorkerGroup.function(inlineFunction(stack, 'OnCpu'), { maxConcurrency: 4 }));
  return pool;
}

interface SettingsOf {
  readonly Route: RouterSettings;
  readonly Coordinate: CoordinatorSettings;
  readonly GpuRun: RunnerSettings;
  readonly CpuRun: RunnerSettings;
}

/** What a handler of the pool is told, with logical ids in place of references. */
export function settingsOf<Handler extends keyof SettingsOf>(stack: Stack, handler: Handler): SettingsOf[Handler] {
  return JSON.parse(variablesOf(stack, handler).SETTINGS);
}

/** The environment of a handler of the pool, with logical ids in place of references. */
export function variablesOf(stack: Stack, handler: string, resolved: (value: any) => string = readable): Record<string, string> {
  const functions = Object.entries(Template.fromStack(stack).findResources('AWS::Lambda::Function'));
  const found = functions.find(([logicalId]) => new RegExp(`^Render${handler}[0-9A-F]{8}$`).test(logicalId));
  if (!found) throw new Error(`there is no handler '${handler}'`);
  return Object.fromEntries(Object.entries(found[1].Properties.Environment.Variables).map(([name, value]) => [name, resolved(value)]));
}
