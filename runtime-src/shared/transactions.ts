/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
export const MAXIMUM_TRANSACTION_ITEMS = 100;

/** Why each item of a transaction cancelled it, in the order of the items; nothing for any other error. */
export function cancellationCodes(error: unknown): readonly string[] {
  const { name, CancellationReasons = [] } = error as { name?: string; CancellationReasons?: readonly { Code?: string }[] };
  return name === 'TransactionCanceledException' ? CancellationReasons.map(({ Code = 'None' }) => Code) : [];
}
