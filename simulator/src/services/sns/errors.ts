import { ServiceError } from '../../service';

/** Names are those of the SDK's exceptions: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html#API_Publish_Errors */
export function invalidParameter(reason: string): ServiceError {
  return new ServiceError('InvalidParameterException', `Invalid parameter: ${reason}`);
}

export function notFound(what: string): ServiceError {
  return new ServiceError('NotFoundException', `${what} does not exist`);
}

/** The code of an error on the wire, as failed entries of a batch carry it: without the SDK's ending. */
export function wireCode(name: string): string {
  return name.replace(/Exception$/, '');
}
