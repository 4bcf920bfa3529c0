/** A place in the line of one key. */
export interface Place {
  readonly key: string;
  /** Resolves when it is this one's turn. */
  readonly turn: Promise<void>;
  readonly isFirst: boolean;
  /** Gives the place up; the next one has its turn. Must be called in any case; fine more than once. */
  leave(): void;
}

interface Member {
  readonly seniority: number;
  isFirst: boolean;
  readonly begin: () => void;
}

/**
 * Lines of those in one process who wait for the same thing outside of it, so that one asks for it instead of all. The
 * senior goes first (the lower number). It is a courtesy, not a lock: who holds something that others wait for must not
 * stand in a line.
 */
export class WaitingLines {
  readonly #lines = new Map<string, Member[]>();

  /** Whether anybody stands in the line of a key. */
  isEmpty(key: string): boolean {
    return !this.#lines.has(key);
  }

  join(key: string, seniority: number): Place {
    const line = this.#lines.get(key) ?? [];
    this.#lines.set(key, line);
    let begin = (): void => {};
    const turn = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const member: Member = { seniority, isFirst: false, begin };
    // Behind who has the turn already, and before who is junior.
    const junior = line.findIndex((other) => !other.isFirst && other.seniority > seniority);
    line.splice(junior === -1 ? line.length : junior, 0, member);
    this.#next(line);
    return {
      key,
      turn,
      get isFirst() {
        return member.isFirst;
      },
      leave: () => this.#leave(key, line, member),
    };
  }

  #leave(key: string, line: Member[], member: Member): void {
    const at = line.indexOf(member);
    if (at === -1) return;
    line.splice(at, 1);
    if (line.length === 0) this.#lines.delete(key);
    else this.#next(line);
  }

  #next(line: readonly Member[]): void {
    const [first] = line;
    if (first === undefined || first.isFirst) return;
    first.isFirst = true;
    first.begin();
  }
}
