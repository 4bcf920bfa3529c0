const firstCapacity = 1024;

/** Whole numbers of 32 bits, packed, since a graph has millions of them. */
export class IntList {
  #items = new Int32Array(firstCapacity);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: number): void {
    if (this.#length === this.#items.length) {
      const larger = new Int32Array(this.#items.length * 2);
      larger.set(this.#items);
      this.#items = larger;
    }
    this.#items[this.#length++] = item;
  }

  /** The item at an index below the length. */
  at(index: number): number {
    return this.#items[index] as number; // true: the index is below the length
  }
}
