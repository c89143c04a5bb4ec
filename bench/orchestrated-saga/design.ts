import type { Duration, Stack } from 'aws-cdk-lib';
import type { End } from './judge';
import type { Participants } from './participants';
import type { SagaShape } from './saga-shape';
import type { SagaRun, Scene } from './scene';
import type { Trouble } from './trouble';

/** One way to run a saga with Step Functions. */
export interface Design {
  readonly name: string;
  /** Path of the state machine in the stack. Its input has a `sagaId`. */
  readonly machine: string;
  /** What makes it undo the pivot of the trip. */
  readonly undoesPivot: Trouble;
  /** @param timeLimit of an execution as a whole */
  build(stack: Stack, shape: SagaShape, participants: Participants, timeLimit?: Duration): void;
  /** What it says about a saga when nothing is left to happen. */
  ends(scene: Scene, run: SagaRun): Promise<End[]>;
}
