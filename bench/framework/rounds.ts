import { shuffled } from "./random.js";

export interface RoundsOptions {
  readonly rounds: number;
  /** Numbers from 0 up to 1, for the order within each round. */
  readonly fraction: () => number;
  /** Called before each round, with its number from 1. */
  readonly onRound?: ((round: number) => void) | undefined;
}

/**
 * Measures every contestant once in each round, in an order of the round's own, so that neither a slow moment of the
 * machine nor what one leaves behind for the next falls on the same one each time. Resolves with the measurements of each,
 * round by round.
 */
export async function interleave<T, M>(
  contestants: readonly T[],
  { rounds, fraction, onRound }: RoundsOptions,
  measure: (contestant: T) => Promise<M>,
): Promise<Map<T, M[]>> {
  const measured = new Map<T, M[]>(contestants.map((contestant) => [contestant, []]));
  for (let round = 1; round <= rounds; round++) {
    onRound?.(round);
    for (const contestant of shuffled(contestants, fraction)) {
      measured.get(contestant)?.push(await measure(contestant));
    }
  }
  return measured;
}
