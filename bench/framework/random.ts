/** Numbers from 0 up to 1, the same ones for the same seed (xorshift32). */
export function seededFractions(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1) || 1; // zero would stay zero
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** The same things in a random order. */
export function shuffled<T>(things: readonly T[], fraction: () => number): T[] {
  return things
    .map((thing) => ({ thing, place: fraction() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ thing }) => thing);
}
