/** The storm for storage engines that nobody here wrote: what one has to offer, and what comes of it. */
export { PROFILES } from "../disk/profiles.ts";
export type { DiskProfile, ProfileName } from "../disk/profiles.ts";
export type { CrashKind } from "../disk/crash-summary.ts";
export { FileIOError, isFileIOError } from "../../engine/platform/file-io.ts";
export type { FileHandle, FileIO } from "../../engine/platform/file-io.ts";
export { applyWrites } from "./apply-writes.ts";
export { isSubject, whyNoSubject } from "./assert-subject.ts";
export { createFsPromises } from "./fs-promises/fs-promises.ts";
export type { FsFileHandle, FsPromises } from "./fs-promises/types.ts";
export { ImmediateFileIO } from "./immediate-file-io.ts";
export { CRASH_KINDS, runSubject } from "./run-subject.ts";
export type { SubjectCrash, SubjectRun } from "./run-subject.ts";
export {
  CorruptSubjectError,
  KEEPS_ALL,
  MAY_LOSE_ANYTHING,
  MAY_LOSE_LAST,
  MAY_LOSE_SUFFIX,
  OUTCOMES,
  RunawaySubjectError,
} from "./subject.ts";
export type {
  MaybePromise,
  OpenSubject,
  Outcome,
  Subject,
  SubjectEffort,
  SubjectPromise,
  SubjectWorld,
  SubjectWrite,
  SynchronousDisk,
} from "./subject.ts";
export { SubjectTally } from "./subject-tally.ts";
export type { SubjectExample, SubjectRow, SubjectVerdict } from "./subject-tally.ts";
