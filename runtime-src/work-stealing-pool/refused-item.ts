/** What the item is because of which a condition was refused, its texts and numbers. Any other error goes to the caller. */
export function refusedItem<T>(error: unknown): Partial<T> {
  // By name: the error may come from another copy of the SDK.
  const { name, Item = {} } = error as { name?: string; Item?: Record<string, unknown> };
  if (name !== 'ConditionalCheckFailedException') throw error;
  return plain(Item) as Partial<T>;
}

/** The SDK's document client leaves the item of an exception as DynamoDB types it. */
function plain(item: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => {
    if (typeof value !== 'object' || value === null) return [name, value];
    const { S, N } = value as { S?: string; N?: string };
    return [name, S ?? (N === undefined ? value : Number(N))];
  }));
}
