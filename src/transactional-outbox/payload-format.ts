/** How an outbox row's payload arrives. */
export enum PayloadFormat {
  /** `data` is a string: the JSON text as it was written, every digit and byte of it. No function is on the path. */
  TEXT = 'TEXT',
  /**
   * `data` is the parsed JSON, so that rules can match `detail.data`. A function parses it; numbers that JavaScript cannot hold exactly are strings
   * of their digits.
   */
  JSON = 'JSON',
}
