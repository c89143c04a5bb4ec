import { badRequest, merged, taskRequest, type TaskRequest } from './http-request';
import type { Integration, TaskContext } from './integration';
import { TaskFailed } from './service-errors';
import { type Connection, type EventsService, NotAuthorized } from '../../events';
import { type HttpResponse, isSuccess, requestWithin, TIMED_OUT } from '../../http';
import { ErrorName } from '../asl/errors';
import { isObject, type Json, type JsonObject } from '../asl/json';

/** "HTTP task requests will timeout after 60 seconds." */
const TIMEOUT_MS = 60_000;

/** "The response contains a content-type header of …": such a response fails the task. */
const UNREADABLE = /^(application\/octet-stream|image\/|video\/|audio\/)/;

/**
 * The HTTP task. It fails on every status outside 2xx; then the error's name has the status, the cause is the status's text, and the
 * response's headers and body are lost. AWS does not document the cause: users report it so.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html
 * @see https://repost.aws/questions/QUn8LiqvkJTxOVrPQpc_2A_Q/how-to-access-full-http-response-details-in-step-functions-http-invoke-errors
 */
export const httpInvoke: Integration = {
  patterns: ['requestResponse'],
  parameters: ['ApiEndpoint', 'Method', 'Authentication', 'InvocationConfig', 'Headers', 'QueryParameters', 'RequestBody', 'Transform'],
  required: ['ApiEndpoint', 'Method'],
  run: async (args, context) => {
    const { world, caller } = context;
    const request = taskRequest(args);
    authorizeEndpoint(request, context);
    const connection = connectionOf(args, context);
    const authorization = await connection.authorization(caller).catch((error) => {
      throw error instanceof NotAuthorized ? connectionError('InvalidConnectionState', error.message) : error;
    });
    const response = await requestWithin(world, TIMEOUT_MS, merged(request, connection, authorization, world.region), caller);
    if (response === TIMED_OUT) throw new TaskFailed('States.Http.Socket', `The request timed out after ${TIMEOUT_MS / 1000} seconds`);
    connection.refused(response.status);
    if (!isSuccess(response)) throw new TaskFailed(`States.Http.StatusCode.${response.status}`, response.statusText);
    return output(response);
  },
};

/** AWS does not say how a task fails whose role lacks this permission; `States.Permissions` is "insufficient privileges". */
function authorizeEndpoint({ url, method }: TaskRequest, { world, caller, stateMachineArn }: TaskContext) {
  const context = { 'states:HTTPEndpoint': url, 'states:HTTPMethod': method };
  try {
    world.iam.authorize(caller.principal, { action: 'states:InvokeHTTPEndpoint', resource: stateMachineArn, context });
  } catch (error: any) {
    throw new TaskFailed(ErrorName.PERMISSIONS, String(error.message));
  }
}

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html#connect-http-task-permissions */
function connectionOf(args: JsonObject, { world, caller }: TaskContext): Connection {
  const { InvocationConfig: config = args.Authentication } = args;
  const arn = isObject(config) ? config.ConnectionArn : undefined;
  if (typeof arn !== 'string') throw badRequest("The field 'ConnectionArn' of 'InvocationConfig' or 'Authentication' is required but was missing");
  const connection = world.service<EventsService>('events').connections.find(arn);
  if (!connection) throw connectionError('ResourceNotFound', `Connection ${arn} does not exist`);
  try {
    world.iam.authorize(caller.principal, { action: 'events:RetrieveConnectionCredentials', resource: arn });
    for (const action of ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue']) {
      world.iam.authorize(caller.principal, { action, resource: connection.secretArn });
    }
  } catch (error: any) {
    throw connectionError('AccessDenied', String(error.message));
  }
  return connection;
}

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html#connect-http-task-errors */
function connectionError(name: string, cause: string): TaskFailed {
  return new TaskFailed(`Events.ConnectionResource.${name}`, cause);
}

function output({ status, statusText, headers, body }: HttpResponse): JsonObject {
  const type = headers['content-type'] ?? '';
  if (UNREADABLE.test(type)) throw badRequest(`A response with the content type '${type}' is not supported`);
  return {
    Headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    ResponseBody: /\bjson\b/.test(type) ? jsonOrText(body) : body,
    StatusCode: status,
    StatusText: statusText,
  };
}

function jsonOrText(body: string): Json {
  try {
    return JSON.parse(body) as Json;
  } catch {
    return body;
  }
}
