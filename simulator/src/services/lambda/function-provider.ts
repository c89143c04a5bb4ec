import { FunctionCode } from './code';
import type { FunctionConfiguration } from './configuration';
import type { FunctionDirectory } from './function-directory';
import { constructPath, readableName } from './readable-name';
import type { PropertySchema, ResourceInstance, ResourceProvider } from '../../cloudformation/resource-provider';
import { ServiceError, type World } from '../../service';

const PROPERTIES: PropertySchema = {
  FunctionName: true,
  Role: true,
  Runtime: true,
  Handler: true,
  Code: { S3Bucket: true, S3Key: true, S3ObjectVersion: 'inert', ZipFile: true, SourceKMSKeyArn: 'inert' },
  MemorySize: true,
  Timeout: true,
  Environment: { Variables: true },
  ReservedConcurrentExecutions: true,
  DeadLetterConfig: { TargetArn: true },
  LoggingConfig: { LogFormat: true, ApplicationLogLevel: true, SystemLogLevel: true, LogGroup: true },
  PackageType: (value) => (value === 'Zip' ? undefined : `PackageType '${String(value)}' is not simulated, only Zip`),
  Layers: (value) => refuseIfAny(value, 'Layers are not simulated; bundle what the function needs'),
  FileSystemConfigs: (value) => refuseIfAny(value, 'FileSystemConfigs are not simulated'),
  SnapStart: (value: any) => (value?.ApplyOn === 'PublishedVersions' ? 'SnapStart is not simulated' : undefined),
  Architectures: 'inert',
  CodeSigningConfigArn: 'inert',
  Description: 'inert',
  EphemeralStorage: 'inert',
  KmsKeyArn: 'inert',
  RecursiveLoop: (value) => (['Allow', 'Terminate'].includes(String(value)) ? undefined : `RecursiveLoop '${String(value)}' is neither Allow nor Terminate`),
  RuntimeManagementConfig: 'inert',
  Tags: 'inert',
  TracingConfig: { Mode: true },
  VpcConfig: 'inert',
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html */
export function functionProvider(world: World, directory: FunctionDirectory): ResourceProvider {
  return {
    type: 'AWS::Lambda::Function',
    properties: PROPERTIES,
    create: (resource) => {
      const configuration = functionConfiguration(world, resource, directory);
      directory.create(configuration);
      return { ref: configuration.name, attributes: { Arn: configuration.arn } };
    },
  };
}

function functionConfiguration(world: World, resource: ResourceInstance, directory: FunctionDirectory): FunctionConfiguration {
  const { properties } = resource;
  const path = constructPath(resource.path);
  const name = properties.FunctionName ?? resource.generatedName(64);
  const overridden = directory.overrideOf(path) !== undefined;
  const runtime = String(properties.Runtime ?? '');
  const node = /^nodejs(\d+)\.x$/.exec(runtime);
  if (!node && !overridden) {
    throw new Error(`function ${path}: runtime '${runtime}' is not simulated, only nodejsNN.x; give the function a JavaScript override to simulate it`);
  }
  if (typeof properties.Role !== 'string' || properties.Role === '') throw new Error(`function ${path}: Role is missing`);
  if (!world.iam.canAssume('lambda.amazonaws.com', properties.Role)) {
    throw new ServiceError('InvalidParameterValueException', `The role ${properties.Role} defined for the function ${path} cannot be assumed by Lambda.`);
  }
  const handler = String(properties.Handler ?? '');
  const code = functionCode(resource, path, overridden);
  if (!overridden) code.refuseModules(handler.replace(/\.[^./]*$/, ''), `function ${path}`);
  const logging = properties.LoggingConfig ?? {};
  return {
    name,
    arn: `arn:aws:lambda:${world.region}:${world.account}:function:${name}`,
    readableName: readableName(resource.path),
    path,
    role: properties.Role,
    runtime,
    nodeVersion: Number(node?.[1] ?? 0),
    handler,
    code,
    // https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    memoryMb: integer(path, 'MemorySize', properties.MemorySize ?? 128, 128, 10_240),
    timeoutMs: integer(path, 'Timeout', properties.Timeout ?? 3, 1, 900) * 1000,
    variables: variables(properties.Environment?.Variables ?? {}),
    reservedConcurrency: properties.ReservedConcurrentExecutions === undefined
      ? undefined
      : integer(path, 'ReservedConcurrentExecutions', properties.ReservedConcurrentExecutions, 0, 1_000),
    deadLetterTarget: deadLetterTarget(path, properties.DeadLetterConfig?.TargetArn),
    logs: {
      group: logging.LogGroup ?? `/aws/lambda/${name}`,
      format: logging.LogFormat === 'JSON' ? 'JSON' : 'Text',
      applicationLevel: logging.ApplicationLogLevel ?? 'INFO',
      systemLevel: logging.SystemLogLevel ?? 'INFO',
    },
    logStream: `${new Date(world.kernel.now).toISOString().slice(0, 10).replace(/-/g, '/')}/[$LATEST]simulated`,
    allowsRecursion: properties.RecursiveLoop === 'Allow',
    tracing: properties.TracingConfig?.Mode === 'Active',
  };
}

function functionCode({ properties, assetPath }: ResourceInstance, path: string, overridden: boolean): FunctionCode {
  const { ZipFile, S3Bucket, S3Key } = properties.Code ?? {};
  if (typeof ZipFile === 'string') return FunctionCode.fromInline(ZipFile);
  if (overridden) return FunctionCode.fromInline('');
  if (S3Bucket === undefined || S3Key === undefined) throw new Error(`function ${path}: Code has neither ZipFile nor S3Bucket and S3Key`);
  return FunctionCode.fromAsset(assetPath(S3Bucket, S3Key), `function ${path}`);
}

function variables(declared: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(declared).map(([name, value]) => [name, String(value)]));
}

function deadLetterTarget(path: string, targetArn: unknown): string | undefined {
  if (targetArn === undefined) return undefined;
  // https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq
  if (!['sqs', 'sns'].includes(String(targetArn).split(':')[2])) {
    throw new Error(`function ${path}: dead-letter target ${String(targetArn)} is neither a queue nor a topic`);
  }
  return String(targetArn);
}

/** CloudFormation accepts numbers as strings. */
export function integer(owner: string, property: string, value: unknown, min: number, max: number): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < min || number > max) {
    throw new Error(`${owner}: ${property} is ${JSON.stringify(value)}; allowed: an integer from ${min} to ${max}`);
  }
  return number;
}

function refuseIfAny(value: unknown, sentence: string): string | undefined {
  return Array.isArray(value) && value.length === 0 ? undefined : sentence;
}
