export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Lets time pass, under jest's fake timers, until the promise is settled. */
export async function inTime<T>(promise: Promise<T>): Promise<T> {
  let settled = false;
  const settle = () => {
    settled = true;
  };
  promise.then(settle, settle);
  await jest.advanceTimersByTimeAsync(0);
  while (!settled) await jest.advanceTimersToNextTimerAsync();
  return promise;
}
