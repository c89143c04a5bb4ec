/** An event that cannot be written or read, however often one tries. Its message says what was received, what is allowed and how to mend it. */
export class InvalidOutboxEvent extends Error {
  public override readonly name = 'InvalidOutboxEvent';
}
