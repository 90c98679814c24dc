import type { VirtualDirectory } from "./directory-tree.ts";
import type { VirtualFile } from "./virtual-file.ts";

/** Which call syncs: `datasync` may leave out metadata that reading does not need. */
export type SyncKind = "datasync" | "sync";

/** A sync that was reported as done, and covers changes up to a sequence number. */
export type OwedSync =
  | { readonly kind: SyncKind; readonly file: VirtualFile; readonly through: number }
  | { readonly kind: "directory"; readonly directory: VirtualDirectory; readonly through: number };

/** So many syncs a device that lies is behind: some hundred kilobytes of small writes. */
const OWED_MAX = 8;

/** Syncs that a device reported and did not carry out yet, oldest first. */
export class OwedSyncs {
  #owed: OwedSync[] = [];

  /** Takes note of one. Returns what is carried out now: a cache is only so large. */
  owe(sync: OwedSync): readonly OwedSync[] {
    this.#owed.push(sync);
    return this.#owed.splice(0, this.#owed.length - OWED_MAX);
  }

  /** The system died. Returns what the device still carries out: nothing when its power went. */
  settle(kind: "os" | "power"): readonly OwedSync[] {
    const owed = this.#owed;
    this.#owed = [];
    return kind === "power" ? [] : owed;
  }

  /** `copyOf` maps the files of one disk to those of the other. */
  clone(copyOf: (file: VirtualFile) => VirtualFile): OwedSyncs {
    const copy = new OwedSyncs();
    copy.#owed = this.#owed.map((owed) =>
      owed.kind === "directory" ? owed : { ...owed, file: copyOf(owed.file) },
    );
    return copy;
  }
}
