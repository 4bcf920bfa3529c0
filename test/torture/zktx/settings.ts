/** One run of the torture of transactions with locks. */
export interface Settings {
  readonly seed: number;
  /** How long blows are dealt, in milliseconds. */
  readonly durationMs: number;
  /** Servers: 1, or 3 of an ensemble. */
  readonly members: 1 | 3;
  /** Crews in processes of their own. */
  readonly workers: number;
  /** Crews in this process. */
  readonly crews: number;
  /** Transactions that a crew has under way at once. */
  readonly lines: number;
  readonly sessionMs: number;
  readonly generationMs: number;
  /** The mean time between two blows, in milliseconds; 0: none. */
  readonly blowMs: number;
  /** The share of commits whose reply gets lost. */
  readonly unheard: number;
  /** A folder that takes the histories. */
  readonly folder: string;
}

export const defaults = {
  members: 1,
  workers: 2,
  crews: 3,
  lines: 2,
  sessionMs: 1500,
  generationMs: 8000,
  blowMs: 700,
  unheard: 0.06,
} as const satisfies Partial<Settings>;
