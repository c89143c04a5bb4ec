import { ServiceError } from '../service';
import { type Account, keyLookup, type KeyLookup } from './condition-keys';
import type { Denial, Iam, PolicyDocument, UnusedGrant } from './iam';
import type { AccessRequest, Principal } from './principal';
import { compile, type Statement } from './statement';

interface Role {
  trust?: Statement[];
  boundary?: Statement[];
  readonly policies: Array<{ readonly name: string; readonly awsManaged: boolean; readonly statements: Statement[] }>;
}

interface Decision {
  readonly allowed: boolean;
  /** Why not, in AWS's words, without the action. */
  readonly reason: string;
}

const ALLOWED: Decision = { allowed: true, reason: '' };

/**
 * The policy evaluation of one account: an explicit deny wins; a role is allowed by its own policies or by the resource's;
 * an AWS service only by the resource's; an AWS KMS key's policy must agree in any case.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export class PolicyEngine implements Iam {
  private readonly roles = new Map<string, Role>();
  private readonly resourcePolicies = new Map<string, Statement[]>();
  private readonly decisions = new Map<string, Decision>();
  private readonly denied = new Map<string, { role: string; action: string; resource: string; count: number }>();

  constructor(private readonly place: Account) {}

  get denials(): readonly Denial[] {
    return [...this.denied.values()];
  }

  addRole(roleArn: string, trustPolicy?: PolicyDocument) {
    const role = this.role(roleArn);
    if (trustPolicy) role.trust = compile(trustPolicy, `trust policy of ${roleArn}`);
  }

  addRolePolicy(roleArn: string, policyName: string, document: PolicyDocument, options: { awsManaged?: boolean } = {}) {
    const statements = compile(document, `policy ${policyName} of ${roleArn}`);
    this.role(roleArn).policies.push({ name: policyName, awsManaged: options.awsManaged ?? false, statements });
    this.decisions.clear();
  }

  /** The most that a role's own policies can allow: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html */
  setBoundary(roleArn: string, document: PolicyDocument) {
    this.role(roleArn).boundary = compile(document, `permissions boundary of ${roleArn}`);
    this.decisions.clear();
  }

  addResourcePolicy(resourceArn: string, document: PolicyDocument) {
    const statements = this.resourcePolicies.get(resourceArn) ?? [];
    statements.push(...compile(document, `resource policy of ${resourceArn}`));
    this.resourcePolicies.set(resourceArn, statements);
    this.decisions.clear();
  }

  authorize(principal: Principal, request: AccessRequest) {
    const { allowed, reason } = this.decide(principal, request);
    if (allowed) return;
    const who = nameOf(principal);
    const key = `${who}|${request.action}|${request.resource}`;
    const denial = this.denied.get(key) ?? { role: who, action: request.action, resource: request.resource, count: 0 };
    denial.count++;
    this.denied.set(key, denial);
    throw new ServiceError(
      'AccessDeniedException',
      `User: ${who} is not authorized to perform: ${request.action} on resource: ${request.resource} ${reason}`,
      { fields: { role: who, action: request.action, resource: request.resource } },
    );
  }

  attempt(principal: Principal, request: AccessRequest): boolean {
    return this.decide(principal, request).allowed;
  }

  isAllowed(principal: Principal, request: AccessRequest): boolean {
    return this.evaluate(principal, request, false).decision.allowed;
  }

  canAssume(service: string, roleArn: string, sourceArn?: string): boolean {
    const role = this.roles.get(roleArn);
    if (!role) return false;
    if (!role.trust) return true;
    const principal: Principal = { kind: 'service', service, sourceArn };
    const request = { action: 'sts:AssumeRole', resource: roleArn };
    const lookup = keyLookup(principal, request, this.place);
    const fits = role.trust.filter((statement) => statement.covers(request, lookup)
      && statement.matchPrincipal(principal, this.place.account) === 'direct' && statement.conditions.hold(lookup));
    return fits.length > 0 && fits.every(({ allows }) => allows);
  }

  unusedGrants(): UnusedGrant[] {
    const grants = [...this.roles].flatMap(([role, { policies }]) => policies
      .filter(({ awsManaged }) => !awsManaged)
      .flatMap(({ statements }) => statements.filter(({ allows }) => allows))
      .flatMap((statement) => statement.unused().map((grant) => ({ role, ...grant }))));
    const distinct = new Map(grants.map((grant) => [`${grant.role}|${grant.action}|${grant.resource}`, grant]));
    return [...distinct.values()];
  }

  private role(arn: string): Role {
    let role = this.roles.get(arn);
    if (!role) this.roles.set(arn, role = { policies: [] });
    return role;
  }

  private decide(principal: Principal, request: AccessRequest): Decision {
    if (principal.kind === 'operator') return ALLOWED;
    const source = principal.kind === 'role' ? principal.arn : `${principal.service}/${principal.sourceArn ?? ''}`;
    const key = `${source}|${request.action}|${request.resource}`;
    const known = this.decisions.get(key);
    if (known) return known;
    const { decision, cacheable } = this.evaluate(principal, request, true);
    if (cacheable) this.decisions.set(key, decision);
    return decision;
  }

  private evaluate(principal: Principal, request: AccessRequest, use: boolean): { decision: Decision; cacheable: boolean } {
    if (principal.kind === 'operator') return { decision: ALLOWED, cacheable: true };
    const lookup = keyLookup(principal, request, this.place);
    let cacheable = true;
    const applying = (statements: readonly Statement[]) => statements.filter((statement) => {
      if (!statement.covers(request, lookup)) return false;
      if (statement.conditions.dependOnRequest) cacheable = false;
      return statement.conditions.hold(lookup);
    });
    const answer = (decision: Decision) => ({ decision, cacheable });

    const role = principal.kind === 'role' ? this.roles.get(principal.arn) : undefined;
    const identity = applying(role?.policies.flatMap(({ statements }) => statements) ?? []);
    const boundary = role?.boundary && applying(role.boundary);
    const resource = applying(this.resourcePolicies.get(request.policyHolder ?? request.resource) ?? [])
      .map((statement) => ({ statement, match: statement.matchPrincipal(principal, this.place.account) }))
      .filter(({ match }) => match !== undefined);

    if (resource.some(({ statement }) => !statement.allows)) return answer(denied('with an explicit deny in a resource-based policy'));
    if (identity.some(({ allows }) => !allows)) return answer(denied('with an explicit deny in an identity-based policy'));
    if (boundary?.some(({ allows }) => !allows)) return answer(denied('with an explicit deny in a permissions boundary'));

    const byResource = resource.some(({ match }) => match === 'direct');
    const byIdentity = identity.length > 0 && (!boundary || boundary.length > 0);
    if (!byResource && identity.length > 0 && !byIdentity) {
      return answer(denied(`because no permissions boundary allows the ${request.action} action`));
    }
    if (!byResource && !byIdentity) return answer(denied(this.whyNot(principal, request)));
    // https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
    const keyHasPolicy = request.action.toLowerCase().startsWith('kms:') && this.resourcePolicies.has(request.resource);
    if (keyHasPolicy && !byResource && !resource.some(({ match }) => match === 'account')) {
      return answer(denied(`because no resource-based policy allows the ${request.action} action`));
    }
    if (use) this.markUsed(identity, request, lookup);
    return answer(ALLOWED);
  }

  private whyNot(principal: Principal, request: AccessRequest): string {
    if (principal.kind === 'service') return `because no resource-based policy allows the ${request.action} action`;
    if (principal.kind === 'role' && !this.roles.has(principal.arn)) return 'because the role is not in the simulated templates';
    return `because no identity-based policy allows the ${request.action} action`;
  }

  private markUsed(statements: readonly Statement[], request: AccessRequest, lookup: KeyLookup) {
    for (const statement of statements) statement.use(request, lookup);
  }
}

function denied(reason: string): Decision {
  return { allowed: false, reason };
}

function nameOf(principal: Principal): string {
  if (principal.kind === 'role') return principal.arn;
  return principal.kind === 'service' ? principal.service : 'operator';
}
