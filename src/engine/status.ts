/** The changes are in the store, and a journal of them. */
export const COMMITTED = "COMMITTED";
/** Nothing was committed and nothing is left: no changes, aborted, or left without state. */
export const PURGED = "PURGED";
/** Not committed, but its state is saved and its locks stand: it can be gone on with. */
export const PAUSED = "PAUSED";
/** The connection was lost, and nobody could tell what became of it. */
export const UNKNOWN = "UNKNOWN";

/** What became of a transaction. */
export type TXStatus = typeof COMMITTED | typeof PURGED | typeof PAUSED | typeof UNKNOWN;
