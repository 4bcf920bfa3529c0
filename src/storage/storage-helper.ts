import { ValidationError } from "../base/errors.js";
import { RangeSet } from "../base/range-set.js";
import { isConflict } from "../base/tx-errors.js";
import type { KeyValue, Value, Versioned } from "./accessor.js";
import { journalIdSet } from "./journal-id-set.js";
import type { Json } from "./json.js";
import type { Journal, JournalIdSet, RecordValues } from "./types.js";

/** The states of a journal. */
export type JournalStatus = keyof JournalIdSet;

const statuses: ReadonlySet<string> = new Set<JournalStatus>(["COMMITTED", "PURGED"]);

/** How often a write that depends on what was read is tried again because others were faster. */
const maxConflicts = 1000;
/** How many journals one commit deletes at the most: a long history that is to be purged must not make it slow. */
const maxPurgedAtOnce = 64;

/** What can be said of records and journals by their accessors alone. */
export abstract class StorageHelper {
  /** Records: the last values of each key. */
  abstract readonly record: KeyValue<RecordValues>;
  /** Journals, by journal id. */
  abstract readonly journal: KeyValue<Journal, number>;
  /** Which journals there are and were. */
  abstract readonly journalIdSet: Value<JournalIdSet>;

  /** How many values `applyRecord` keeps of a record. */
  maxValueHistory = 16;
  /** How many journals are kept; older ones are deleted. */
  maxJournalHistory = 1024;

  /** The newest value of a record and its version; null and -1 when it is absent. */
  async getLatest(key: string): Promise<Versioned<Json>> {
    const [values, version] = await this.record.get(key);
    return [values.at(-1) ?? null, version];
  }

  /** Appends a value to a record's history, whatever is there. Resolves with `false` when it is the newest already. */
  async applyRecord(key: string, value: Json): Promise<boolean> {
    return unlessFaster(async () => {
      const [values, version] = await this.record.get(key);
      if (version !== -1 && JSON.stringify(values.at(-1)) === JSON.stringify(value)) return false;
      const next = [...values, value].slice(-this.maxValueHistory);
      if (version === -1) await this.record.create(key, next);
      else await this.record.set(key, next, version);
      return true;
    });
  }

  /**
   * Records what has become of a journal: with `COMMITTED` that it and all before it exist, with `PURGED` that it is
   * deleted; tries again when others change the set meanwhile. With more than `maxJournalHistory` journals, the oldest are
   * deleted; that costs as much as there are too many, however many there ever were. Throws `ValidationError` for another
   * status.
   */
  async addToJournalIdSet(status: JournalStatus, journalId: number, seen?: Versioned<JournalIdSet>): Promise<void> {
    if (!statuses.has(status)) throw new ValidationError(`a journal is COMMITTED or PURGED, not ${status}`);
    let current = seen;
    await unlessFaster(async () => {
      const [ids, version] = current ?? (await this.journalIdSet.get());
      current = undefined; // stale from now on
      const next = journalIdSet(ids);
      next[status].add([status === "COMMITTED" ? 0 : journalId, journalId + 1]);
      await this.#store(ids, next, version);
    });
  }

  /** Deletes the journals beyond `maxJournalHistory`. A second call finds nothing to do. */
  async purgeJournals(): Promise<void> {
    for (let more = true; more;) {
      more = await unlessFaster(async () => {
        const [ids, version] = await this.journalIdSet.get();
        return this.#store(ids, journalIdSet(ids), version);
      });
    }
  }

  /** Stores `next`, and what is too old as purged, unless that is how it stands. Resolves with whether it did. */
  async #store(before: JournalIdSet, next: JournalIdSet, version: number): Promise<boolean> {
    const old = new RangeSet([[0, Math.max(0, next.COMMITTED.end - this.maxJournalHistory)]]);
    const expired = firstOf(old.without(next.PURGED), maxPurgedAtOnce);
    for (const id of expired) next.PURGED.add([id, id + 1]);
    if (JSON.stringify(before) === JSON.stringify(next)) return false;
    // Sent before it is recorded: what is lost in between is work for the next one, not rubbish for ever.
    const deletions = expired.map((id) => this.journal.safeDelete(id));
    const stored = version === -1 ? this.journalIdSet.create(next) : this.journalIdSet.set(next, version);
    await Promise.all([...deletions, stored]);
    return true;
  }
}

function firstOf(ids: RangeSet, count: number): readonly number[] {
  const first: number[] = [];
  for (const id of ids.numbers()) {
    if (first.length === count) break;
    first.push(id);
  }
  return first;
}

/** Runs `attempt` until it is not refused because of another's write in between. */
async function unlessFaster<T>(attempt: () => Promise<T>): Promise<T> {
  for (let conflicts = 0; ; conflicts++) {
    try {
      return await attempt();
    } catch (error) {
      if (!isConflict(error) || conflicts === maxConflicts) throw error;
    }
  }
}
