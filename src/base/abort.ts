/** Settles as `wait` does; rejects with the signal's reason when that aborts before. */
export async function unlessAborted(wait: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return wait;
  signal.throwIfAborted();
  // Thousands may wait with the same signal of the caller: a listener of each on that one would draw warnings.
  const own = AbortSignal.any([signal]);
  let onAbort = (): void => {};
  try {
    await new Promise<void>((resolve, reject) => {
      onAbort = resolve;
      own.addEventListener("abort", onAbort);
      wait.then(resolve, reject);
    });
  } finally {
    own.removeEventListener("abort", onAbort); // or it would be kept for as long as the signal
  }
  signal.throwIfAborted();
}
