/**
 * Which messages of a batch have failed, by what the function has answered; undefined means all of them.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting (success and failure conditions)
 */
export function failedItems(payload: string, messageIds: ReadonlySet<string>): ReadonlySet<string> | undefined {
  const response = parse(payload);
  if (response === null) return new Set();
  if (typeof response !== 'object' || Array.isArray(response)) return undefined;
  const failures = response.batchItemFailures;
  if (failures === undefined || failures === null) return new Set();
  if (!Array.isArray(failures)) return undefined;
  const failed = new Set<string>();
  for (const failure of failures) {
    const id = failure?.itemIdentifier;
    if (typeof id !== 'string' || !messageIds.has(id)) return undefined;
    failed.add(id);
  }
  return failed;
}

function parse(payload: string): any {
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
}
