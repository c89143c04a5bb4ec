import { errorPayload, type ErrorPayload, InitError } from './errors';
import type { ModuleLoader } from './module-loader';
import type { FunctionConfiguration } from '../configuration';

export type Handler = (...args: any[]) => any;

/** Loads the function that a `Handler` property such as `src/app.handler` names. https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html */
export function findHandler(loader: ModuleLoader, { handler, nodeVersion }: Pick<FunctionConfiguration, 'handler' | 'nodeVersion'>): Handler {
  const slash = handler.lastIndexOf('/') + 1;
  const dot = handler.indexOf('.', slash);
  if (dot < 0) throw new InitError('Runtime.MalformedHandlerName', 'Bad handler');
  const exported = loader.loadEntry(handler.slice(0, dot));
  const found = handler.slice(dot + 1).split('.').reduce((value, name) => value?.[name], exported);
  if (found === undefined) throw new InitError('Runtime.HandlerNotFound', `${handler} is undefined or not exported`);
  if (typeof found !== 'function') throw new InitError('Runtime.HandlerNotFound', `${handler} is not a function`);
  if (nodeVersion >= 24 && found.length >= 3) {
    throw new InitError('Runtime.CallbackHandlerDeprecated', 'AWS Lambda has removed support for callback-based function handlers '
      + 'starting with Node.js 24. You need to modify this function to use a supported handler signature to use Node.js 24 or later.');
  }
  return found;
}

/** Why loading has failed, as the runtime reports it. */
export function initFailure(error: any): ErrorPayload {
  if (error?.name === 'SyntaxError') return { errorType: 'Runtime.UserCodeSyntaxError', errorMessage: `SyntaxError: ${error.message}`, trace: [] };
  if (error?.code === 'MODULE_NOT_FOUND') return { ...errorPayload(error), errorType: 'Runtime.ImportModuleError' };
  return errorPayload(error);
}
