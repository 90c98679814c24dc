import type { LogRecord } from "../log/record.ts";
import type { StorageManager } from "../pages/storage-manager.ts";
import type { OpenTransaction } from "./transaction-table.ts";

/**
 * Undoes the losers, newest change first, and returns the records that say so: a CLR per change, a
 * Rollback per transaction. They must be in the log before any later commit, so that no recovery undoes
 * these changes over that commit.
 */
export function undo(losers: readonly OpenTransaction[], storage: StorageManager): LogRecord[] {
  const records: LogRecord[] = [];
  const pending = losers
    .flatMap(({ id, changes }) => changes.map((change) => ({ id, change })))
    .toSorted((a, b) => b.change.lsn - a.change.lsn);
  for (const { id, change } of pending) {
    storage.apply(change.key, change.old);
    records.push({
      kind: "clr",
      transaction: id,
      key: change.key,
      restored: change.old,
      undoneLsn: change.lsn,
    });
  }
  for (const { id } of losers) {
    records.push({ kind: "rollback", transaction: id });
  }
  return records;
}
