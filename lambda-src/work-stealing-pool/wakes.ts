import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { Log } from './log';

/** What the router tells the coordinator when it wakes it. */
export const ROUTED = { source: 'router' } as const;

export interface WakesProps {
  readonly lambda: LambdaClient;
  readonly now: () => number;
  /** A function that was woken is given so long to tell that it is awake. */
  readonly notAgainMs: number;
  readonly log: Log;
}

/** Wakes functions that work on their own for a while, and end at once where another does already. */
export class Wakes {
  private readonly wokenAt = new Map<string, number>();

  constructor(private readonly props: WakesProps) {}

  /**
   * Answers whether that was tried now. Does not throw: the next look, or the minute's tick, wakes it.
   * @param payload of the invocation
   */
  async wake(functionArn: string, payload: object = {}): Promise<boolean> {
    const { lambda, now, notAgainMs, log } = this.props;
    const at = now();
    const since = at - (this.wokenAt.get(functionArn) ?? -Infinity);
    // A clock that was set back must not keep it asleep.
    if (since >= 0 && since < notAgainMs) return false;
    this.wokenAt.set(functionArn, at);
    try {
      await lambda.send(new InvokeCommand({ FunctionName: functionArn, InvocationType: 'Event', Payload: JSON.stringify(payload) }));
    } catch (error) {
      this.wokenAt.delete(functionArn);
      log.warn('a function could not be woken', { functionArn, error: (error as Error).name });
    }
    return true;
  }
}
