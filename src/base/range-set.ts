import { ValidationError } from "./errors.js";

/** From the first whole number to before the second: `[0, 5]` holds 0, 1, 2, 3 and 4. */
export type Range = readonly [from: number, before: number];

/** A set of whole numbers, kept as few ranges: `[[0, 5], [7, 8]]` holds 0 to 4, and 7. */
export class RangeSet implements Iterable<Range> {
  #ranges: readonly Range[] = [];

  /** Takes ranges in any order, touching or overlapping. Throws `ValidationError` for what is no range. */
  constructor(ranges: Iterable<Range> = []) {
    for (const range of ranges) this.add(range);
  }

  /** Adds a range; an empty one changes nothing. Throws `ValidationError` for what is no range. */
  add(range: Range): void {
    const [from, before] = range;
    if (!Number.isSafeInteger(from) || !Number.isSafeInteger(before) || before < from) {
      throw new ValidationError(`no range of whole numbers: ${JSON.stringify(range)}`);
    }
    if (from === before) return;
    const apart = this.#ranges.filter((other) => other[1] < from || before < other[0]);
    const touching = this.#ranges.filter((other) => other[1] >= from && before >= other[0]);
    const merged: Range = [
      touching.reduce((least, other) => Math.min(least, other[0]), from),
      touching.reduce((most, other) => Math.max(most, other[1]), before),
    ];
    this.#ranges = [...apart, merged].toSorted((a, b) => a[0] - b[0]);
  }

  has(number: number): boolean {
    return this.#ranges.some(([from, before]) => from <= number && number < before);
  }

  /** How many numbers it holds. */
  get size(): number {
    return this.#ranges.reduce((sum, [from, before]) => sum + before - from, 0);
  }

  /** The number after the greatest it holds, 0 when it is empty. */
  get end(): number {
    return this.#ranges.at(-1)?.[1] ?? 0;
  }

  /** What this set holds and `other` does not. */
  without(other: RangeSet): RangeSet {
    const left = new RangeSet();
    for (const [from, before] of this.#ranges) {
      let at = from;
      for (const [gone, goneBefore] of other) {
        if (goneBefore <= at || gone >= before) continue;
        if (gone > at) left.add([at, gone]);
        at = Math.max(at, goneBefore);
      }
      if (at < before) left.add([at, before]);
    }
    return left;
  }

  /** Every number in it, in order. */
  *numbers(): IterableIterator<number> {
    for (const [from, before] of this.#ranges) {
      for (let number = from; number < before; number++) yield number;
    }
  }

  /** The ranges, in order, apart from each other. */
  [Symbol.iterator](): IterableIterator<Range> {
    return this.#ranges.values();
  }

  /** The ranges as plain arrays, as they are stored. */
  toJSON(): [number, number][] {
    return this.#ranges.map(([from, before]) => [from, before]);
  }
}
