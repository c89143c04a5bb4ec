import type { AccessRequest, Principal } from './principal';

export interface Account {
  readonly account: string;
  readonly region: string;
}

/** What a condition may ask about. Keys are case-insensitive. */
export type KeyLookup = (key: string) => readonly string[] | undefined;

/**
 * Global keys that have a value here; each depends on the principal and the resource only.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
const GLOBAL_KEYS: Readonly<Record<string, (principal: Principal, request: AccessRequest, place: Account) => string | undefined>> = {
  'aws:securetransport': () => 'true',
  'aws:sourcearn': (principal) => (principal.kind === 'service' ? principal.sourceArn : undefined),
  'aws:sourceaccount': (principal, _request, place) => (principal.kind === 'service' ? accountOf(principal.sourceArn) ?? place.account : undefined),
  'aws:principalarn': (principal) => (principal.kind === 'role' ? principal.arn : undefined),
  'aws:principalaccount': (principal, _request, place) => (principal.kind === 'role' ? accountOf(principal.arn) ?? place.account : undefined),
  'aws:principaltype': (principal) => (principal.kind === 'role' ? 'AssumedRole' : undefined),
  'aws:principalisawsservice': (principal) => String(principal.kind === 'service'),
  'aws:principalservicename': (principal) => (principal.kind === 'service' ? principal.service : undefined),
  'aws:requestedregion': (_principal, _request, place) => place.region,
  'aws:resourceaccount': (_principal, request, place) => accountOf(request.resource) ?? place.account,
  'aws:viaawsservice': () => 'false',
};

/** Keys of services that a request may carry; a request without one lacks the key, as on AWS. */
const SERVICE_KEYS: readonly string[] = [
  'dynamodb:leadingkeys', 'dynamodb:attributes', 'dynamodb:select', 'dynamodb:returnvalues', 'dynamodb:enclosingoperation',
  'kms:viaservice', 'kms:calleraccount', 'kms:grantisforawsresource',
  'events:source', 'events:detail-type', 'events:eventbusinvocation', 'events:creatoraccount',
  'cloudwatch:namespace',
  'states:httpendpoint', 'states:httpmethod',
  'lambda:functionarn', 'lambda:sourcefunctionarn', 'lambda:functionurlauthtype', 'lambda:invokedviafunctionurl',
  'sns:protocol', 'sns:endpoint',
  's3:prefix', 's3:delimiter', 's3:max-keys', 's3:if-none-match', 's3:if-match', 's3:tlsversion', 's3:x-amz-server-side-encryption',
  's3:x-amz-server-side-encryption-aws-kms-key-id',
  'iam:passedtoservice', 'iam:associatedresourcearn',
];

export function isKnownKey(key: string): boolean {
  const name = key.toLowerCase();
  return name in GLOBAL_KEYS || SERVICE_KEYS.includes(name) || name.startsWith('kms:encryptioncontext:');
}

/** Whether every request of one principal for one resource has the same value. */
export function isFixedKey(key: string): boolean {
  return key.toLowerCase() in GLOBAL_KEYS;
}

export function knownKeys(): string[] {
  return [...Object.keys(GLOBAL_KEYS), ...SERVICE_KEYS, 'kms:encryptioncontext:*'].sort();
}

export function keyLookup(principal: Principal, request: AccessRequest, place: Account): KeyLookup {
  return (key) => {
    const name = key.toLowerCase();
    for (const [given, value] of Object.entries(request.context ?? {})) {
      if (given.toLowerCase() === name) return typeof value === 'string' ? [value] : value;
    }
    const value = GLOBAL_KEYS[name]?.(principal, request, place);
    return value === undefined ? undefined : [value];
  };
}

/** The account in an ARN; an S3 bucket's has none. */
export function accountOf(arn: string | undefined): string | undefined {
  return arn?.split(':')[4] || undefined;
}
