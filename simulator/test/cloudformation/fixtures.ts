import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { deploy, type DeploymentOptions, selectStacks } from '../../src/cloudformation/deployment';
import type { ResourceInstance } from '../../src/cloudformation/resource-provider';
import { PolicyEngine } from '../../src/iam/policies';
import type { ServiceFactory } from '../../src/service';
import { SimulatedWorld } from '../../src/world';

const directories: string[] = [];

afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true });
});

/** Writes files into a fresh directory; objects become JSON. */
export function directoryWith(files: Record<string, unknown>): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'assembly-'));
  directories.push(directory);
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(directory, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  }
  return directory;
}

export interface StackFixture {
  readonly template: object;
  readonly needs?: string[];
  readonly environment?: string;
}

/** An assembly of stacks by name, each with its template and the names of the stacks that it depends on. */
export function assembly(stacks: Record<string, StackFixture>, more: Record<string, unknown> = {}): string {
  const artifacts = Object.fromEntries(Object.entries(stacks).map(([name, { needs = [], environment }]) => [name, {
    type: 'aws:cloudformation:stack',
    environment: environment ?? 'aws://unknown-account/unknown-region',
    properties: { templateFile: `${name}.template.json` },
    dependencies: needs,
    displayName: name,
  }]));
  const templates = Object.fromEntries(Object.entries(stacks).map(([name, { template }]) => [`${name}.template.json`, template]));
  return directoryWith({ 'manifest.json': { version: '55.0.0', artifacts }, ...templates, ...more });
}

/** A type that records what it is given, answers to `Ref` with its logical id and to `Arn` and `Nested.Name`. */
function probeService(created: ResourceInstance[]): ServiceFactory {
  return () => ({
    name: 'probe',
    operations: {},
    resources: [{
      type: 'Test::Probe',
      properties: {
        Value: true,
        Comment: 'inert',
        Shape: { Size: true },
        Items: [{ Name: true }],
        Mode: (value) => (value === 'fast' ? undefined : `must be fast, got ${JSON.stringify(value)}`),
      },
      create: (resource) => {
        created.push(resource);
        if (resource.properties.Value === 'explode') throw new Error('it exploded');
        return { ref: resource.logicalId, attributes: { 'Arn': `arn:probe:${resource.logicalId}`, 'Nested.Name': 'deep' } };
      },
    }],
  });
}

/** Deploys an assembly or template file into a world that knows `Test::Probe`. */
export function deployProbes(location: string, options: DeploymentOptions = {}) {
  const created: ResourceInstance[] = [];
  const world = new SimulatedWorld(new PolicyEngine({ account: '123456789012', region: 'us-east-1' }), [probeService(created)]);
  const deployment = deploy(world, world.allServices(), selectStacks(location, options), options);
  return { created, deployment, value: (logicalId: string) => created.find((one) => one.logicalId === logicalId)?.properties.Value };
}

/** The `Value` of a probe whose template has these sections; `Value` may use intrinsic functions. */
export function valueOf(Value: unknown, sections: Record<string, any> = {}, options: DeploymentOptions = {}): any {
  const { Resources = {}, ...rest } = sections;
  const template = { ...rest, Resources: { ...Resources, Probe: { Type: 'Test::Probe', Properties: { Value } } } };
  return deployProbes(assembly({ Stack: { template } }), options).value('Probe');
}
