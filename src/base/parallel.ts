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

/** As `forEachParallel`, for work that may reject: after a failure nothing more is begun, and the first one comes out once all have ended. */
export async function allParallel<T>(
  elements: readonly T[],
  limit: number,
  work: (element: T, index: number) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = [];
  await forEachParallel(elements, limit, async (element, index) => {
    if (failures.length > 0) return;
    try {
      await work(element, index);
    } catch (error) {
      failures.push(error);
    }
  });
  if (failures.length > 0) throw failures[0];
}
