/** Settles as `wait` does; rejects with the signal's reason when that aborts before. */
export async function unlessAborted(wait: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return wait;
  signal.throwIfAborted();
  // Thousands may wait with the same signal of the caller: a listener of each on that one would draw warnings.
  const own = AbortSignal.any([signal]);
  await new Promise<void>((resolve, reject) => {
    own.addEventListener("abort", () => resolve(), { once: true });
    wait.then(resolve, reject);
  });
  signal.throwIfAborted();
}
