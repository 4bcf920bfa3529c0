/** What every record holds. */
export interface Account {
  readonly balance: number;
  /** How many commits have changed it. */
  readonly changes: number;
}

export const newAccount: Account = { balance: 0, changes: 0 };

/** A record after one commit that takes 1 from the first of its keys, and gives it to the others. */
export function changed(account: Account, at: number): Account {
  return { balance: account.balance + (at === 0 ? -1 : 1), changes: account.changes + 1 };
}

/** A contestant in a folder of its own. */
export interface Opened {
  create(keys: readonly string[]): Promise<void>;
  /** Changes all the keys in one transaction, whatever others do at the same time. */
  commit(worker: number, keys: readonly string[]): Promise<void>;
  read(key: string): Promise<Account>;
  close(): Promise<void>;
}

export interface Contestant {
  readonly name: string;
  /** What it does, exactly, for the report. */
  readonly does: string;
  open(hosts: string, root: string, workers: number): Promise<Opened>;
}
