import { type DataOperation, ZEROS } from "./data-operation.ts";
import { SharedBytes } from "./shared-bytes.ts";

/** So many bytes that nothing refers to any more are not worth moving the others for. */
const SLACK_BYTES = 32_768;

/** The operations on one file that are visible and not durable, with the bytes that they bring. */
export class PendingData {
  /** In the order in which they took effect. */
  readonly operations: DataOperation[] = [];
  #kept = new SharedBytes();
  #keptBytes = 0;

  /** Without a source the operation brings zeros. */
  add(operation: Omit<DataOperation, "keptAt">, source: Uint8Array | undefined): void {
    const { kind, sequence, from, to, newFrom, sizeAfter } = operation;
    const keptAt = source === undefined ? ZEROS : this.#keep(source);
    this.operations.push({ kind, sequence, from, to, keptAt, newFrom, sizeAfter });
  }

  /** What an operation that does not bring zeros wrote between two offsets in the file. */
  bytesOf({ keptAt, from: first }: DataOperation, from: number, to: number): Uint8Array {
    return this.#kept.content.subarray(keptAt + from - first, keptAt + to - first);
  }

  /** The first so many are durable. */
  dropFirst(count: number): void {
    if (count === this.operations.length) {
      this.clear();
    } else {
      this.operations.splice(0, count);
      this.#compact();
    }
  }

  clear(): void {
    this.operations.length = 0;
    this.#keptBytes = 0;
  }

  /** Whether some operation changed a byte of the range. */
  touches(from: number, to: number): boolean {
    return this.operations.some((operation) => operation.from < to && operation.to > from);
  }

  /** A copy that shares bytes with this one until either changes. */
  copy(): PendingData {
    const copy = new PendingData();
    copy.operations.push(...this.operations);
    copy.#kept = this.#kept.copy();
    copy.#keptBytes = this.#keptBytes;
    return copy;
  }

  dispose(): void {
    this.clear();
    this.#kept.dispose();
  }

  #keep(source: Uint8Array): number {
    const at = this.#keptBytes;
    const end = at + source.length;
    this.#kept.own(end).set(source, at);
    this.#keptBytes = end;
    return at;
  }

  /** Under overlapping syncs something is always pending: drops what is no longer referred to. */
  #compact(): void {
    const { operations } = this;
    const start = operations.find(({ keptAt }) => keptAt !== ZEROS)?.keptAt ?? this.#keptBytes;
    if (start < SLACK_BYTES || start < this.#keptBytes / 2) {
      return;
    }
    this.#kept.replace(this.#kept.content.slice(start));
    this.#keptBytes -= start;
    for (const [index, operation] of operations.entries()) {
      if (operation.keptAt !== ZEROS) {
        operations[index] = { ...operation, keptAt: operation.keptAt - start };
      }
    }
  }
}
