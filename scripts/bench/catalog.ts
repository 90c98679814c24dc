/** Who takes part. `floor` is no store: it does the unavoidable I/O, or reads a plain Map, and nothing else. */
export const PEER_NAMES = [
  "floor",
  "seawall",
  "seawall-async",
  "classic-level",
  "lmdb",
  "better-sqlite3",
] as const;

export type PeerName = (typeof PEER_NAMES)[number];

/** Those that Seawall is compared with. */
export const RIVALS: readonly PeerName[] = ["classic-level", "lmdb", "better-sqlite3"];

export type WorkloadName =
  "W1" | "W2" | "W3a" | "W3b" | "R1" | "R1s" | "R2" | "R3" | "M1a" | "M1b" | "O1" | "O2" | "L1";

/**
 * What is in the directory at the start. `loaded`: every key, closed in order. `crashed`: a log of one-put
 * transactions, left by kill -9. A workload that changes the store gets a copy of its own.
 */
export type Start = "empty" | "loaded" | "loaded-copy" | "crashed-copy" | "loading";

export interface WorkloadSpec {
  readonly name: WorkloadName;
  readonly title: string;
  readonly unit: string;
  readonly start: Start;
  /** Peers that have no such thing, and why. */
  readonly absent: Partial<Readonly<Record<PeerName, string>>>;
}

const SAME_AS_SEAWALL = { "seawall-async": "differs in non-durable commits only" };
const NO_ASYNC = "has no asynchronous API";
const NO_LOG = "keeps no log to replay: an open after a crash has little to do";

export const WORKLOADS: readonly WorkloadSpec[] = [
  {
    name: "W1",
    title: "one writer, 1 put per transaction, durable",
    unit: "puts/s",
    start: "empty",
    absent: SAME_AS_SEAWALL,
  },
  {
    name: "W2",
    title: "64 concurrent committers, 1 put each, durable",
    unit: "puts/s",
    start: "empty",
    absent: SAME_AS_SEAWALL,
  },
  {
    name: "W3a",
    title: "single puts, one at a time, not durable",
    unit: "puts/s",
    start: "empty",
    absent: {},
  },
  {
    name: "W3b",
    title: "1,000 puts per transaction, not durable",
    unit: "puts/s",
    start: "empty",
    absent: {},
  },
  {
    name: "R1",
    title: "random get of warm keys, async, one at a time",
    unit: "gets/s",
    start: "loaded",
    absent: { ...SAME_AS_SEAWALL, "better-sqlite3": NO_ASYNC },
  },
  {
    name: "R1s",
    title: "random get of warm keys, synchronous",
    unit: "gets/s",
    start: "loaded",
    absent: SAME_AS_SEAWALL,
  },
  {
    name: "R2",
    title: "full scan",
    unit: "entries/s",
    start: "loaded",
    absent: SAME_AS_SEAWALL,
  },
  {
    name: "R3",
    title: "scan of 100 from a random key",
    unit: "scans/s",
    start: "loaded",
    absent: SAME_AS_SEAWALL,
  },
  {
    name: "M1a",
    title: "YCSB-A: 50/50 zipfian, one client, not durable",
    unit: "ops/s",
    start: "loaded-copy",
    absent: {},
  },
  {
    name: "M1b",
    title: "YCSB-B: 95/5 zipfian, one client, not durable",
    unit: "ops/s",
    start: "loaded-copy",
    absent: {},
  },
  {
    name: "O1",
    title: "open a clean store, and one get",
    unit: "opens/s",
    start: "loaded",
    absent: { ...SAME_AS_SEAWALL, floor: "has nothing to open" },
  },
  {
    name: "O2",
    title: "reopen after kill -9: 1-put transactions to replay",
    unit: "MB/s",
    start: "crashed-copy",
    absent: { ...SAME_AS_SEAWALL, lmdb: NO_LOG, "better-sqlite3": NO_LOG },
  },
  {
    name: "L1",
    title: "bulk load in key order, 1,000 puts per batch, to closed",
    unit: "puts/s",
    start: "loading",
    absent: SAME_AS_SEAWALL,
  },
];

export const WORKLOAD_NAMES: readonly WorkloadName[] = WORKLOADS.map(({ name }) => name);
