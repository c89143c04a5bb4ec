import { createHash } from 'crypto';
import type { World } from '../service';
import type { AssetCatalog } from './assets';
import { creationOrder } from './dependencies';
import { evaluate, NO_VALUE, resolve, type Scope } from './intrinsics';
import { parameterValues } from './parameters';
import { checkProperties } from './property-check';
import type { Provisioned, ResourceInstance, ResourceProvider } from './resource-provider';
import type { Secrets } from './secrets';
import type { Template, TemplateResource } from './template';

/** A resource that exists, and what it answers to. */
export interface DeployedResource {
  readonly stackName: string;
  readonly logicalId: string;
  readonly type: string;
  /** Construct path where known, else the logical id. */
  readonly path: string;
  readonly provisioned: Provisioned;
}

/** What all stacks of a deployment share. */
export interface DeploymentContext {
  readonly world: World;
  readonly providers: ReadonlyMap<string, ResourceProvider>;
  /** Values exported by stacks that exist already. */
  readonly exports: Map<string, unknown>;
  /** Values in the SSM Parameter Store. */
  readonly ssm: (name: string) => string | undefined;
  readonly secrets: Secrets;
  readonly resources: DeployedResource[];
}

export interface StackInput {
  readonly name: string;
  readonly template: Template;
  readonly paths: ReadonlyMap<string, string>;
  readonly assets: AssetCatalog;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly nested: (key: string) => { readonly template: Template; readonly paths: ReadonlyMap<string, string> };
}

const NESTED_STACK = 'AWS::CloudFormation::Stack';

/** Creates the resources of one stack, in dependency order, as CloudFormation would. */
export class StackDeployment {
  /** Throws before anything is created when the template has a type that is not simulated. */
  static checkTypes(stack: Pick<StackInput, 'name' | 'template' | 'paths'>, providers: ReadonlyMap<string, ResourceProvider>) {
    for (const [logicalId, { Type: type }] of Object.entries(stack.template.Resources)) {
      if (providers.has(type) || type === NESTED_STACK) continue;
      const known = [...providers.keys(), NESTED_STACK].sort().join(', ');
      throw new Error(`stack ${stack.name}: resource ${label(logicalId, stack.paths)} has type ${type}, which is not simulated; simulated: ${known}`);
    }
  }

  readonly outputs: Record<string, unknown> = {};
  private readonly created = new Map<string, Provisioned>();
  private readonly parameters: ReadonlyMap<string, unknown>;
  private readonly conditions = new Map<string, boolean | 'evaluating'>();

  constructor(private readonly stack: StackInput, private readonly context: DeploymentContext) {
    this.parameters = parameterValues(stack.template, stack.parameters, context.ssm, this.where());
  }

  create() {
    for (const logicalId of creationOrder(this.stack.template, this.where())) {
      const resource = this.stack.template.Resources[logicalId];
      if (resource.Condition !== undefined && !this.condition(resource.Condition)) continue;
      this.created.set(logicalId, this.createResource(logicalId, resource));
    }
    for (const [name, output] of Object.entries(this.stack.template.Outputs ?? {})) {
      if (output.Condition !== undefined && !this.condition(output.Condition)) continue;
      const scope = this.scope(`output ${name}`);
      this.outputs[name] = resolve(output.Value, scope);
      if (output.Export) this.export(String(resolve(output.Export.Name, scope)), this.outputs[name]);
    }
  }

  private createResource(logicalId: string, resource: TemplateResource): Provisioned {
    const subject = `resource ${label(logicalId, this.stack.paths)}`;
    const properties = resolve(resource.Properties ?? {}, this.scope(subject));
    const provisioned = resource.Type === NESTED_STACK
      ? this.createNestedStack(logicalId, properties)
      : this.provision(logicalId, resource, properties, subject);
    this.context.resources.push({
      stackName: this.stack.name,
      logicalId,
      type: resource.Type,
      path: this.pathOf(logicalId, resource),
      provisioned,
    });
    return provisioned;
  }

  private provision(logicalId: string, resource: TemplateResource, properties: unknown, subject: string): Provisioned {
    const provider = this.context.providers.get(resource.Type)!;
    const problem = checkProperties(properties, provider.properties);
    if (problem) throw new Error(`${this.where(subject)} of type ${resource.Type}: ${problem}`);
    const instance: ResourceInstance = {
      logicalId,
      type: resource.Type,
      properties,
      stackName: this.stack.name,
      path: this.pathOf(logicalId, resource),
      generatedName: (maxLength) => generatedName(this.stack.name, logicalId, maxLength),
      assetPath: (bucket, key) => this.stack.assets.locate(bucket, key, resource.Metadata?.['aws:asset:path']),
    };
    try {
      return provider.create(instance);
    } catch (error: any) {
      throw new Error(`${this.where(subject)} of type ${resource.Type}: ${error?.message}`, { cause: error });
    }
  }

  /** The nested template comes from the asset that `TemplateURL` names; its outputs become attributes. */
  private createNestedStack(logicalId: string, properties: any): Provisioned {
    const key = String(properties.TemplateURL ?? '').split('/').pop()!;
    const name = generatedName(this.stack.name, logicalId, 128);
    const nested = new StackDeployment({
      ...this.stack,
      ...this.stack.nested(key),
      name,
      parameters: Object.fromEntries(Object.entries(properties.Parameters ?? {})),
    }, this.context);
    nested.checkOwnTypes();
    nested.create();
    const { region, account } = this.context.world;
    return {
      ref: `arn:aws:cloudformation:${region}:${account}:stack/${name}/${hash(name).toLowerCase()}`,
      attributes: Object.fromEntries(Object.entries(nested.outputs).map(([output, value]) => [`Outputs.${output}`, value as string])),
    };
  }

  private checkOwnTypes() {
    StackDeployment.checkTypes(this.stack, this.context.providers);
  }

  private pathOf(logicalId: string, resource: TemplateResource): string {
    const inTemplate = resource.Metadata?.['aws:cdk:path'];
    return typeof inTemplate === 'string' ? inTemplate : this.stack.paths.get(logicalId) ?? logicalId;
  }

  private scope(subject: string): Scope {
    const where = this.where(subject);
    return {
      where,
      ref: (name) => this.ref(name, where),
      attribute: (logicalId, name) => this.attribute(logicalId, name, where),
      condition: (name) => this.condition(name),
      mapping: (map, key, second) => this.stack.template.Mappings?.[map]?.[key]?.[second],
      importValue: (name) => this.importValue(name, where),
      dynamicReference: (reference) => this.dynamicReference(reference, where),
      availabilityZones: () => ['a', 'b', 'c'].map((zone) => `${this.context.world.region}${zone}`),
    };
  }

  private ref(name: string, where: string): unknown {
    if (name.startsWith('AWS::')) return this.pseudoParameter(name, where);
    if (this.parameters.has(name)) return this.parameters.get(name);
    return this.existing(name, where).ref;
  }

  private attribute(logicalId: string, name: string, where: string): unknown {
    const { attributes = {} } = this.existing(logicalId, where);
    if (!(name in attributes)) {
      const { Type: type } = this.stack.template.Resources[logicalId];
      throw new Error(`${where}: attribute ${name} of ${logicalId} (${type}) is not simulated; simulated: ${Object.keys(attributes).join(', ') || 'none'}`);
    }
    return attributes[name];
  }

  private existing(logicalId: string, where: string): Provisioned {
    const resource = this.created.get(logicalId);
    if (resource) return resource;
    const why = logicalId in this.stack.template.Resources ? 'which its condition leaves out' : 'which the template does not have';
    throw new Error(`${where} refers to ${logicalId}, ${why}`);
  }

  private pseudoParameter(name: string, where: string): unknown {
    const { account, region } = this.context.world;
    switch (name) {
      case 'AWS::AccountId': return account;
      case 'AWS::Region': return region;
      case 'AWS::Partition': return 'aws';
      case 'AWS::URLSuffix': return 'amazonaws.com';
      case 'AWS::StackName': return this.stack.name;
      case 'AWS::StackId': return `arn:aws:cloudformation:${region}:${account}:stack/${this.stack.name}/${hash(this.stack.name).toLowerCase()}`;
      case 'AWS::NotificationARNs': return [];
      case 'AWS::NoValue': return NO_VALUE;
      default: throw new Error(`${where}: pseudo parameter ${name} is not known`);
    }
  }

  private condition(name: string): boolean {
    const known = this.conditions.get(name);
    if (known === 'evaluating') throw new Error(`${this.where()}: condition ${name} depends on itself`);
    if (known !== undefined) return known;
    const definition = this.stack.template.Conditions?.[name];
    if (definition === undefined) throw new Error(`${this.where()}: the template has no condition ${name}`);
    this.conditions.set(name, 'evaluating');
    const value = evaluate(definition, this.scope(`condition ${name}`));
    this.conditions.set(name, value);
    return value;
  }

  private importValue(name: string, where: string): unknown {
    if (this.context.exports.has(name)) return this.context.exports.get(name);
    throw new Error(`${where} imports ${name}, which no stack exports; exported: ${[...this.context.exports.keys()].join(', ') || 'none'}`);
  }

  private dynamicReference(reference: string, where: string): string {
    try {
      return this.context.secrets.resolve(reference);
    } catch (error: any) {
      throw new Error(`${where}: ${error.message}`);
    }
  }

  private export(name: string, value: unknown) {
    if (this.context.exports.has(name)) throw new Error(`${this.where()} exports ${name}, which another stack exports already`);
    this.context.exports.set(name, value);
  }

  private where(subject?: string): string {
    return `stack ${this.stack.name}${subject === undefined ? '' : `, ${subject}`}`;
  }
}

function label(logicalId: string, paths: ReadonlyMap<string, string>): string {
  const path = paths.get(logicalId);
  return path === undefined ? logicalId : `${logicalId} (${path})`;
}

/** `Stack-LogicalId-1A2B3C4D5E6F`, as CloudFormation names things, but the same every time. */
function generatedName(stackName: string, logicalId: string, maxLength: number = 255): string {
  const suffix = hash(`${stackName}/${logicalId}`);
  const room = maxLength - suffix.length - 2;
  const [stack, id] = stackName.length + logicalId.length <= room
    ? [stackName, logicalId]
    : [stackName.slice(0, Math.max(Math.floor(room / 2), room - logicalId.length)), logicalId];
  return `${stack}-${id.slice(0, room - stack.length)}-${suffix}`;
}

function hash(text: string): string {
  return BigInt(`0x${createHash('sha256').update(text).digest('hex').slice(0, 16)}`).toString(36).toUpperCase().padStart(12, '0').slice(-12);
}
