/** What gives a resource a name of its own, where that takes the stronger capability. */
const NAMES: Readonly<Record<string, string>> = {
  'AWS::IAM::Group': 'GroupName',
  'AWS::IAM::InstanceProfile': 'InstanceProfileName',
  'AWS::IAM::ManagedPolicy': 'ManagedPolicyName',
  'AWS::IAM::Role': 'RoleName',
  'AWS::IAM::User': 'UserName',
};

/**
 * What CloudFormation wants acknowledged before it creates the resources of a template and of those nested in it.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
 */
export function requiredCapabilities(templates: readonly any[]): string[] {
  const resources = templates.flatMap((template) => Object.values<any>(template.Resources ?? {}));
  const iam = resources.filter(({ Type }) => Type.startsWith('AWS::IAM::'));
  const named = iam.some(({ Type, Properties = {} }) => Type in NAMES && NAMES[Type] in Properties);
  const expands = templates.some(({ Transform }) => Transform !== undefined);
  return [
    ...(named ? ['CAPABILITY_NAMED_IAM'] : iam.length > 0 ? ['CAPABILITY_IAM'] : []),
    ...(expands ? ['CAPABILITY_AUTO_EXPAND'] : []),
  ];
}
