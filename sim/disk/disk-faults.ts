import type { FileIOErrorCode } from "../../engine/platform/file-io.ts";

export type DiskOperationKind =
  | "open"
  | "stat"
  | "read-directory"
  | "make-directory"
  | "remove-directory"
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
  | {
      readonly kind: "failed-sync";
      readonly storedPattern: number;
      /** @defaultValue "EIO" */
      readonly code?: "EIO" | "ENOSPC";
    }
  /** A read that brings what lies elsewhere in the file: `shift` times its own length further on. */
  | { readonly kind: "misread"; readonly shift: number }
  | LostWrite;

/**
 * A sync that reports success, and one of whose writes the device did not store. `pick` chooses which, and
 * how much of it. With `strayTo` its bytes went to another place of the file, where they replace what was
 * stored. Programs see what they wrote as long as the system has it in memory: not when it is `evicted`.
 */
export interface LostWrite {
  readonly kind: "lost-write";
  readonly pick: number;
  readonly strayTo?: number;
  readonly evicted: boolean;
}

/** Bytes of a file that the device did not store as it said; ground truth for whoever has to judge. */
export interface ReplacedRange {
  readonly path: string;
  readonly from: number;
  readonly to: number;
}

/** Consulted by the disk when a call takes effect. */
export interface DiskFaults {
  beforeOperation(operation: DiskOperation): Fault | undefined;
  /** How much longer the call takes, in microseconds. Consulted when the call is made. */
  delayUs?(operation: DiskOperation): number;
  /** Told what a write was lost from, or strayed to, just after it happened. */
  mediaReplaced?(range: ReplacedRange): void;
  /** Told of a read that is given bytes which were replaced, just before it is. */
  mediaMet?(range: ReplacedRange): void;
  /** Told of a read, before it succeeds or fails, that comes upon damage of any kind. */
  damageMet?(range: ReplacedRange): void;
  /** Told when a call fails for what the medium is, and not by an answer of `beforeOperation`. */
  mediaFailed?(kind: DiskOperationKind): void;
}
