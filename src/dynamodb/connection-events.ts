/** What a connection reports while it works; see `Connection.on`. */
export interface ConnectionEvents {
  /** A commit starts over for one of its targets after a conflict, or an audit row after its key was taken. */
  readonly retry: {
    readonly table: string;
    /** How many attempts have failed, from 1. */
    readonly attempt: number;
    readonly error: unknown;
  };
  /** A save or delete found the item changed, taken or held. */
  readonly conflict: { readonly table: string; readonly key: Readonly<Record<string, unknown>> };
  /** One conditional write has carried the changes of `size` commits to one item. A commit that was alone counts as one. */
  readonly combined: {
    readonly table: string;
    readonly key: Readonly<Record<string, unknown>>;
    readonly size: number;
    /** From the first setter to the write's answer; a read before is not counted. */
    readonly durationMs: number;
  };
  /** A transaction has ended with status `done`. */
  readonly commit: {
    readonly transaction: string;
    readonly backend: string;
    /** Retries over all its own targets. */
    readonly retries: number;
    readonly durationMs: number;
  };
  /** An operation failed with `failure`, and its row could not be saved either: nothing in the database tells of it. */
  readonly rowLost: {
    readonly table: string;
    readonly transaction: string;
    readonly error: unknown;
    readonly failure: unknown;
  };
}
