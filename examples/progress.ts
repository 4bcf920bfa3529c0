/** One line that is rewritten on a terminal, and printed now and then elsewhere. */
export class Progress {
  readonly #total: number;
  readonly #started = performance.now();
  #printed = 0;

  constructor(total: number) {
    this.#total = total;
  }

  get seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }

  show(done: number, detail: string): void {
    const share = done / this.#total;
    const bar = "█".repeat(Math.round(share * 30)).padEnd(30, "░");
    const line = `${bar} ${String(done).padStart(String(this.#total).length)}/${this.#total}  ${detail}`;
    if (process.stdout.isTTY) {
      process.stdout.write(`\r${line}\u001B[K${done === this.#total ? "\n" : ""}`);
    } else if (share >= this.#printed) {
      this.#printed += 0.25;
      console.log(line);
    }
  }
}
