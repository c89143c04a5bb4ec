import { readableName } from '../cloudformation/readable-name';
import type { DeployedResource } from '../cloudformation/stack-deployment';

/** Finds deployed resources by whatever a person calls them. */
export class ResourceDirectory {
  constructor(readonly resources: readonly DeployedResource[]) {}

  /**
   * The resource with this logical id, construct path (whole, or an end of it that no other resource has), physical name or
   * ARN. `types` narrows what is meant.
   */
  find(target: string, types?: readonly string[]): DeployedResource {
    const eligible = this.resources.filter(({ type }) => types === undefined || types.includes(type));
    for (const fits of [isExactly, endsWith]) {
      const found = eligible.filter((resource) => fits(resource, target));
      if (found.length === 1) return found[0];
      if (found.length > 1) throw new Error(`'${target}' is ambiguous: ${found.map(label).join(', ')}`);
    }
    throw new Error(`nothing is called '${target}'; there are ${listing(eligible)}`);
  }

  /** Resources of one of the types inside the construct of this path. */
  within(path: string, types: readonly string[]): DeployedResource[] {
    return this.resources.filter((resource) => types.includes(resource.type) && `/${constructPath(resource)}`.includes(`/${path}/`));
  }

  /** The readable name of the resource with this ARN, or the ARN. */
  nameOf(arn: string): string {
    const resource = this.resources.find(({ provisioned }) => provisioned.attributes?.Arn === arn);
    return resource ? readableName(resource.path) : arn;
  }
}

/** A resource's path without the `Resource` that the CDK adds below a construct of its own. */
export function constructPath({ path }: DeployedResource): string {
  return path.replace(/\/(Resource|Default)$/, '');
}

function isExactly(resource: DeployedResource, target: string): boolean {
  const { ref, attributes = {} } = resource.provisioned;
  return [resource.logicalId, resource.path, constructPath(resource), ref, attributes.Arn, physicalName(attributes.Arn ?? ref)].includes(target);
}

function endsWith(resource: DeployedResource, target: string): boolean {
  return constructPath(resource).endsWith(`/${target}`) || resource.path.endsWith(`/${target}`);
}

/** The last part of an ARN or URL. */
function physicalName(identifier: string): string {
  return identifier.split(/[:/]/).pop()!;
}

function label(resource: DeployedResource): string {
  return `${constructPath(resource)} (${resource.type}, logical id ${resource.logicalId} in stack ${resource.stackName})`;
}

const MOST_LISTED = 30;

function listing(resources: readonly DeployedResource[]): string {
  if (resources.length === 0) return 'none of that kind';
  const names = resources.map((resource) => `${constructPath(resource)} (${resource.type.replace(/^AWS::/, '')})`);
  return names.slice(0, MOST_LISTED).join(', ') + (names.length > MOST_LISTED ? ` and ${names.length - MOST_LISTED} more` : '');
}
