import { accountOf, isKnownKey, type KeyLookup } from './condition-keys';
import { Conditions } from './conditions';
import type { PolicyDocument, PolicyStatement } from './iam';
import { listOf, Pattern } from './pattern';
import type { AccessRequest, Principal } from './principal';

/** How a resource policy names who asks: by itself, or by its whole account, which leaves the decision to identity policies. */
export type PrincipalMatch = 'direct' | 'account' | undefined;

const ELEMENTS = ['Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Principal', 'Condition', 'Sid'];

/** One statement of a policy, ready to be asked. */
export class Statement {
  readonly allows: boolean;
  readonly actions: readonly Pattern[];
  readonly resources: readonly Pattern[];
  readonly conditions: Conditions;
  /** `action index,resource index` of each grant that an allowed request has used. */
  readonly used = new Set<string>();
  private readonly notAction: boolean;
  private readonly notResource: boolean;

  constructor(private readonly source: PolicyStatement, where: string) {
    const unknown = Object.keys(source).find((element) => !ELEMENTS.includes(element));
    if (unknown) throw new Error(`${where}: policy element '${unknown}' is not simulated; known: ${ELEMENTS.join(', ')}`);
    if (source.Effect !== 'Allow' && source.Effect !== 'Deny') {
      throw new Error(`${where}: Effect must be Allow or Deny, got ${JSON.stringify(source.Effect)}`);
    }
    this.allows = source.Effect === 'Allow';
    this.notAction = source.NotAction !== undefined;
    this.notResource = source.NotResource !== undefined;
    this.actions = listOf(source.NotAction ?? source.Action).map((text) => new Pattern(text, true));
    this.resources = listOf(source.NotResource ?? source.Resource).map((text) => new Pattern(text));
    this.conditions = new Conditions(source.Condition, where);
    for (const variable of this.resources.flatMap((pattern) => pattern.variables())) {
      if (!isKnownKey(variable)) throw new Error(`${where}: policy variable '\${${variable}}' is not simulated`);
    }
  }

  /** Whether action and resource fit; conditions are asked separately. */
  covers(request: AccessRequest, lookup: KeyLookup): boolean {
    return this.coversAction(request.action) && this.coversResource(request.resource, lookup);
  }

  coversAction(action: string): boolean {
    return this.actions.some((pattern) => pattern.matches(action, () => undefined)) !== this.notAction;
  }

  /** Marks the grants that this request used. */
  use(request: AccessRequest, lookup: KeyLookup) {
    this.actions.forEach((action, a) => {
      if (!this.notAction && !action.matches(request.action, () => undefined)) return;
      this.resources.forEach((resource, r) => {
        if (this.notResource || resource.matches(request.resource, (name) => lookup(name)?.[0])) this.used.add(`${a},${r}`);
      });
    });
  }

  unused(): Array<{ action: string; resource: string }> {
    return this.actions.flatMap((action, a) => this.resources.filter((_, r) => !this.used.has(`${a},${r}`)).map((resource) => ({
      action: this.notAction ? `not ${action.text}` : action.text,
      resource: this.notResource ? `not ${resource.text}` : resource.text,
    })));
  }

  /** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html */
  matchPrincipal(principal: Principal, account: string): PrincipalMatch {
    const named = this.source.Principal;
    if (named === '*') return 'direct';
    if (named === undefined || named === null || principal.kind === 'operator') return undefined;
    if (principal.kind === 'service') {
      if (listOf<string>(named.Service).some((service) => sameService(service, principal.service))) return 'direct';
      return listOf<string>(named.AWS).includes('*') ? 'direct' : undefined;
    }
    const names = listOf<string>(named.AWS);
    if (names.includes('*') || names.includes(principal.arn)) return 'direct';
    const own = accountOf(principal.arn) ?? account;
    return names.includes(own) || names.includes(`arn:aws:iam::${own}:root`) ? 'account' : undefined;
  }

  private coversResource(resource: string, lookup: KeyLookup): boolean {
    // Trust policies have no resource; in them the role itself is meant.
    if (this.resources.length === 0) return true;
    return this.resources.some((pattern) => pattern.matches(resource, (name) => lookup(name)?.[0])) !== this.notResource;
  }
}

/** `logs.us-east-1.amazonaws.com` and `logs.amazonaws.com` are one service. */
function sameService(a: string, b: string): boolean {
  const name = (service: string) => service.replace(/^([a-z0-9-]+)\.[a-z]{2}(?:-[a-z]+)+-\d\.amazonaws\.com$/, '$1.amazonaws.com');
  return name(a) === name(b);
}

export function compile(document: PolicyDocument, where: string): Statement[] {
  if (document?.Statement === undefined) throw new Error(`${where}: a policy document needs a Statement, got ${JSON.stringify(document)}`);
  return listOf(document.Statement).map((statement) => new Statement(statement as PolicyStatement, where));
}
