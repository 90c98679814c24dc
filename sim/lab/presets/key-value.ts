import type { LabPolicy } from "../lab-policy.ts";
import {
  always,
  ANY_SUFFIX,
  flush,
  forTheSystem,
  LOSES_NOTHING,
  SURVIVES_THE_PROCESS,
  syncAtOnce,
  writeAtOnce,
} from "./shapes.ts";

const REDIS: readonly LabPolicy[] = [
  {
    name: "redis-always",
    about: "synced before the replies of a round leave",
    acknowledgeAt: "synced",
    promise: LOSES_NOTHING,
    decide: syncAtOnce,
    origin: {
      setting: "Redis, appendfsync always",
      carriedOver: "one sync for all commands of a round of the event loop",
      notCarriedOver: "Redis ends when a sync fails; here the store stops and can be opened again",
    },
  },
  {
    name: "redis-everysec",
    about: "written at once, synced every second, waits when a sync takes two",
    acknowledgeAt: "written",
    promise: forTheSystem({ kind: "suffix", milliseconds: 2000 }),
    decide: flush({ intervalMs: 1000, holdMs: 2000 }),
    origin: {
      setting: "Redis, appendfsync everysec",
      carriedOver: "a sync a second in the background; commits wait once it is two seconds late",
      notCarriedOver: "there the write is put off, here the acknowledgement; log rewriting",
    },
  },
  {
    name: "redis-no",
    about: "written at once, never synced",
    acknowledgeAt: "written",
    promise: SURVIVES_THE_PROCESS,
    decide: writeAtOnce,
    origin: {
      setting: "Redis, appendfsync no",
      carriedOver: "when it reaches the disk is the system's business",
      notCarriedOver: "Linux writes back after some 30 s; here nothing does before the crash",
    },
  },
];

const MONGODB: readonly LabPolicy[] = [
  {
    name: "mongodb-journaled",
    about: "every commit waits for the journal",
    acknowledgeAt: "synced",
    promise: LOSES_NOTHING,
    decide: syncAtOnce,
    origin: {
      setting: "MongoDB, writeConcern { w: 1, j: true }",
      carriedOver: "a commit asks for a journal sync at once and waits for it",
      notCarriedOver: "replication",
    },
  },
  {
    name: "mongodb-100ms",
    about: "acknowledged from memory, journal synced every 100 ms",
    acknowledgeAt: "appended",
    promise: always(ANY_SUFFIX),
    decide: flush({ intervalMs: 100, writeLate: true }),
    origin: {
      setting: "MongoDB, writeConcern { w: 1 }, journalCommitInterval = 100",
      carriedOver: "the interval, which a slow sync stretches because nothing waits for it",
      notCarriedOver: "checkpoints every minute; replication",
    },
  },
];

const ROCKSDB: readonly LabPolicy[] = [
  {
    name: "rocksdb-sync",
    about: "log synced at every write",
    acknowledgeAt: "synced",
    promise: LOSES_NOTHING,
    decide: syncAtOnce,
    origin: {
      setting: "RocksDB, WriteOptions::sync = true",
      carriedOver: "a write group shares one sync",
      notCarriedOver: "memtables and column families",
    },
  },
  {
    name: "rocksdb-no-sync",
    about: "log written, never synced",
    acknowledgeAt: "written",
    promise: SURVIVES_THE_PROCESS,
    decide: writeAtOnce,
    origin: {
      setting: "RocksDB, WriteOptions::sync = false (default)",
      carriedOver: "a write returns once the log is in the system's cache",
      notCarriedOver: "the sync of the log that comes with a memtable flush",
    },
  },
  {
    name: "rocksdb-bytes-per-sync",
    about: "log written at once, synced every 32 KiB in the background",
    acknowledgeAt: "written",
    promise: SURVIVES_THE_PROCESS,
    decide: flush({ bytes: 32_768 }),
    origin: {
      setting: "RocksDB, sync = false, wal_bytes_per_sync = 32768",
      carriedOver: "background syncs by bytes, which bound nothing because no write waits for them",
      notCarriedOver: "sync_file_range, which is weaker than the sync made here",
    },
  },
];

const OTHERS: readonly LabPolicy[] = [
  {
    name: "etcd",
    about: "log synced before anything is applied",
    acknowledgeAt: "synced",
    promise: LOSES_NOTHING,
    decide: syncAtOnce,
    origin: {
      setting: "etcd, default (without --unsafe-no-fsync)",
      carriedOver: "a batch of entries is synced before it is applied and answered",
      notCarriedOver: "Raft: one node, no quorum",
    },
  },
  {
    name: "lmdb",
    about: "synced at every commit",
    acknowledgeAt: "synced",
    promise: LOSES_NOTHING,
    decide: syncAtOnce,
    origin: {
      setting: "LMDB, default flags",
      carriedOver: "a commit returns when it is durable",
      notCarriedOver: "copy on write without a log, its second sync, one writer at a time",
    },
  },
  {
    name: "lmdb-nosync",
    about: "syncs are not made; claims to lose only the last transactions",
    acknowledgeAt: "written",
    promise: SURVIVES_THE_PROCESS,
    control: true,
    omitsSync: () => true,
    decide: writeAtOnce,
    origin: {
      setting: "LMDB, MDB_NOSYNC",
      carriedOver: "no sync is ever made",
      notCarriedOver: "the manual warns of corruption; the promise here is what people hope for",
    },
  },
  {
    name: "kafka-flush-messages",
    about: "written at once; every 10th append waits for a sync",
    acknowledgeAt: "written",
    promise: forTheSystem({ kind: "suffix", commits: 10 }),
    decide: flush({ commits: 10, holdCommits: 10 }),
    tune: {
      parameters: { commits: [1, 2, 5, 10, 20, 50, 100] },
      make: ({ commits = 10 }) => ({
        name: `flush every ${commits}`,
        acknowledgeAt: "written",
        promise: forTheSystem({ kind: "suffix", commits }),
        decide: flush({ commits, holdCommits: commits }),
      }),
    },
    origin: {
      setting: "Kafka, flush.messages = 10",
      carriedOver: "so many messages at most are not flushed, because the append flushes itself",
      notCarriedOver: "replication, on which Kafka relies by default instead",
    },
  },
  {
    name: "kafka-flush-ms",
    about: "written at once; synced every 500 ms in the background",
    acknowledgeAt: "written",
    promise: SURVIVES_THE_PROCESS,
    decide: flush({ intervalMs: 500 }),
    origin: {
      setting: "Kafka, flush.ms = 500",
      carriedOver: "a background flush by time, which bounds nothing when the disk is slow",
      notCarriedOver: "replication; the flush at a segment's end",
    },
  },
];

export const KEY_VALUE: readonly LabPolicy[] = [...REDIS, ...MONGODB, ...ROCKSDB, ...OTHERS];
