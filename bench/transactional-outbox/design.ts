import type { Stack } from 'aws-cdk-lib';
import type { Order } from './orders';
import type { Scene } from './scene';

/** One way from a commit to a consumer. */
export interface Design {
  readonly name: string;
  readonly destination: 'bus' | 'fifo queue';
  /** @param consumed whether somebody takes the events from the destination; without, they are only counted there */
  build(stack: Stack, consumed: boolean): void;
  /** Commits an order and, by whatever way, its event. */
  save(scene: Scene, order: Order): Promise<unknown>;
  /** Nothing reads the stream from now on. */
  stop(scene: Scene): Promise<void>;
  start(scene: Scene): Promise<void>;
  /** Publishes again what was committed since then (milliseconds since 1970), where the design can. */
  replay?(scene: Scene, since: number): Promise<void>;
}

/** Construct id of the destination that is a queue. */
export const QUEUE = 'Queue';
