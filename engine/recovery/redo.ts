import type { LogRecord } from "../log/record.ts";
import type { StorageManager } from "../pages/storage-manager.ts";

/**
 * Repeats what a record did, losers' records too: undo then starts from the state that the crash left,
 * whichever records it was in the middle of.
 */
export function redo(record: LogRecord, storage: StorageManager): void {
  switch (record.kind) {
    case "put":
      storage.apply(record.key, record.value);
      return;
    case "delete":
      storage.apply(record.key, undefined);
      return;
    case "clr":
      storage.apply(record.key, record.restored);
      return;
    case "begin":
    case "commit":
    case "rollback":
    case "open":
    case "close":
      return;
  }
}
