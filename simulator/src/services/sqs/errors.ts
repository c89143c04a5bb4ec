import { ServiceError } from '../../service';

/** An error that SQS itself returns; names are those of https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html */
export function sqsError(name: string, message: string): ServiceError {
  return new ServiceError(name, message);
}

export function invalidParameter(value: unknown, parameter: string, reason: string): ServiceError {
  return sqsError('InvalidParameterValue', `Value ${String(value)} for parameter ${parameter} is invalid. Reason: ${reason}`);
}

export function missingParameter(parameter: string): ServiceError {
  return sqsError('MissingParameter', `The request must contain the parameter ${parameter}.`);
}

/** An integer parameter within its documented range, or `undefined` when it is absent. */
export function integerIn(parameter: string, value: unknown, min: number, max: number): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw invalidParameter(value, parameter, `Must be between ${min} and ${max}, if provided.`);
  }
  return value;
}
