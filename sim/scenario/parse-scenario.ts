import { PROFILE_NAMES } from "../disk/profiles.ts";
import { stepsOf } from "./client-program.ts";
import { FILE_GROUPS } from "./file-group.ts";
import type { Scenario } from "./scenario.ts";
import {
  exactly,
  flag,
  listOf,
  optional,
  record,
  type Shape,
  ShapeError,
  text,
  variants,
  whole,
} from "./shape.ts";
import { FIRST_VALUE_ID } from "./values.ts";

const KEY = whole();
const ISOLATION = exactly("read-committed", "snapshot", "serializable");
const CRASH = exactly("process", "os", "power");
const ENDING = exactly("process", "os", "power", "close");

const PUT = record({
  do: exactly("put"),
  key: KEY,
  value: record({
    id: whole(FIRST_VALUE_ID),
    form: exactly("text", "bytes", "structure"),
    bytes: whole(0, 16 * 1024 * 1024),
  }),
});
const DELETE = record({ do: exactly("delete"), key: KEY });
const GET = record({ do: exactly("get"), key: KEY });
const SLEEP = record({ do: exactly("sleep"), ms: whole() });
const SCAN = record({
  do: exactly("scan"),
  gt: optional(KEY),
  gte: optional(KEY),
  lt: optional(KEY),
  lte: optional(KEY),
  reverse: flag,
  limit: optional(whole(0)),
});
const WRITES = listOf(variants("do", { put: PUT, delete: DELETE }));

const STEP = variants("do", { put: PUT, delete: DELETE, get: GET, scan: SCAN, sleep: SLEEP });

const ITEM = variants("do", {
  transaction: record({
    do: exactly("transaction"),
    isolation: ISOLATION,
    managed: flag,
    steps: listOf(STEP),
    end: exactly("commit", "commit-sync", "rollback", "leave"),
  }),
  batch: record({ do: exactly("batch"), writes: WRITES }),
  burst: record({ do: exactly("burst"), writes: WRITES }),
  sync: record({ do: exactly("sync") }),
  checkpoint: record({ do: exactly("checkpoint") }),
  verify: record({ do: exactly("verify") }),
  scrub: record({ do: exactly("scrub") }),
  compact: record({ do: exactly("compact") }),
  put: PUT,
  delete: DELETE,
  get: GET,
  scan: SCAN,
  sleep: SLEEP,
});

const POLICY = variants("kind", {
  sync: record({ kind: exactly("sync") }),
  os: record({ kind: exactly("os") }),
  batch: record({ kind: exactly("batch"), commits: whole(1), bytes: whole(1), delayMs: whole() }),
  async: record({ kind: exactly("async"), intervalMs: whole(), bytes: whole(1) }),
});

const AT = optional(
  record({ call: exactly("write", "sync"), on: exactly(...FILE_GROUPS), nth: whole() }),
);

const NESTED = listOf(
  record({
    kind: CRASH,
    recoverySteps: whole(),
    during: optional(exactly("redo", "undo")),
    at: AT,
  }),
);

const CYCLE = record({
  kind: ENDING,
  notBefore: optional(whole()),
  afterOperations: whole(),
  at: AT,
  plusSteps: whole(),
  nested: NESTED,
});

const ON = optional(exactly(...FILE_GROUPS));

const nthFault = (kind: string): Shape =>
  record({ kind: exactly(kind), life: whole(), nth: whole(), on: ON });

const lostWrite = (kind: string): Shape =>
  record({
    kind: exactly(kind),
    life: whole(),
    nth: whole(),
    on: ON,
    pick: whole(),
    strayTo: optional(whole()),
    evicted: flag,
  });

const FAULT = variants("kind", {
  "sync-failure": record({
    kind: exactly("sync-failure"),
    life: whole(),
    nth: whole(),
    plusSteps: whole(),
    ending: ENDING,
    on: ON,
    code: optional(exactly("EIO", "ENOSPC")),
  }),
  "no-space": record({ kind: exactly("no-space"), life: whole(), nth: whole(), calls: whole(1) }),
  "write-error": nthFault("write-error"),
  "read-error": nthFault("read-error"),
  "short-writes": record({ kind: exactly("short-writes"), oneIn: whole(1) }),
  "short-reads": record({ kind: exactly("short-reads"), oneIn: whole(1) }),
  "clock-jump": record({
    kind: exactly("clock-jump"),
    life: whole(),
    afterOperations: whole(),
    ms: whole(Number.MIN_SAFE_INTEGER),
  }),
  "bad-sector": record({
    kind: exactly("bad-sector"),
    life: whole(),
    on: ON,
    afterOperations: optional(whole()),
  }),
  "slow-syncs": record({
    kind: exactly("slow-syncs"),
    life: whole(),
    nth: whole(),
    calls: whole(1),
    ms: whole(),
    on: ON,
  }),
  "bit-flips": record({
    kind: exactly("bit-flips"),
    life: whole(),
    flips: whole(1),
    on: ON,
    afterOperations: optional(whole()),
  }),
  stalls: record({
    kind: exactly("stalls"),
    life: whole(),
    nth: whole(),
    calls: whole(1),
    ms: whole(),
  }),
  "late-timers": record({ kind: exactly("late-timers"), ms: whole(1) }),
  "lost-write": lostWrite("lost-write"),
  "misdirected-write": lostWrite("misdirected-write"),
  "late-error": record({
    kind: exactly("late-error"),
    life: whole(),
    nth: whole(),
    on: ON,
    pick: whole(),
    at: exactly("sync", "close"),
    plusSteps: whole(),
    ending: ENDING,
  }),
  "misdirected-read": record({
    kind: exactly("misdirected-read"),
    life: whole(),
    nth: whole(),
    shift: whole(Number.MIN_SAFE_INTEGER),
    on: ON,
  }),
  "device-death": record({
    kind: exactly("device-death"),
    life: whole(),
    nth: whole(),
    mode: exactly("dead", "read-only"),
    plusSteps: whole(),
    ending: ENDING,
  }),
  "mixed-snapshot": record({
    kind: exactly("mixed-snapshot"),
    life: whole(),
    afterOperations: whole(),
    on: exactly(...FILE_GROUPS),
  }),
});

const SCENARIO = record({
  schema: exactly("seawall-scenario"),
  version: exactly(1),
  seed: text,
  profile: exactly(...PROFILE_NAMES),
  policy: POLICY,
  engine: record({
    segmentBytes: whole(1024),
    sectorBytes: whole(512),
    batchBytesMax: whole(1),
    isolation: ISOLATION,
    pageBytes: optional(whole(4096)),
    cacheBytes: optional(whole(16 * 1024)),
    checkpointBytes: optional(whole(4096)),
    transactionBytesMax: optional(whole(1024)),
    copies: optional(exactly(1, 2)),
  }),
  diskSectorBytes: whole(512),
  keyForm: exactly("text", "bytes"),
  keys: listOf(text),
  clients: listOf(record({ items: listOf(ITEM) })),
  creation: NESTED,
  cycles: listOf(CYCLE),
  faults: listOf(FAULT),
  limits: record({ stepsMax: whole(1), virtualMsMax: whole(1) }),
  afterAnother: optional(flag),
  schedule: optional(record({ depth: whole(1), steps: whole(1), windowUs: whole() })),
});

/** Checks a scenario that came from outside. @throws ShapeError that says where it is wrong. */
export function parseScenario(value: unknown, path = ""): Scenario {
  assertScenario(value, path);
  const at = path === "" ? "" : `${path}.`;
  const keys = new Set(value.keys);
  if (keys.size !== value.keys.length || keys.size === 0) {
    throw new ShapeError(`${at}keys`, "at least one key, each of them once", value.keys);
  }
  for (const key of keysNamed(value)) {
    if (key >= value.keys.length) {
      throw new ShapeError(`${at}clients`, `key indexes below ${value.keys.length}`, key);
    }
  }
  return value;
}

function assertScenario(value: unknown, path: string): asserts value is Scenario {
  SCENARIO(value, path);
}

/** Every key index that a program names. */
function keysNamed({ clients }: Scenario): readonly number[] {
  const named: number[] = [];
  for (const item of clients.flatMap((client) => client.items)) {
    for (const step of stepsOf(item)) {
      if (step.do === "scan") {
        named.push(step.gt ?? 0, step.gte ?? 0, step.lt ?? 0, step.lte ?? 0);
      } else if ("key" in step) {
        named.push(step.key);
      }
    }
  }
  return named;
}
