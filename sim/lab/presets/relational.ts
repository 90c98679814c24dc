import type { SyncDecision, SyncPolicyState } from "../../../engine/log/sync-policy.ts";
import type { LabPolicy } from "../lab-policy.ts";
import {
  always,
  ANY_SUFFIX,
  flush,
  LOSES_NOTHING,
  SURVIVES_THE_PROCESS,
  syncAtOnce,
} from "./shapes.ts";

/** Of PostgreSQL's commit_delay: how long, and with how many others. */
const COMMIT_DELAY = { delayMs: 1, siblings: 5 } as const;

const POSTGRES: readonly LabPolicy[] = [
  {
    name: "postgres-on",
    about: "every commit synced, waiting ones share",
    acknowledgeAt: "synced",
    promise: LOSES_NOTHING,
    decide: syncAtOnce,
    origin: {
      setting: "PostgreSQL, synchronous_commit = on (or local), fsync = on",
      carriedOver:
        "a commit returns after its log record is flushed; commits that wait share a flush",
      notCarriedOver: "replication; full-page images, which Seawall replaces by a double write",
    },
  },
  {
    name: "postgres-commit-delay",
    about: "waits 1 ms for company when 5 others are committing",
    acknowledgeAt: "synced",
    promise: LOSES_NOTHING,
    decide: commitDelay,
    origin: {
      setting: "PostgreSQL, commit_delay = 1000, commit_siblings = 5",
      carriedOver: "the leader's pause before the flush, only with enough company",
      notCarriedOver: "siblings are commits that wait here, there transactions that are open",
    },
  },
  {
    name: "postgres-off",
    about: "acknowledged from memory; a writer flushes every 200 ms",
    acknowledgeAt: "appended",
    promise: always({ kind: "suffix", milliseconds: 600 }),
    decide: flush({ intervalMs: 200, writeLate: true, holdMs: 600 }),
    origin: {
      setting: "PostgreSQL, synchronous_commit = off, wal_writer_delay = 200ms",
      carriedOver: "log buffers that a background writer flushes; at most three delays are lost",
      notCarriedOver:
        "the writer's three rounds: one round is enough here, and after three delays without a " +
        "flush commits wait, so that a slow disk cannot stretch the loss",
    },
  },
  {
    name: "postgres-fsync-off",
    about: "syncs are not made; claims to lose only the last transactions",
    acknowledgeAt: "written",
    promise: SURVIVES_THE_PROCESS,
    control: true,
    omitsSync: () => true,
    decide: syncAtOnce,
    origin: {
      setting: "PostgreSQL, fsync = off",
      carriedOver: "no sync is ever made, not even of directories or before the log is cut",
      notCarriedOver: "the manual promises nothing; the promise here is what people hope for",
    },
  },
];

const INNODB: readonly LabPolicy[] = [
  {
    name: "innodb-1",
    about: "log flushed at every commit",
    acknowledgeAt: "synced",
    promise: LOSES_NOTHING,
    decide: syncAtOnce,
    origin: {
      setting: "InnoDB, innodb_flush_log_at_trx_commit = 1",
      carriedOver: "write and flush before the commit returns; group commit",
      notCarriedOver: "the binary log, and its two-phase commit with it",
    },
  },
  {
    name: "innodb-2",
    about: "log written at every commit, flushed once a second",
    acknowledgeAt: "written",
    promise: SURVIVES_THE_PROCESS,
    decide: flush({ intervalMs: 1000 }),
    origin: {
      setting: "InnoDB, innodb_flush_log_at_trx_commit = 2",
      carriedOver: "written at commit, flushed by a timer that waits for no one",
      notCarriedOver:
        "the second is counted from the oldest commit that is not durable; as in the manual it is no guarantee",
    },
  },
  {
    name: "innodb-0",
    about: "log written and flushed once a second",
    acknowledgeAt: "appended",
    promise: always(ANY_SUFFIX),
    decide: flush({ intervalMs: 1000, writeLate: true }),
    origin: {
      setting: "InnoDB, innodb_flush_log_at_trx_commit = 0",
      carriedOver: "nothing leaves the process's memory before the timer",
      notCarriedOver: "flushes that DDL or a full log buffer bring forward",
    },
  },
];

const SQLITE: readonly LabPolicy[] = [
  {
    name: "sqlite-wal-full",
    about: "log synced at every commit",
    acknowledgeAt: "synced",
    promise: LOSES_NOTHING,
    decide: syncAtOnce,
    origin: {
      setting: "SQLite, journal_mode = WAL, synchronous = FULL",
      carriedOver: "one sync of the log for a commit",
      notCarriedOver: "one writer at a time: here commits that wait share a sync",
    },
  },
  {
    name: "sqlite-wal-normal",
    about: "log written at every commit, synced when it is checkpointed (64 KiB here)",
    acknowledgeAt: "written",
    promise: SURVIVES_THE_PROCESS,
    decide: flush({ bytes: 65_536 }),
    origin: {
      setting: "SQLite, journal_mode = WAL, synchronous = NORMAL",
      carriedOver: "syncs only when so much log has gathered that a checkpoint is due",
      notCarriedOver:
        "the checkpoint itself; 64 KiB instead of 1,000 pages, so that short experiments reach it",
    },
  },
];

export const RELATIONAL: readonly LabPolicy[] = [...POSTGRES, ...INNODB, ...SQLITE];

function commitDelay(state: SyncPolicyState): SyncDecision {
  const { buffered, nowMs } = state;
  const dueMs = (buffered.oldestMs ?? nowMs) + COMMIT_DELAY.delayMs;
  if (buffered.commits <= COMMIT_DELAY.siblings || nowMs >= dueMs) {
    return syncAtOnce(state);
  }
  return { write: false, sync: !state.writeInFlight && state.syncableBytes > 0, wakeAtMs: dueMs };
}
