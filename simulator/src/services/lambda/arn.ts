import { ServiceError } from '../../service';

/** A function as callers name it: by name, ARN or partial ARN, with or without a version or alias. */
export interface FunctionReference {
  readonly name: string;
  readonly qualifier?: string;
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html (FunctionName) */
export function parseFunctionReference(functionName: unknown, qualifier?: string): FunctionReference {
  const match = typeof functionName === 'string'
    ? /^(?:(?:arn:aws[\w-]*:lambda:[\w-]*:)?(?:\d{12}:)?function:)?([A-Za-z0-9_-]+)(?::(\$LATEST|[A-Za-z0-9_-]+))?$/.exec(functionName)
    : null;
  if (!match) {
    throw new ServiceError('ValidationException', `Value '${String(functionName)}' at 'functionName' failed to satisfy constraint: Member must be a function name or ARN`);
  }
  const [, name, inName] = match;
  if (qualifier !== undefined && inName !== undefined && inName !== qualifier) {
    throw new ServiceError('InvalidParameterValueException', 'The derived qualifier from the function name does not match the specified qualifier.');
  }
  return { name, qualifier: qualifier ?? inName };
}

export function functionNotFound(arn: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', `Function not found: ${arn}`);
}
