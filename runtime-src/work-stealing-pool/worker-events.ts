/** What becomes of tasks, and what goes wrong: for logs and metrics. No payloads. */
export type WorkerEvent =
  | { readonly kind: 'DONE'; readonly task: string; readonly home: string; readonly stolen: boolean; readonly seconds: number }
  | { readonly kind: 'FAILED'; readonly task: string; readonly home: string; readonly attempt: number; readonly error: string }
  /** Somebody else has begun or done it since. */
  | { readonly kind: 'REFUSED'; readonly task: string; readonly home: string }
  | { readonly kind: 'DUPLICATE'; readonly task: string; readonly home: string }
  /** The message's body is no task: it is left to the queue's dead-letter queue. */
  | { readonly kind: 'INVALID'; readonly messageId: string; readonly home: string }
  /** A call failed; what it was for is tried again. */
  | { readonly kind: 'TROUBLE'; readonly doing: string; readonly error: string };

/** Tells what happens. Nothing that fails ends a worker. */
export class WorkerEvents {
  constructor(private readonly observe: (event: WorkerEvent) => void = () => undefined) {}

  tell(event: WorkerEvent): void {
    try {
      this.observe(event);
    } catch {
      // An observer that fails is no reason to do a task again.
    }
  }

  /** Answers nothing when the call fails. */
  async trying<T>(doing: string, call: () => Promise<T>): Promise<T | undefined> {
    try {
      return await call();
    } catch (error) {
      this.tell({ kind: 'TROUBLE', doing, error: nameOf(error) });
      return undefined;
    }
  }
}

/** An error's message may quote a payload; its name does not. */
export function nameOf(error: unknown): string {
  const name = (error as { name?: unknown } | undefined)?.name;
  return typeof name === 'string' ? name : 'Error';
}
