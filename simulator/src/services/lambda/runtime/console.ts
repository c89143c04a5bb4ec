import { Console } from 'console';
import { format } from 'util';
import type { FunctionLog } from '../log';
import { taskFrames } from './errors';

/** `console` as Lambda's runtime patches it: each call is one log entry with time, request id and level. */
export function lambdaConsole(log: Pick<FunctionLog, 'application'>, requestId: () => string, stdout: any): any {
  const entry = (level: string) => (...args: any[]) => log.application(level, requestId(), args, () => taskFrames(format(...args)));
  // Tables, groups and counters are formatted by Node.js itself and go through `log`.
  const formatted: any = new Console({ stdout: { ...stdout, write: (text: string) => entry('INFO')(text.replace(/\n$/, '')) } });
  return Object.assign(formatted, {
    Console,
    log: entry('INFO'),
    info: entry('INFO'),
    warn: entry('WARN'),
    error: entry('ERROR'),
    debug: entry('DEBUG'),
    trace: entry('TRACE'),
  });
}
