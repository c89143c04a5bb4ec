import { type Template, withResources } from '../campaign';

export interface Definition {
  TimeoutSeconds: number;
  StartAt: string;
  States: States;
}

export type States = Record<string, any>;

/** The template with changed definitions of its state machines: `change` is given a copy of each, in which names of resources are placeholders. */
export function withDefinitions(template: Template, change: (definition: Definition) => void): Template {
  return withResources(template, 'AWS::StepFunctions::StateMachine', (properties) => {
    const parts: unknown[] = properties.DefinitionString['Fn::Join'][1];
    const text = parts.map((part, index) => (typeof part === 'string' ? part : `<<${index}>>`)).join('');
    const definition: Definition = JSON.parse(text);
    change(definition);
    properties.DefinitionString['Fn::Join'][1] = JSON.stringify(definition).split(/(<<\d+>>)/)
      .map((part) => (/^<<\d+>>$/.test(part) ? parts[Number(part.slice(2, -2))] : part));
  });
}

/** Whether it is one of a recovery. */
export function recovers({ StartAt }: Definition): boolean {
  return StartAt === 'Recover';
}
