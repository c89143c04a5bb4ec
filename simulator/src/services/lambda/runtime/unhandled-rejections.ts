import type { Realm } from './realm';

/** Whoever must die of a promise rejection that nobody handles. */
interface Owner {
  unhandledRejection(reason: unknown): void;
}

/** Environments by what they were rejected with (the SDK's promises are the host's), and by the realm whose promises they make. */
const BY_REASON = new WeakMap<object, Owner>();
const BY_PROMISE = new WeakMap<object, () => Owner | undefined>();
let listening = false;

/** Tells that code of `owner` gets this error and may fail to handle it. */
export function rejectedWith(reason: unknown, owner: Owner) {
  if (typeof reason === 'object' && reason !== null) BY_REASON.set(reason, owner);
}

/** Lambda's runtime exits on an unhandled rejection; without this, the simulator would. `current` is the environment that ran last. */
export function ownRejections(realm: Realm, current: () => Owner | undefined) {
  BY_PROMISE.set(realm.promisePrototype, current);
  if (listening) return;
  listening = true;
  process.on('unhandledRejection', (reason, promise) => {
    const owner = (typeof reason === 'object' && reason !== null ? BY_REASON.get(reason) : undefined)
      ?? BY_PROMISE.get(Object.getPrototypeOf(promise))?.();
    if (owner) owner.unhandledRejection(reason);
    // Not a handler's: what Node.js does when nobody listens.
    else if (process.listenerCount('unhandledRejection') === 1) throw reason;
  });
}
