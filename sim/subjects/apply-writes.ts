import type { SubjectWrite } from "./subject.ts";

/** Brings entries, a plain Map of them, into the state after a commit. */
export function applyWrites(entries: Map<string, string>, writes: readonly SubjectWrite[]): void {
  for (const { key, value } of writes) {
    if (value === undefined) {
      entries.delete(key);
    } else {
      entries.set(key, value);
    }
  }
}
