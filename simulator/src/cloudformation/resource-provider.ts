/**
 * Which properties a resource type has here. A property that is missing here is an error naming it, never a silent no-op.
 * - `true`: simulated, any value.
 * - `'inert'`: accepted and without effect on behaviour (tags, descriptions, encryption at rest).
 * - a nested schema, or a one-element array of one for a list of objects.
 * - a function: checks a value and returns a sentence when it is not simulated.
 */
export type PropertySchema = { readonly [property: string]: PropertyRule };
export type PropertyRule = true | 'inert' | PropertySchema | readonly [PropertySchema] | ((value: unknown) => string | undefined);

/** A resource of a template with all intrinsic functions resolved. */
export interface ResourceInstance {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: any;
  readonly stackName: string;
  /** `aws:cdk:path` where the template has it, else the logical id: the readable name in traces. */
  readonly path: string;
  /** A deterministic physical name in CloudFormation's form, for resources that do not name themselves. */
  generatedName(maxLength?: number): string;
  /** The directory or file of an asset, by bucket and key, as the assembly's manifest tells. */
  assetPath(bucket: string, key: string): string;
}

/** What a created resource answers to `Ref` and `Fn::GetAtt`. */
export interface Provisioned {
  readonly ref: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface ResourceProvider {
  /** For example `AWS::SQS::Queue`. */
  readonly type: string;
  readonly properties: PropertySchema;
  create(resource: ResourceInstance): Provisioned;
}

/** A resource type that matters to CloudFormation or to people, but changes nothing about a running system. */
export function inert(type: string, attributes: readonly string[] = []): ResourceProvider {
  return {
    type,
    properties: { '*': 'inert' },
    create: (resource) => {
      const ref = resource.generatedName();
      return { ref, attributes: Object.fromEntries(attributes.map((name) => [name, `${ref}-${name}`])) };
    },
  };
}
