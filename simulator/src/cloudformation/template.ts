/** One resource as a template declares it. */
export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
  readonly Metadata?: Readonly<Record<string, unknown>>;
}

export interface TemplateParameter {
  readonly Type: string;
  readonly Default?: unknown;
  readonly AllowedValues?: readonly unknown[];
}

export interface TemplateOutput {
  readonly Value: unknown;
  readonly Condition?: string;
  readonly Export?: { readonly Name: unknown };
}

export interface Template {
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Parameters?: Readonly<Record<string, TemplateParameter>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Mappings?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  readonly Outputs?: Readonly<Record<string, TemplateOutput>>;
}

/** `Rules` check parameters before a deployment, `Metadata` is for people; neither changes what runs. */
const SECTIONS = [
  'AWSTemplateFormatVersion', 'Description', 'Metadata', 'Parameters', 'Rules', 'Mappings', 'Conditions', 'Transform', 'Resources', 'Outputs', 'Hooks',
];

/** Needs no processing here: its functions are always known. */
const LANGUAGE_EXTENSIONS = 'AWS::LanguageExtensions';

/** Checks the outer form of what a template file holds. `where` names it in messages. */
export function checkTemplate(content: unknown, where: string): Template {
  if (!isObject(content)) throw new Error(`${where}: a template is a JSON object, got ${describe(content)}`);
  const unknown = Object.keys(content).find((section) => !SECTIONS.includes(section));
  if (unknown) throw new Error(`${where}: '${unknown}' is not a section of a CloudFormation template; sections: ${SECTIONS.join(', ')}`);
  const transforms = [content.Transform ?? []].flat().filter((name) => name !== LANGUAGE_EXTENSIONS);
  if (transforms.length > 0) throw new Error(`${where}: Transform ${JSON.stringify(transforms[0])} is not simulated; simulated: ${LANGUAGE_EXTENSIONS}`);
  if (!isObject(content.Resources) || Object.keys(content.Resources).length === 0) throw new Error(`${where}: the template has no Resources`);
  for (const [logicalId, resource] of Object.entries(content.Resources)) {
    if (!isObject(resource) || typeof resource.Type !== 'string') {
      throw new Error(`${where}: resource ${logicalId} needs a Type, got ${describe(resource)}`);
    }
  }
  return content as unknown as Template;
}

export function isObject(value: unknown): value is Record<string, any> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value in a message: short, on one line. */
export function describe(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
