/** What a worker process of these tests is to do, and what it tells. */

interface Place {
  readonly hosts: string;
  readonly root: string;
  readonly sessionTimeout: number;
}

export type Deed =
  /** Adds 1 to each key, each time in a transaction of its own. */
  | { readonly deed: "increment"; readonly keys: readonly string[]; readonly times: number }
  /** Locks the keys and sets each to one more, with state if it is given; says `holding`, and commits when told to. */
  | { readonly deed: "hold"; readonly keys: readonly string[]; readonly state?: unknown }
  /** Goes on with what died: adds 1 to one more key, and commits everything. */
  | { readonly deed: "resume"; readonly txid: number; readonly keys: readonly string[] }
  /** Moves money between random three of the keys, which it locks in random order. */
  | { readonly deed: "transfer"; readonly keys: readonly string[]; readonly times: number; readonly seed: number };

export type Orders = Place & Deed;

/** What a worker tells. */
export type News =
  | { readonly news: "holding"; readonly txid: number }
  /** All is ready for the commit, which waits until it is told to go on. */
  | { readonly news: "committing" }
  | { readonly news: "ended"; readonly statuses: readonly string[]; readonly state: unknown }
  | { readonly news: "failed"; readonly error: string; readonly status: string | undefined };

/** What a worker is told. */
export const go = "go";
