import type { Service, World } from '../service';
import { readAssembly, type StackSource } from './assembly';
import { sortByNeeds } from './dependencies';
import { INERT_TYPES } from './inert-types';
import { imports } from './intrinsics';
import type { ResourceProvider } from './resource-provider';
import { Secrets, type SecretValues } from './secrets';
import { type DeployedResource, type DeploymentContext, StackDeployment } from './stack-deployment';

export interface DeploymentOptions {
  /** Names of the stacks to deploy, with those that they depend on; default all. */
  readonly stacks?: readonly string[];
  /** Template parameters, for every stack that declares them. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Values of the secrets that templates refer to; the name stands in for the value of any other. */
  readonly secrets?: SecretValues;
}

export interface Deployment {
  /** In the order of creation. */
  readonly resources: readonly DeployedResource[];
  /** Outputs by stack name. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** The stacks of an assembly that the options ask for, in an order in which they can be deployed. */
export function selectStacks(location: string, options: DeploymentOptions = {}): StackSource[] {
  const all = readAssembly(location);
  const producers = exportsOf(all);
  const needs = (name: string) => {
    const stack = all.find((one) => one.name === name)!;
    const artifacts = all.filter(({ aliases }) => aliases.some((alias) => stack.dependencies.includes(alias)));
    const imported = [...imports(stack.template.Resources), ...imports(stack.template.Outputs)].map((value) => producers.get(value));
    return [...artifacts.map((one) => one.name), ...imported.filter((one) => one !== undefined)];
  };
  const wanted = (options.stacks ?? []).map((name) => {
    const stack = all.find((one) => one.name === name || one.aliases.includes(name));
    if (!stack) throw new Error(`${location} has no stack ${name}; stacks: ${all.map((one) => one.name).join(', ')}`);
    return stack.name;
  });
  const names = sortByNeeds(wanted.length > 0 ? wanted : all.map(({ name }) => name), needs, (cycle) => `stacks depend on each other in a circle: ${cycle.join(' → ')}`);
  return names.map((name) => all.find((one) => one.name === name)!);
}

/** The account and region that the stacks are bound to, if any is; stacks in two places are refused. */
export function environmentOf(stacks: readonly StackSource[]): { readonly account?: string; readonly region?: string } {
  const one = (what: 'account' | 'region') => {
    const values = [...new Set(stacks.map((stack) => stack[what]).filter((value) => value !== undefined))];
    if (values.length > 1) throw new Error(`the stacks are for more than one ${what} (${values.join(', ')}); simulate those of one at a time`);
    return values[0];
  };
  return { account: one('account'), region: one('region') };
}

/** Creates the resources of the stacks, in the given order. */
export function deploy(world: World, services: readonly Service[], stacks: readonly StackSource[], options: DeploymentOptions = {}): Deployment {
  const stored = new Map<string, string>();
  const secrets = new Secrets(world, options.secrets ?? {});
  const all = [...INERT_TYPES, ssmParameter(world, stored), secrets.provider, ...services.flatMap(({ resources }) => resources)];
  const providers = new Map(all.map((provider) => [provider.type, provider]));
  const context: DeploymentContext = { world, providers, exports: new Map(), ssm: (name) => stored.get(name), secrets, resources: [] };
  for (const stack of stacks) StackDeployment.checkTypes(stack, providers);
  checkParameters(stacks, options.parameters ?? {});
  const outputs: Record<string, Record<string, unknown>> = {};
  for (const stack of stacks) {
    const declared = Object.entries(options.parameters ?? {}).filter(([name]) => name in (stack.template.Parameters ?? {}));
    const parameters = { ...stack.parameters, ...Object.fromEntries(declared) };
    const deployment = new StackDeployment({ ...stack, nested: (key) => stack.nested(key), parameters }, context);
    deployment.create();
    outputs[stack.name] = deployment.outputs;
  }
  return { resources: context.resources, outputs };
}

function checkParameters(stacks: readonly StackSource[], given: Readonly<Record<string, string>>) {
  const unknown = Object.keys(given).find((name) => !stacks.some(({ template }) => name in (template.Parameters ?? {})));
  if (unknown !== undefined) throw new Error(`no stack has a parameter ${unknown}`);
}

/** Which stack exports a name, as far as names are written out. */
function exportsOf(stacks: readonly StackSource[]): Map<string, string> {
  return new Map(stacks.flatMap(({ name, template }) => Object.values(template.Outputs ?? {})
    .map((output) => output.Export?.Name)
    .filter((exported) => typeof exported === 'string')
    .map((exported) => [exported, name] as const)));
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ssm-parameter.html: only templates read it. */
function ssmParameter(world: World, stored: Map<string, string>): ResourceProvider {
  return {
    type: 'AWS::SSM::Parameter',
    properties: {
      Name: true, Type: true, Value: true, AllowedPattern: 'inert', DataType: 'inert', Description: 'inert', Policies: 'inert', Tags: 'inert', Tier: 'inert',
    },
    create: ({ properties, generatedName }) => {
      const name: string = properties.Name ?? generatedName();
      stored.set(name, String(properties.Value));
      const arn = `arn:aws:ssm:${world.region}:${world.account}:parameter/${name.replace(/^\//, '')}`;
      return { ref: name, attributes: { Type: properties.Type, Value: String(properties.Value), Arn: arn } };
    },
  };
}
