/**
 * The router's own memory: what it sent since the load was read that it compares. It forgets that as soon as there is a newer load, in which it is counted.
 * Each execution environment remembers only what it sent itself.
 */
export class SentSince {
  private revision: number | undefined;
  private readonly seconds = new Map<string, number>();

  /** The load is the one with this revision from now on. */
  read(revision: number): void {
    if (revision === this.revision) return;
    this.revision = revision;
    this.seconds.clear();
  }

  sent(group: string, taskSeconds: number): void {
    this.seconds.set(group, (this.seconds.get(group) ?? 0) + taskSeconds);
  }

  /** How much longer a task waits there for it. */
  backlogSeconds(group: string, capacity: number): number {
    return (this.seconds.get(group) ?? 0) / Math.max(1, capacity);
  }
}
