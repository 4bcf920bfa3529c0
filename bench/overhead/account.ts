/** The item of this suite: eight attributes of mixed kinds. Contestants take it and give it back as it is here. */
export interface Account {
  readonly id: string;
  readonly owner: string;
  readonly balance: number;
  readonly active: boolean;
  readonly openedAt: Date;
  readonly tags: Set<string>;
  readonly address: { readonly street: string; readonly city: string; readonly zip: string };
  readonly history: readonly number[];
}

export function accountOf(id: string): Account {
  return {
    id,
    owner: "Ada Lovelace",
    balance: 1000,
    active: true,
    openedAt: new Date("2026-01-02T03:04:05.678Z"),
    tags: new Set(["gold", "early"]),
    address: { street: "12 St James's Square", city: "London", zip: "SW1Y 4JH" },
    history: [100, -25, 925],
  };
}

/** As those store it who have no dates: a text that sorts. */
export type StoredAccount = Omit<Account, "openedAt"> & { readonly openedAt: string };

export function toStored(account: Account): StoredAccount {
  return { ...account, openedAt: account.openedAt.toISOString() };
}
