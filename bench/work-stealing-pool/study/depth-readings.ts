import type { TaskQueue } from './task-queue';

/** How old what is read of a queue's depth is. */
export interface Staleness {
  readonly name: string;
  seconds(random: () => number): number;
}

export const FRESH: Staleness = { name: 'fresh', seconds: () => 0 };
export const UP_TO_A_MINUTE: Staleness = { name: '0–60 s old', seconds: (random) => 60 * random() };
export const A_MINUTE: Staleness = { name: '60 s old', seconds: () => 60 };

/** The approximate number of messages, as it was some time ago. */
export class DepthReadings {
  private readonly eachSecond: number[] = [];

  constructor(private readonly queue: TaskQueue, private readonly staleness: Staleness, private readonly random: () => number) {}

  /** To be called each second. */
  sample(): void {
    this.eachSecond.push(this.queue.waiting);
  }

  read(now: number): number {
    const age = this.staleness.seconds(this.random);
    if (age === 0) return this.queue.waiting;
    return this.eachSecond[Math.floor(now - age)] ?? 0;
  }
}
