import type { StateMachine, StateMachineProperties } from './state-machine';
import { readableName } from '../../cloudformation/readable-name';
import type { ResourceProvider } from '../../cloudformation/resource-provider';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachine.html */
export function stateMachineProvider(create: (properties: StateMachineProperties) => StateMachine): ResourceProvider {
  return {
    type: 'AWS::StepFunctions::StateMachine',
    properties: {
      Definition: true,
      DefinitionString: true,
      DefinitionSubstitutions: true,
      DefinitionS3Location: () => 'a definition in S3 is not simulated; use DefinitionString or Definition',
      StateMachineName: true,
      StateMachineType: true,
      RoleArn: true,
      LoggingConfiguration: { Level: true, Destinations: 'inert', IncludeExecutionData: 'inert' },
      TracingConfiguration: { Enabled: true },
      EncryptionConfiguration: 'inert',
      Tags: 'inert',
    },
    create: (resource) => {
      const { properties, path } = resource;
      const machine = create({
        name: properties.StateMachineName ?? resource.generatedName(80),
        definition: definitionText(properties, readableName(path)),
        roleArn: properties.RoleArn,
        type: properties.StateMachineType ?? 'STANDARD',
        label: readableName(path),
        logging: (properties.LoggingConfiguration?.Level ?? 'OFF') !== 'OFF',
        tracing: String(properties.TracingConfiguration?.Enabled) === 'true',
      });
      return { ref: machine.arn, attributes: { Arn: machine.arn, Name: machine.name, StateMachineRevisionId: 'INITIAL' } };
    },
  };
}

function definitionText({ Definition, DefinitionString, DefinitionSubstitutions }: any, label: string): string {
  if ((Definition === undefined) === (DefinitionString === undefined)) {
    throw new Error(`state machine '${label}' needs either Definition or DefinitionString`);
  }
  const text = DefinitionString ?? JSON.stringify(Definition);
  if (typeof text !== 'string') throw new Error(`state machine '${label}': DefinitionString must be text, not of type ${typeof text}`);
  return substitute(text, DefinitionSubstitutions ?? {}, label);
}

/** "${key_1}" is replaced by the value of key_1; the value is not escaped. */
function substitute(text: string, values: Record<string, unknown>, label: string): string {
  return text.replace(/\$\{([A-Za-z0-9_]+)\}/g, (placeholder, key: string) => {
    if (!(key in values)) return placeholder;
    const value = values[key];
    if (!['string', 'number', 'boolean'].includes(typeof value)) {
      throw new Error(`state machine '${label}': the substitution '${key}' must be text, a number or a boolean, not ${JSON.stringify(value)}`);
    }
    return String(value);
  });
}
