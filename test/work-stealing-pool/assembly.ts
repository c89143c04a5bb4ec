import { mkdtempSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { buildSync } from 'esbuild';
import { EFFECTS_TABLE } from './programs/work';
import { type ExternalGroupOptions, type FunctionGroupOptions, WorkerGroup, WorkStealingPool, type WorkStealingPoolProps } from '../../src';
import { synthesize } from '../simulate';

/** A group of a scene: a function with so many places, or workers outside. */
export type GroupOptions =
  | FunctionOptions
  | ExternalGroupOptions & { readonly external: true };

type FunctionOptions = FunctionGroupOptions & { readonly timeout?: Duration };

export interface AssemblyOptions {
  readonly props?: WorkStealingPoolProps;
  readonly propsOf?: (stack: Stack) => WorkStealingPoolProps;
  /** By name; two functions with 4 places each unless told otherwise. */
  readonly groups?: Readonly<Record<string, GroupOptions>>;
  readonly more?: (pool: WorkStealingPool, stack: Stack) => void;
}

const TWO_FUNCTIONS: Readonly<Record<string, GroupOptions>> = { A: { maxConcurrency: 4 }, B: { maxConcurrency: 4 } };

/** A pool `Render`; the function of a group is `OnA`, the role of workers outside `FleetRole`. @returns the directory of the assembly */
export function assemble({ props, propsOf, groups = TWO_FUNCTIONS, more }: AssemblyOptions = {}): string {
  return synthesize((stack) => {
    const pool = new WorkStealingPool(stack, 'Render', propsOf?.(stack) ?? props);
    const effects = new Table(stack, 'Effects', {
      partitionKey: { name: 'task', type: AttributeType.STRING }, sortKey: { name: 'fence', type: AttributeType.NUMBER },
    });
    for (const [name, options] of Object.entries(groups)) {
      if (isExternal(options)) addFleet(stack, pool, name, options, effects);
      else addFunction(stack, pool, name, options, effects);
    }
    more?.(pool, stack);
  });
}

function isExternal(options: GroupOptions): options is ExternalGroupOptions & { readonly external: true } {
  return 'external' in options;
}

function addFunction(stack: Stack, pool: WorkStealingPool, name: string, options: FunctionOptions, effects: Table): void {
  const { timeout = Duration.minutes(2), ...group } = options;
  const handler = new lambda.Function(stack, `On${name}`, {
    runtime: lambda.Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: lambda.Code.fromAsset(programDirectory('function')),
    timeout,
    environment: { [EFFECTS_TABLE]: effects.tableName },
  });
  effects.grant(handler, 'dynamodb:PutItem');
  pool.addGroup(name, WorkerGroup.function(handler, group)).addCommitter(handler);
}

function addFleet(stack: Stack, pool: WorkStealingPool, name: string, options: ExternalGroupOptions, effects: Table): void {
  const role = new Role(stack, `${name}Role`, { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
  new LogGroup(stack, `${name}Log`);
  effects.grant(role, 'dynamodb:PutItem');
  const group = pool.addGroup(name, WorkerGroup.external(options));
  group.grantWork(role);
  new CfnOutput(stack, `${name}Settings`, { value: group.workerSettings });
}

const directories = new Map<string, string>();

/** The bundle of user code: a group's function, or a worker outside with the runtime library in it. */
export function programDirectory(name: 'function' | 'worker'): string {
  const known = directories.get(name);
  if (known !== undefined) return known;
  const directory = mkdtempSync(path.join(tmpdir(), `${name}-`));
  buildSync({
    entryPoints: [path.join(__dirname, 'programs', `${name}.ts`)],
    outfile: path.join(directory, 'index.js'),
    bundle: true,
    platform: 'node',
    target: 'node22',
    external: ['@aws-sdk/*'],
  });
  directories.set(name, directory);
  return directory;
}
