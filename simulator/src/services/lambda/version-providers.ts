import type { FunctionDirectory } from './function-directory';
import type { ResourceProvider } from '../../cloudformation/resource-provider';

/** A published version; its code is the function's, for a template has only one state. */
export function versionProvider(directory: FunctionDirectory): ResourceProvider {
  return {
    type: 'AWS::Lambda::Version',
    properties: {
      FunctionName: true,
      CodeSha256: 'inert',
      Description: 'inert',
      RuntimePolicy: 'inert',
      ProvisionedConcurrencyConfig: () => 'ProvisionedConcurrencyConfig is not simulated',
      Policy: () => 'Policy is not simulated; use AWS::Lambda::Permission',
    },
    create: ({ properties }) => {
      const owner = directory.get(properties.FunctionName);
      const version = String(++owner.publishedVersions);
      const arn = `${owner.configuration.arn}:${version}`;
      return { ref: arn, attributes: { Version: version, FunctionArn: arn } };
    },
  };
}

export function aliasProvider(directory: FunctionDirectory): ResourceProvider {
  return {
    type: 'AWS::Lambda::Alias',
    properties: {
      FunctionName: true,
      FunctionVersion: true,
      Name: true,
      Description: 'inert',
      RoutingConfig: (value: any) => (value?.AdditionalVersionWeights?.length ? 'RoutingConfig with weights is not simulated' : undefined),
      ProvisionedConcurrencyConfig: () => 'ProvisionedConcurrencyConfig is not simulated',
    },
    create: ({ properties }) => {
      const owner = directory.get(properties.FunctionName);
      owner.aliases.set(properties.Name, String(properties.FunctionVersion));
      const arn = `${owner.configuration.arn}:${properties.Name}`;
      return { ref: arn, attributes: { AliasArn: arn } };
    },
  };
}

export function layerProvider(): ResourceProvider {
  return {
    type: 'AWS::Lambda::LayerVersion',
    properties: { '*': 'inert' },
    create: ({ path }) => {
      throw new Error(`layer ${path}: AWS::Lambda::LayerVersion is not simulated; bundle what the function needs`);
    },
  };
}
