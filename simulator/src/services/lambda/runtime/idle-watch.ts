/** How long, in real milliseconds, code on the host may make no progress before it is taken for waiting for nothing. */
const GRACE_MS = 100;

/**
 * Watches a handler that runs on the host and waits for nothing virtual. When it does no real I/O either, its event loop is
 * empty: in Lambda the process would exit now.
 */
export class IdleWatch {
  private epoch = 0;

  constructor(private readonly onIdle: () => void) {}

  start() {
    const epoch = ++this.epoch;
    // Cheap first: nearly every handler goes on within one turn of the event loop.
    setImmediate(() => {
      if (epoch === this.epoch) this.poll(epoch, performance.now());
    });
  }

  stop() {
    this.epoch++;
  }

  private poll(epoch: number, since: number) {
    setTimeout(() => {
      if (epoch !== this.epoch) return;
      if (performance.now() - since > GRACE_MS && !hostInputOutput()) return this.onIdle();
      this.poll(epoch, since);
    }, 2);
  }
}

/** Whether this process has files, name lookups or the like in flight. */
function hostInputOutput(): boolean {
  return process.getActiveResourcesInfo().some((resource) => resource.startsWith('FSReq') || resource.startsWith('GetAddrInfo'));
}
