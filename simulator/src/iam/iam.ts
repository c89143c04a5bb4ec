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

/** Identity and resource policies of the simulated account. */
export interface Iam {
  addRolePolicy(roleArn: string, policyName: string, document: PolicyDocument): void;
  /** Policy attached to a resource: a queue, bus, function. Several documents for one resource add up. */
  addResourcePolicy(resourceArn: string, document: PolicyDocument): void;
  /** Throws an `AccessDenied` ServiceError that names principal, action and resource. */
  authorize(principal: Principal, request: AccessRequest): void;
  /** Whether the same request would be allowed. */
  isAllowed(principal: Principal, request: AccessRequest): boolean;
  unusedGrants(): UnusedGrant[];
}
