/** `LoanBroker/LoanQuotes/Collect/Resource` is the construct path of a resource; its owner's is `LoanBroker/LoanQuotes/Collect`. */
export function constructPath(resourcePath: string): string {
  return resourcePath.replace(/\/(Resource|Default)$/, '');
}

/** The construct path without the stack: `LoanQuotes/Collect`. */
export function readableName(resourcePath: string): string {
  const path = constructPath(resourcePath);
  return path.includes('/') ? path.slice(path.indexOf('/') + 1) : path;
}
