/** Where everything of a run is: regions with their tables, and the keys that are worked on at a time. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { Connection } from "dynatx";
import type { ProtocolHooks } from "../../src/dynamodb/protocol-hooks.js";
import { Account, Log, Move, Note, Tally, Transfer } from "./models.js";

export interface RegionPlace {
  readonly endpoint: string;
  readonly prefix: string;
}

export interface WorldOptions {
  /** The regions, in the order in which everybody names them. */
  readonly places: readonly RegionPlace[];
  readonly leaseMs: number;
  readonly hooks?: ProtocolHooks;
}

/** A set of tables with a coordinator. */
export interface Region {
  readonly name: string;
  readonly connection: Connection;
  readonly Logs: typeof Log;
  readonly Notes: typeof Note;
  readonly Tallies: typeof Tally;
  readonly Accounts: typeof Account;
  readonly Moves: typeof Move;
  readonly Transfers: typeof Transfer;
}

export const totalOfAccounts = 600;
const accountCount = 6;
const tallyCount = 3;

/** An account or a tally, and where it is. */
export interface Placed {
  readonly id: string;
  readonly region: Region;
}

export class World {
  readonly regions: readonly Region[];

  constructor({ places, leaseMs, hooks }: WorldOptions) {
    this.regions = places.map(({ endpoint, prefix }) => {
      const client = new DynamoDBClient({
        endpoint,
        region: "us-east-1",
        credentials: { accessKeyId: "local", secretAccessKey: "local" },
      });
      // Short waits: more happens in the time that there is.
      const connection = new Connection({
        client,
        tablePrefix: prefix,
        conflictBackoff: { baseMs: 5, capMs: 100 },
        sendBackoff: { baseMs: 5, capMs: 100 },
        coordinator: { leaseMs },
        hooks,
      });
      return regionOf(prefix, connection);
    });
    for (const { connection } of this.regions)
      for (const other of this.regions) connection.addCoordinator(other.connection);
  }

  get home(): Region {
    return this.region(0);
  }

  region(index: number): Region {
    // True: a world has a region at least, and the index is taken round.
    return this.regions[index % this.regions.length] as Region;
  }

  get accounts(): readonly Placed[] {
    return Array.from({ length: accountCount }, (_, n) => ({ id: `a${n}`, region: this.region(n) }));
  }

  get tallies(): readonly Placed[] {
    return Array.from({ length: tallyCount }, (_, n) => ({ id: `t${n}`, region: this.region(n) }));
  }

  /** Opens what must be there from the beginning, on tables that are there. */
  async open(): Promise<void> {
    const balance = totalOfAccounts / accountCount;
    for (const { id, region } of this.accounts) await new region.Accounts({ id, balance }).save();
    for (const { id, region } of this.tallies) await new region.Tallies({ id }).save();
  }

  close(): void {
    for (const { connection } of this.regions) connection.client.destroy();
  }
}

function regionOf(name: string, connection: Connection): Region {
  return {
    name,
    connection,
    Logs: Log.on(connection),
    Notes: Note.on(connection),
    Tallies: Tally.on(connection),
    Accounts: Account.on(connection),
    Moves: Move.on(connection),
    Transfers: Transfer.on(connection),
  };
}
