import { STEP_UNDONE_ERROR } from '../../src/orchestrated-saga/contract';

/** The action comes after its own compensation: it has not happened, and will not. */
export class SagaStepUndone extends Error {
  public override readonly name = STEP_UNDONE_ERROR;
}

/**
 * The service says no, for good: a reason of the business, not of the network. Its name is one of the step's `abortOn`.
 *
 * It is remembered as if the step had been undone. An earlier attempt that is still on its way cannot do later what the saga was told is
 * not done, and each further attempt gets the same answer.
 */
export class SagaAbort extends Error {
  public override readonly name: string;

  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}
