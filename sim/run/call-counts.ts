import type { FileGroup } from "../scenario/file-group.ts";
import { fileGroupOf } from "./store-files.ts";

/** Which call of its kind one is: of all, and of those on files of the same group. */
export interface CallNumber {
  readonly overall: number;
  readonly group: FileGroup | undefined;
  readonly inGroup: number;
}

/** Counts the calls of one life from 0. */
export class CallCounts {
  readonly #counts = new Map<string, number>();

  next(kind: "sync" | "write" | "read", path: string): CallNumber {
    const group = fileGroupOf(path);
    return { overall: this.#next(kind), group, inGroup: this.#next(`${kind} ${group ?? "other"}`) };
  }

  /** How many there were on files of the group. */
  countOf(kind: "sync" | "write", group: FileGroup): number {
    return this.#counts.get(`${kind} ${group}`) ?? 0;
  }

  #next(what: string): number {
    const count = this.#counts.get(what) ?? 0;
    this.#counts.set(what, count + 1);
    return count;
  }
}
