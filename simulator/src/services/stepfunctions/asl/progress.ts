import { Json } from './json';
import type { MapItem } from './states/map-items';
import { Variables } from './variables';

/** What has been reached inside a Parallel or an inline Map, by the index of the branch or iteration. */
export interface InnerProgress {
  readonly branches: Map<number, BranchProgress>;
  /** Of a Map: a redrive does not select them anew. */
  items?: readonly MapItem[];
}

/**
 * How far a branch has come, so that a redrive goes on from there. It lives as long as the branch, and the next attempt of the execution
 * takes it over, with the variables.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
 */
export class BranchProgress {
  /** The state that the branch is in, or will enter next; none before the first. */
  state?: string;
  input: Json = null;
  /** The event by which the state was entered. */
  enteredEventId?: number;
  /** Once the branch has succeeded. */
  output?: { readonly value: Json };
  inner?: InnerProgress;

  constructor(readonly variables: Variables) {}

  moveTo(state: string, input: Json) {
    this.state = state;
    this.input = input;
    this.enteredEventId = undefined;
    this.inner = undefined;
  }

  /** That of a branch inside the present state. */
  branch(index: number): BranchProgress {
    const { branches } = this.inner!;
    let branch = branches.get(index);
    if (!branch) branches.set(index, branch = new BranchProgress(new Variables(this.variables)));
    return branch;
  }
}

/** Where an execution that has ended can be taken up again. */
export interface ExecutionProgress {
  readonly branch: BranchProgress;
  lastEventId: number;
}
