/** What a cancellable operation is given: whether it was called off, and a call at that moment. */
export interface CancelSignal {
  readonly cancelled: boolean;
  onCancel(callback: () => void): void;
}

/** Thrown inside the interpreter where a cancelled branch unwinds; never reaches a Retry or a Catch. */
export class Cancelled extends Error {
  constructor() {
    super('the branch was cancelled');
    this.name = 'Cancelled';
  }
}

/**
 * One scope of structured concurrency: an execution, a branch, one attempt of a task. Cancelling a scope cancels its children;
 * closing one (its work is done) calls off what it left behind, such as the timer that lost a race.
 */
export class CancellationScope implements CancelSignal {
  private done = false;
  private readonly callbacks = new Set<() => void>();
  private readonly detach?: () => void;

  constructor(parent?: CancellationScope) {
    if (!parent) return;
    if (parent.done) {
      this.done = true;
      return;
    }
    const cancel = () => this.cancel();
    parent.callbacks.add(cancel);
    this.detach = () => parent.callbacks.delete(cancel);
  }

  get cancelled(): boolean {
    return this.done;
  }

  onCancel(callback: () => void): void {
    if (this.done) callback();
    else this.callbacks.add(callback);
  }

  cancel(): void {
    if (this.done) return;
    this.done = true;
    this.detach?.();
    const callbacks = [...this.callbacks];
    this.callbacks.clear();
    for (const callback of callbacks) callback();
  }

  throwIfCancelled(): void {
    if (this.done) throw new Cancelled();
  }

  /** Settles as the promise does, or rejects with `Cancelled` at the moment this scope is cancelled. */
  race<T>(promise: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const cancel = () => reject(new Cancelled());
      this.onCancel(cancel);
      promise.then(
        (value) => {
          this.callbacks.delete(cancel);
          resolve(value);
        },
        (error) => {
          this.callbacks.delete(cancel);
          reject(error);
        },
      );
    });
  }
}
