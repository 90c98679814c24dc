import type { CrashKind } from "../disk/crash-summary.ts";
import type { DiskProfile } from "../disk/profiles.ts";
import type { VirtualDisk } from "../disk/virtual-disk.ts";

/** An engine may answer at once or later: the disk itself is synchronous either way. */
export type MaybePromise<T> = T | Promise<T>;

/** The disk as a program sees it that calls it synchronously. Every call takes effect at once. */
export type SynchronousDisk = Pick<
  VirtualDisk,
  | "open"
  | "stat"
  | "readDirectory"
  | "makeDirectory"
  | "removeDirectory"
  | "rename"
  | "unlink"
  | "syncDirectory"
  | "read"
  | "write"
  | "truncate"
  | "preallocate"
  | "sync"
  | "close"
>;

/** Everything that a subject may ask of the world. What it takes from elsewhere makes its runs differ. */
export interface SubjectWorld {
  readonly disk: SynchronousDisk;
  /** What the subject may believe of the device: never more than the subject itself declares. */
  readonly profile: DiskProfile;
  /** Virtual milliseconds since 1970; every look moves it on a little. */
  nowMs(): number;
  /** Fills the target with bytes that the seed decides. */
  random(target: Uint8Array): void;
}

/** One change of a commit. Keys are short lower-case words; values any printable ASCII, some of them long. */
export interface SubjectWrite {
  readonly key: string;
  /** Undefined removes the key. */
  readonly value: string | undefined;
}

/** A subject that is open. */
export interface OpenSubject {
  /** Commits all of it or nothing, and returns when it would tell its user that it is done. */
  commit(writes: readonly SubjectWrite[]): MaybePromise<void>;

  /**
   * Everything it holds, read as its user would. @throws CorruptSubjectError when the subject itself finds
   * that it is damaged: run its own check first, where it has one.
   */
  readAll(): MaybePromise<ReadonlyMap<string, string>>;

  /** An orderly end. */
  close(): MaybePromise<void>;

  /** Lets go of memory after a crash. Must not touch the disk: the process is dead. */
  abandon(): MaybePromise<void>;
}

/** The subject says that what lies on its disk is damaged. Every other error of it is a refusal. */
export class CorruptSubjectError extends Error {
  override readonly name = "CorruptSubjectError";
}

/** The subject went on without end, and whoever ran it stopped it. */
export class RunawaySubjectError extends Error {
  override readonly name = "RunawaySubjectError";
}

/** What a subject was found to hold after a crash. */
export const OUTCOMES = [
  /** Every acknowledged commit; of the one in flight everything or nothing. */
  "kept",
  /** A state it once had, one acknowledged commit ago. */
  "last-lost",
  /** A state it once had, longer ago. */
  "suffix-lost",
  /** A state that it never had. */
  "wrong",
  /** It says that it is damaged. */
  "corrupt",
  /** It does not open, or cannot be read. */
  "refused",
  /** It did not answer. */
  "runaway",
] as const;

export type Outcome = (typeof OUTCOMES)[number];

/** What the makers of a subject say of one kind of crash. */
export interface SubjectPromise {
  /** What may be found; anything else breaks the promise. */
  readonly allows: readonly Outcome[];
  /**
   * Of these at least one has to be found, or the disk is gentler than the one that the promise is about.
   * @defaultValue nothing has to
   */
  readonly shows?: readonly Outcome[];
}

export const KEEPS_ALL: SubjectPromise = { allows: ["kept"] };
export const MAY_LOSE_LAST: SubjectPromise = { allows: ["kept", "last-lost"] };
export const MAY_LOSE_SUFFIX: SubjectPromise = {
  allows: ["kept", "last-lost", "suffix-lost"],
  shows: ["last-lost", "suffix-lost"],
};
export const MAY_LOSE_ANYTHING: SubjectPromise = {
  allows: OUTCOMES,
  shows: ["wrong", "corrupt", "refused", "runaway"],
};

/** A storage engine under the storm that calls its disk by itself. */
export interface Subject {
  /** As on the command line, such as `sqlite:wal-full`. */
  readonly name: string;
  readonly about: string;
  /** The device it runs on. Where it declares another to its engine, the declaration is false on purpose. */
  readonly profile: DiskProfile;
  readonly promises: Readonly<Record<CrashKind, SubjectPromise>>;
  /** How much one seed does. @defaultValue 8 commits a life, 12 crashes */
  readonly effort?: SubjectEffort;
  /** Opens what is on the disk, and makes it where nothing is. */
  open(world: SubjectWorld): MaybePromise<OpenSubject>;
}

export interface SubjectEffort {
  /** Commits of one life, at most. */
  readonly commits: number;
  /** Crashes of the first life; those of recoveries and later lives come on top. */
  readonly crashes: number;
}
