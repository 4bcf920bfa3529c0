/** Who changes what. */
export interface Workload {
  readonly name: string;
  readonly workers: number;
  readonly keys: readonly string[];
  /** The keys of one commit, by numbers from 0 up to 1. */
  readonly pick: (fraction: () => number) => readonly string[];
}

const accounts = Array.from({ length: 100 }, (_, at) => `account-${at}`);

function single(name: string, workers: number): Workload {
  const keys = ["key"];
  return { name, workers, keys, pick: () => keys };
}

/** Two different accounts. */
function transfer(fraction: () => number): readonly string[] {
  const from = Math.floor(fraction() * accounts.length);
  const step = 1 + Math.floor(fraction() * (accounts.length - 1));
  // Both places are there.
  return [accounts[from] ?? "", accounts[(from + step) % accounts.length] ?? ""];
}

export const workloads: readonly Workload[] = [
  single("one key, one worker", 1),
  single("one hot key, 16 workers", 16),
  { name: "transfers among 100 accounts, 16 workers", workers: 16, keys: accounts, pick: transfer },
];
