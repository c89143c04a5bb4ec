import type { PropertySchema, ResourceInstance, ResourceProvider } from '../../cloudformation/resource-provider';
import type { PolicyDocument } from '../../iam/iam';
import { awsManagedPolicy, isAwsManaged } from '../../iam/managed-policies';
import type { PolicyEngine } from '../../iam/policies';
import type { Service, World } from '../../service';

/** The resources of IAM; the decisions are made in `iam/`. */
export function iamService(world: World): Service {
  const identities = new Identities(world);
  return {
    name: 'iam',
    operations: {},
    resources: [identities.role(), identities.policy(), identities.managedPolicy(), identities.serviceLinkedRole()],
  };
}

const NOT_SIMULATED = (what: string) => (value: unknown) => (Array.isArray(value) && value.length === 0 ? undefined : `${what} are not simulated`);

const ATTACHMENTS: PropertySchema = { Roles: true, Users: NOT_SIMULATED('IAM users'), Groups: NOT_SIMULATED('IAM groups') };

class Identities {
  private readonly roles = new Map<string, string>();
  /** Customer managed policies by ARN, with the roles that they are attached to. */
  private readonly managed = new Map<string, { readonly name: string; readonly document: PolicyDocument }>();

  constructor(private readonly world: World) {}

  /** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-role.html */
  role(): ResourceProvider {
    return {
      type: 'AWS::IAM::Role',
      properties: {
        RoleName: true,
        Path: true,
        AssumeRolePolicyDocument: true,
        ManagedPolicyArns: true,
        Policies: true,
        PermissionsBoundary: true,
        Description: 'inert',
        MaxSessionDuration: 'inert',
        Tags: 'inert',
      },
      create: (resource) => {
        const { properties } = resource;
        const name: string = properties.RoleName ?? resource.generatedName(64);
        if (this.roles.has(name)) throw new Error(`role ${name} exists already: two roles of the templates have this name`);
        const arn = `arn:aws:iam::${this.world.account}:role${properties.Path ?? '/'}${name}`;
        this.roles.set(name, arn);
        this.world.iam.addRole(arn, properties.AssumeRolePolicyDocument);
        for (const { PolicyName, PolicyDocument: document } of properties.Policies ?? []) this.world.iam.addRolePolicy(arn, PolicyName, document);
        for (const policyArn of properties.ManagedPolicyArns ?? []) this.attach(arn, policyArn);
        if (properties.PermissionsBoundary) this.engine().setBoundary(arn, this.documentOf(properties.PermissionsBoundary).document);
        return { ref: name, attributes: { Arn: arn, RoleId: `AROA${resource.generatedName(60).replace(/\W/g, '').toUpperCase().slice(0, 17)}` } };
      },
    };
  }

  /** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-policy.html */
  policy(): ResourceProvider {
    return {
      type: 'AWS::IAM::Policy',
      properties: { PolicyName: true, PolicyDocument: true, ...ATTACHMENTS },
      create: (resource) => {
        const { PolicyName, PolicyDocument: document } = resource.properties;
        for (const arn of this.rolesOf(resource)) this.world.iam.addRolePolicy(arn, PolicyName, document);
        return { ref: PolicyName, attributes: { Id: PolicyName } };
      },
    };
  }

  /** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-managedpolicy.html */
  managedPolicy(): ResourceProvider {
    return {
      type: 'AWS::IAM::ManagedPolicy',
      properties: { ManagedPolicyName: true, Path: true, PolicyDocument: true, Description: 'inert', ...ATTACHMENTS },
      create: (resource) => {
        const { properties } = resource;
        const name: string = properties.ManagedPolicyName ?? resource.generatedName(128);
        const arn = `arn:aws:iam::${this.world.account}:policy${properties.Path ?? '/'}${name}`;
        this.managed.set(arn, { name, document: properties.PolicyDocument });
        for (const role of this.rolesOf(resource)) this.attach(role, arn);
        return { ref: arn, attributes: { PolicyArn: arn } };
      },
    };
  }

  /** Exists in AWS for a service to act in the account; the simulated services need no such role. */
  serviceLinkedRole(): ResourceProvider {
    return {
      type: 'AWS::IAM::ServiceLinkedRole',
      properties: { AWSServiceName: 'inert', CustomSuffix: 'inert', Description: 'inert' },
      create: (resource) => ({ ref: resource.generatedName(64), attributes: { RoleName: resource.generatedName(64) } }),
    };
  }

  private rolesOf(resource: ResourceInstance): string[] {
    return (resource.properties.Roles ?? []).map((name: string) => {
      const arn = this.roles.get(name);
      if (!arn) throw new Error(`policy is for role '${name}', which is not a role of the templates; roles: ${[...this.roles.keys()].join(', ') || 'none'}`);
      return arn;
    });
  }

  private attach(roleArn: string, policyArn: string) {
    const { name, document, awsManaged } = this.documentOf(policyArn);
    this.engine().addRolePolicy(roleArn, name, document, { awsManaged });
  }

  private documentOf(policyArn: string): { name: string; document: PolicyDocument; awsManaged: boolean } {
    if (isAwsManaged(policyArn)) return { name: policyArn, document: awsManagedPolicy(policyArn), awsManaged: true };
    const own = this.managed.get(policyArn);
    if (!own) throw new Error(`managed policy ${policyArn} is neither AWS's nor in the templates`);
    return { ...own, awsManaged: false };
  }

  private engine(): PolicyEngine {
    return this.world.iam as PolicyEngine;
  }
}
