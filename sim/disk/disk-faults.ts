import type { FileIOErrorCode } from "../../engine/platform/file-io.ts";

export type DiskOperationKind =
  | "open"
  | "stat"
  | "read-directory"
  | "make-directory"
  | "rename"
  | "unlink"
  | "sync-directory"
  | "lock"
  | "read"
  | "write"
  | "truncate"
  | "preallocate"
  | "size"
  | "datasync"
  | "sync"
  | "close";

/** A call to the disk, as a fault plan sees it. */
export interface DiskOperation {
  readonly kind: DiskOperationKind;
  readonly path: string;
  /** First byte read or written; the new size of a truncation or preallocation; otherwise 0. */
  readonly position: number;
  /** Bytes asked for; 0 when the call has none. */
  readonly bytes: number;
  /** The new path of a rename. */
  readonly to?: string;
}

/** What goes wrong with a call. */
export type Fault =
  /** The call fails and has no effect. */
  | { readonly kind: "error"; readonly code: FileIOErrorCode }
  /** A read or write that does at most this many bytes of its work, and says so. */
  | { readonly kind: "short"; readonly bytes: number }
  /** A write that does this many bytes of its work, and then fails. */
  | { readonly kind: "partial-error"; readonly code: FileIOErrorCode; readonly bytes: number }
  /**
   * A sync that reports `EIO` once and marks what it did not store as clean. Of the pieces that it was
   * to store, piece i is stored when bit i modulo 32 is set.
   */
  | { readonly kind: "failed-sync"; readonly storedPattern: number };

/** Consulted by the disk when a call takes effect. */
export interface DiskFaults {
  beforeOperation(operation: DiskOperation): Fault | undefined;
  /** How much longer the call takes, in microseconds. Consulted when the call is made. */
  delayUs?(operation: DiskOperation): number;
  /** Told when a call fails for what the medium is, and not by an answer of `beforeOperation`. */
  mediaFailed?(kind: DiskOperationKind): void;
}
