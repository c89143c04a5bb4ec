type Middleware = (next: any, context: any) => any;

interface Entry {
  readonly name?: string;
  readonly step?: string;
  readonly toMiddleware?: string;
}

const CHANGES = ['add', 'addRelativeTo', 'use', 'remove', 'removeByTag'];

/** Middlewares of commands that look at SQS's checksums, which are switched off: there is no wire. */
const CHECKSUM_MIDDLEWARES = new Set(['sendMessageMiddleware', 'sendMessageBatchMiddleware', 'receiveMessageMiddleware']);
/** What else a middleware could place itself beside to be reached. */
const REACHED = new Set([...CHECKSUM_MIDDLEWARES, 'loggerMiddleware', 'simulatedWorld']);

/**
 * The SDK sorts a client's and a command's middlewares anew for each call, which takes longer than the simulated call itself. As
 * long as the answering middleware is the only one that would be reached, the stack goes straight to it. A middleware that the
 * client's owner adds, to the client or to a command, or a logger brings the SDK's own way back.
 */
export function shortenStack(client: any, answering: Middleware) {
  const stack = client.middlewareStack;
  if (client.config.logger !== undefined && client.config.logger.constructor?.name !== 'NoOpLogger') return;
  let changed = false;
  for (const name of CHANGES) {
    const change = stack[name];
    stack[name] = (...args: any[]) => {
      changed = true;
      return change(...args);
    };
  }
  const concat = stack.concat;
  stack.concat = (commandStack: any) => changed || addsSteps(commandStack) ? concat(commandStack) : straight(commandStack, concat, answering);
}

/** What the SDK asks of the concatenation of two stacks. Document commands concatenate once more, for the command inside. */
function straight(commandStack: any, concat: (other: any) => any, answering: Middleware): any {
  return {
    concat: (inner: any) => addsSteps(inner) ? concat(commandStack).concat(inner) : straight(inner, concat, answering),
    resolve: (handler: unknown, context: unknown) => answering(handler, context),
  };
}

/** Whether a command's own stack has a middleware that comes before the answering one. */
function addsSteps(commandStack: any): boolean {
  let adds = false;
  commandStack.applyToStack({
    add: (_: Middleware, { step = 'initialize', name = '' }: Entry) => {
      adds ||= step === 'initialize' && !CHECKSUM_MIDDLEWARES.has(name);
    },
    addRelativeTo: (_: Middleware, { toMiddleware = '' }: Entry) => {
      adds ||= REACHED.has(toMiddleware);
    },
  });
  return adds;
}
