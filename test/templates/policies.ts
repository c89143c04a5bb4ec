import type { TemplateFile } from './template';
import { deploy, selectStacks } from '../../simulator/src/cloudformation/deployment';
import type { Provisioned, ResourceInstance } from '../../simulator/src/cloudformation/resource-provider';
import { PolicyEngine } from '../../simulator/src/iam/policies';
import { allServices } from '../../simulator/src/services';
import { ACCOUNT, REGION, SimulatedWorld } from '../../simulator/src/world';

/** What a policy is attached to decides what it must say: who may act as a role, what an identity may do, or who may do what with a resource. */
export type PolicyKind = 'trust' | 'identity' | 'resource';

export interface Policy {
  readonly kind: PolicyKind;
  /** The construct path of the resource that has it. */
  readonly where: string;
  /** Which of the resource's properties it is, for example `Policies.0.PolicyDocument`. */
  readonly property: string;
  /** Without intrinsic functions: ARNs are written out. */
  readonly document: PolicyDocument;
}

export interface PolicyDocument {
  readonly Version?: string;
  readonly Statement: unknown;
}

type Deployed = Pick<ResourceInstance, 'type' | 'path' | 'properties'> & { readonly provisioned: Provisioned };

/**
 * Every policy of the templates at a location, whatever property of whatever resource holds it, as a deployment would make it.
 * @throws when a template has a policy that the deployment does not
 */
export function policiesAt(location: string, templates: readonly TemplateFile[]): Map<TemplateFile, Policy[]> {
  const deployed = new Map(deployedResources(location).map((resource) => [resource.path, policiesOf(resource)]));
  const ofResource = (template: TemplateFile, logicalId: string): Policy[] => {
    const { Type: type, Properties: properties } = template.resources[logicalId];
    const where = template.pathOf(logicalId);
    const written = policiesOf({ type, path: where, properties, provisioned: { ref: logicalId } });
    const made = deployed.get(where) ?? [];
    if (made.length !== written.length) throw new Error(`${template.name}: ${where} has ${written.length} policies, and ${made.length} when it is deployed`);
    return made;
  };
  return new Map(templates.map((template) => [template, Object.keys(template.resources).flatMap((logicalId) => ofResource(template, logicalId))]));
}

/** The resources as they are created: no intrinsic function is left in their properties. */
function deployedResources(location: string): Deployed[] {
  const created: Deployed[] = [];
  const world = new SimulatedWorld(new PolicyEngine({ account: ACCOUNT, region: REGION }), allServices());
  const services = world.allServices().map((service) => ({
    ...service,
    resources: service.resources.map((provider) => ({
      ...provider,
      create: (resource: ResourceInstance) => {
        const provisioned = provider.create(resource);
        created.push({ ...resource, provisioned });
        return provisioned;
      },
    })),
  }));
  deploy(world, services, selectStacks(location));
  return created;
}

export function policiesOf({ type, path: where, properties, provisioned }: Deployed): Policy[] {
  const documents = [...documentsIn(properties ?? {})];
  if (type === 'AWS::Lambda::Permission') documents.push(['', { Statement: [permission(properties)] }]);
  return documents.map(([property, document]) => ({
    kind: kindOf(type, property),
    where,
    property,
    document: legible({ Version: '2012-10-17', ...document }, type === 'AWS::KMS::Key' ? provisioned.attributes?.Arn : undefined),
  }));
}

function* documentsIn(value: object, property = ''): Generator<[string, PolicyDocument]> {
  if (isDocument(value)) {
    yield [property, value];
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    if (typeof item === 'object' && item !== null) yield* documentsIn(item, property === '' ? key : `${property}.${key}`);
  }
}

function isDocument(value: object): value is PolicyDocument {
  const { Statement: statements } = value as Partial<PolicyDocument>;
  return [statements].flat().some((statement) => typeof statement === 'object' && statement !== null && 'Effect' in statement);
}

function kindOf(type: string, property: string): PolicyKind {
  if (property === 'AssumeRolePolicyDocument') return 'trust';
  return type.startsWith('AWS::IAM::') ? 'identity' : 'resource';
}

/** What Lambda adds to a function's policy. https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html */
function permission({ Action, FunctionName, Principal, SourceArn, SourceAccount }: any) {
  return {
    Effect: 'Allow',
    Principal: { [/\.amazonaws\.com$/.test(Principal) ? 'Service' : 'AWS']: Principal },
    Action,
    Resource: FunctionName,
    Condition: {
      ...SourceArn && { ArnLike: { 'aws:SourceArn': SourceArn } },
      ...SourceAccount && { StringEquals: { 'aws:SourceAccount': SourceAccount } },
    },
  };
}

/**
 * A document in words that a linter understands. In a key's policy `*` is that key, and the label of a stream has colons, at which linters split an ARN.
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
 */
function legible(document: PolicyDocument, keyArn: string | undefined): PolicyDocument {
  return JSON.parse(JSON.stringify(document), (key, value) => {
    if (key === 'Resource' && value === '*' && keyArn !== undefined) return keyArn;
    return typeof value === 'string' ? value.replace(/(?<=:table\/[^/]+\/stream\/)[\d-]+T[\d:.]+$/, 'label') : value;
  });
}
