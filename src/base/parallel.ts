/** Runs `work` on every element, at most `limit` at once, and resolves when all have ended. `work` must not reject. */
export async function forEachParallel<T>(
  elements: readonly T[],
  limit: number,
  work: (element: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  async function worker(): Promise<void> {
    while (next < elements.length) {
      const index = next++;
      // The index is below the length, so the element is there (it may itself be undefined).
      await work(elements[index] as T, index);
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, elements.length) }, worker));
}
