import type { SeenParked } from './parked-keys';
import type { TypedItem } from './plain-json';

/** Where a replay stands. To callers it is a text that means nothing. */
export interface Cursor {
  /** Key of the last item that is done; absent before the first. */
  readonly after?: TypedItem | undefined;
  /** Only with `unpark`: the parked aggregate when its reading began. */
  readonly parked?: SeenParked;
}

/** Marks bytes, which JSON does not have. */
const BYTES = 'base64:';

export function encodeCursor(cursor: Cursor): string {
  const text = JSON.stringify(cursor, (_, value: unknown) => (ArrayBuffer.isView(value) ? BYTES + Buffer.from(value as Uint8Array).toString('base64') : value));
  return Buffer.from(text).toString('base64url');
}

export function decodeCursor(text: string): Cursor | undefined {
  try {
    const cursor: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'), (name, value: unknown) => (
      name === 'B' && typeof value === 'string' && value.startsWith(BYTES) ? Uint8Array.from(Buffer.from(value.slice(BYTES.length), 'base64')) : value
    ));
    return typeof cursor === 'object' && cursor !== null && !Array.isArray(cursor) ? cursor : undefined;
  } catch {
    return undefined;
  }
}
