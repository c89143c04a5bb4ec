import { ServiceError } from '../../service';

/** Codes and statuses: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList */
const STATUS: Readonly<Record<string, number>> = {
  403: 403,
  AccessDenied: 403,
  EntityTooLarge: 400,
  InvalidArgument: 400,
  InvalidRequest: 400,
  KeyTooLongError: 400,
  MetadataTooLarge: 400,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  NotFound: 404,
  NotModified: 304,
  PreconditionFailed: 412,
};

export function s3Error(name: string, message: string, fields: Record<string, unknown> = {}): ServiceError {
  return new ServiceError(name, message, { fields: { ...fields, $metadata: { httpStatusCode: STATUS[name] } } });
}
