export { InvariantError } from "./base/assert.ts";
export { isSeawallError, SeawallError } from "./base/errors.ts";
export type { ErrorPlace, SeawallErrorCode } from "./base/errors.ts";
export { SILENT_LOGGER } from "./base/logger.ts";
export type { Logger } from "./base/logger.ts";
export type { CommitNumber, Lsn, TransactionId } from "./base/units.ts";
export { Database, NOT_CACHED } from "./database.ts";
export type { DatabaseStats, RunOptions, TransactionOptions } from "./database.ts";
export { KEY_BYTES_MAX } from "./data/key-codec.ts";
export type { Key, KeyEncoding } from "./data/key-codec.ts";
export { VALUE_BYTES_MAX } from "./data/value-codec.ts";
export { asyncPolicy, batchPolicy, osPolicy, syncPolicy } from "./log/sync-policies.ts";
export type {
  AsyncPolicyOptions,
  BatchPolicyOptions,
  SyncPolicyName,
} from "./log/sync-policies.ts";
export type {
  AcknowledgeAt,
  Backlog,
  Loss,
  PolicyPromise,
  SyncDecision,
  SyncPolicy,
  SyncPolicyState,
} from "./log/sync-policy.ts";
export type { OpenOptions } from "./options.ts";
export type { Clock, Timer } from "./platform/clock.ts";
export type { Entropy } from "./platform/entropy.ts";
export { FileIOError, isFileIOError } from "./platform/file-io.ts";
export type {
  FileHandle,
  FileIO,
  FileIOErrorCode,
  FileLock,
  FileStat,
  OpenMode,
} from "./platform/file-io.ts";
export type { Platform } from "./platform/platform.ts";
export type { CopyCount } from "./platform/mirrored-files.ts";
export type { RecoveryReport, TailReport } from "./recovery/recovery-report.ts";
export type { ScrubProblem, ScrubReport } from "./recovery/scrub-store.ts";
export type { BatchOperation } from "./transactions/batch-operation.ts";
export type { IsolationLevel } from "./transactions/conflict-check.ts";
export type { Entry, ScanOptions } from "./transactions/range-scan.ts";
export type { Scan } from "./transactions/scan.ts";
export type { CommitOptions, Transaction } from "./transactions/transaction.ts";
export type { CommitReceipt } from "./transactions/transaction-manager.ts";
