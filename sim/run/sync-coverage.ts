import type { FileGroup } from "../scenario/file-group.ts";
import { fileGroupOf } from "./store-files.ts";

/** Which files have writes that no completed sync covers. */
export class SyncCoverage {
  /** Files that have some, and their numbers, in order. */
  readonly #dirty = new Map<string, number[]>();
  /** Of the syncs under way, by file: the number of the last write that took effect before the call. */
  readonly #underWay = new Map<string, number[]>();
  #writeNumber = 0;

  /** Writes so far. */
  get writes(): number {
    return this.#writeNumber;
  }

  /** Whoever made the calls is gone. */
  begin(): void {
    this.#dirty.clear();
    this.#underWay.clear();
  }

  /** A write takes effect. */
  written(path: string): void {
    this.#writeNumber += 1;
    const numbers = this.#dirty.get(path) ?? [];
    numbers.push(this.#writeNumber);
    this.#dirty.set(path, numbers);
  }

  /** A sync is called. */
  called(path: string): void {
    const underWay = this.#underWay.get(path) ?? [];
    underWay.push(this.#writeNumber);
    this.#underWay.set(path, underWay);
  }

  /** The oldest sync of the file takes effect. What was written while it was under way it does not cover. */
  ended(path: string): number {
    return this.#underWay.get(path)?.shift() ?? this.#writeNumber;
  }

  /** It succeeds, and covers what `ended` said. */
  succeeded(path: string, covered: number): void {
    const left = this.#dirty.get(path)?.filter((number) => number > covered) ?? [];
    if (left.length > 0) {
      this.#dirty.set(path, left);
    } else {
      this.#dirty.delete(path);
    }
  }

  /** The number of the first write of a file that no sync covers; undefined when there is none. */
  firstDirty(path: string): number | undefined {
    return this.#dirty.get(path)?.[0];
  }

  /** Whether a sync of such a file is under way. */
  isSyncing(group: FileGroup): boolean {
    return [...this.#underWay].some(
      ([path, calls]) => calls.length > 0 && fileGroupOf(path) === group,
    );
  }
}
