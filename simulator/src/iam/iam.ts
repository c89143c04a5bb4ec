import type { AccessRequest, Principal } from './principal';

export interface PolicyStatement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: string | string[];
  readonly NotAction?: string | string[];
  readonly Resource?: string | string[];
  readonly NotResource?: string | string[];
  readonly Principal?: any;
  readonly Condition?: Record<string, Record<string, unknown>>;
  readonly Sid?: string;
}

export interface PolicyDocument {
  readonly Statement: PolicyStatement | PolicyStatement[];
  readonly Version?: string;
}

/** A granted action that no call of the run needed. */
export interface UnusedGrant {
  readonly role: string;
  readonly action: string;
  readonly resource: string;
}

/** A request that was refused, and how often. */
export interface Denial {
  /** The role's ARN, or the service principal. */
  readonly role: string;
  readonly action: string;
  readonly resource: string;
  readonly count: number;
}

/** Identity and resource policies of the simulated account. */
export interface Iam {
  /** Each distinct request that was refused, in the order of the first refusals. */
  readonly denials: readonly Denial[];
  /** A role and who may assume it. Without a trust policy anyone may. */
  addRole(roleArn: string, trustPolicy?: PolicyDocument): void;
  addRolePolicy(roleArn: string, policyName: string, document: PolicyDocument): void;
  /** Policy attached to a resource: a queue, bus, function. Several documents for one resource add up. */
  addResourcePolicy(resourceArn: string, document: PolicyDocument): void;
  /** Throws an `AccessDenied` ServiceError that names principal, action and resource. */
  authorize(principal: Principal, request: AccessRequest): void;
  /**
   * Like `authorize`, for what a service does on the side with a role, such as writing logs or traces: a refusal is neither an
   * error nor in the report, as on AWS.
   */
  attempt(principal: Principal, request: AccessRequest): boolean;
  /** Whether the same request would be allowed; does not count as a use of the permission. */
  isAllowed(principal: Principal, request: AccessRequest): boolean;
  /** Whether a service such as `lambda.amazonaws.com` may act as the role. */
  canAssume(service: string, roleArn: string, sourceArn?: string): boolean;
  unusedGrants(): UnusedGrant[];
}
