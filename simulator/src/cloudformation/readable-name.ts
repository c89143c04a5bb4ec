/** A construct path without its stack and without `Resource`: `LoanBroker/LoanQuotes/Replies/Resource` is `LoanQuotes/Replies`. */
export function readableName(path: string): string {
  const parts = path.split('/').filter((part) => part !== 'Resource' && part !== 'Default');
  return (parts.length > 1 ? parts.slice(1) : parts).join('/');
}
