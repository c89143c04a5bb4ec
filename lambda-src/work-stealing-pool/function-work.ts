import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { Work } from '../../runtime-src/work-stealing-pool/attempts';

/** Lambda has no room for it at the moment: the task waits in its place. */
const THROTTLED = 'TooManyRequestsException';
const PAUSE = { FIRST_MS: 500, LONGEST_MS: 10_000 };

export interface FunctionWorkProps {
  readonly client: LambdaClient;
  readonly functionArn: string;
  /** No invocation begins later. */
  readonly until: number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly now: () => number;
}

/** Has a function do tasks: one invocation each, and what it throws is a failed attempt. */
export function functionWork({ client, functionArn, until, sleep, now }: FunctionWorkProps): Work {
  return async (assignment, abortSignal) => {
    for (let pause = PAUSE.FIRST_MS; ; pause = Math.min(2 * pause, PAUSE.LONGEST_MS)) {
      try {
        const invoke = new InvokeCommand({ FunctionName: functionArn, Payload: JSON.stringify(assignment) });
        const { FunctionError, Payload } = await client.send(invoke, { abortSignal });
        if (FunctionError) throw new FunctionFailure(errorType(Payload) ?? FunctionError);
        return;
      } catch (error) {
        if ((error as Error).name !== THROTTLED || now() + pause > until) throw error;
      }
      await sleep(pause);
    }
  };
}

/** Named after the function's error; its message may hold a payload. */
class FunctionFailure extends Error {
  constructor(override readonly name: string) {
    super(`the function failed with ${name}`);
  }
}

function errorType(payload: Uint8Array | undefined): string | undefined {
  try {
    return (JSON.parse(new TextDecoder().decode(payload)) as { errorType?: string }).errorType;
  } catch {
    return undefined;
  }
}
