import * as crypto from 'crypto';
import type { Random } from '../../../kernel/random';

/** Fills bytes from the seed. */
function fill<T extends ArrayBufferView>(random: Random, view: T): T {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  for (let i = 0; i < bytes.length; i++) bytes[i] = random.integer(0, 255);
  return view;
}

/** The `crypto` global with seeded randomness. */
export function seededWebCrypto(random: Random): any {
  return {
    subtle: crypto.webcrypto.subtle,
    getRandomValues: (view: ArrayBufferView) => fill(random, view),
    randomUUID: () => random.uuid(),
  };
}

/** The `crypto` module with seeded randomness; hashes, ciphers and the rest are the real ones. */
export function seededCrypto(random: Random, webCrypto: any): any {
  const randomBytes = (size: number, callback?: (error: null, bytes: Buffer) => void) => {
    const bytes = fill(random, Buffer.alloc(size));
    if (!callback) return bytes;
    process.nextTick(() => callback(null, bytes));
    return undefined;
  };
  const randomInt = (...args: any[]) => {
    const callback = typeof args[args.length - 1] === 'function' ? args.pop() : undefined;
    const [min, max] = args.length === 1 ? [0, args[0]] : args;
    const value = random.integer(min, max - 1);
    if (!callback) return value;
    process.nextTick(() => callback(null, value));
    return undefined;
  };
  const randomFill = (view: any, ...rest: any[]) => {
    const callback = rest.pop();
    fill(random, view);
    process.nextTick(() => callback(null, view));
  };
  return {
    ...crypto,
    getRandomValues: webCrypto.getRandomValues,
    randomBytes,
    pseudoRandomBytes: randomBytes,
    randomInt,
    randomFill,
    randomFillSync: (view: any) => fill(random, view),
    randomUUID: () => random.uuid(),
    webcrypto: webCrypto,
  };
}
