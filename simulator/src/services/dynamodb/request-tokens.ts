/**
 * ClientRequestToken: a transaction repeated within ten minutes answers as the first did and changes nothing.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html#DDB-TransactWriteItems-request-ClientRequestToken
 */
import { idempotentParameterMismatch, validationError } from './errors';

const VALID_MS = 10 * 60 * 1000;
const MAX_LENGTH = 36;

export class RequestTokens {
  private readonly completed = new Map<string, { readonly at: number; readonly request: string }>();

  constructor(private readonly now: () => number) {}

  /** Whether a transaction with this token is complete; refuses another one under the same token. */
  isRepeated(token: unknown, actions: unknown): boolean {
    if (token === undefined) return false;
    if (typeof token !== 'string' || token.length < 1 || token.length > MAX_LENGTH) {
      throw validationError(`1 validation error detected: Value '${String(token)}' at 'clientRequestToken' failed to satisfy constraint: `
        + `Member must have length from 1 to ${MAX_LENGTH}`);
    }
    this.forget();
    const known = this.completed.get(token);
    if (!known) return false;
    if (known.request !== canonicalJson(actions)) throw idempotentParameterMismatch();
    return true;
  }

  remember(token: unknown, actions: unknown): void {
    if (typeof token === 'string') this.completed.set(token, { at: this.now(), request: canonicalJson(actions) });
  }

  /** Insertion order is order of time. */
  private forget() {
    for (const [token, { at }] of this.completed) {
      if (this.now() - at <= VALID_MS) return;
      this.completed.delete(token);
    }
  }
}

/** Equal for equal requests, whatever the order of their members. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    if (ArrayBuffer.isView(part)) return Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString('base64');
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => a < b ? -1 : 1));
  });
}
