import type { CrashKind } from "../disk/crash-summary.ts";
import type { PropertyName } from "../oracle/verdict.ts";
import type { FaultKind } from "../scenario/fault-plan.ts";
import type { LedgerRow } from "./ledger.ts";
import type { ProbeName } from "./probes.ts";

/**
 * What a store owes in the face of a fault. `mask`: nobody notices. `fail-stop`: it says so, acknowledges
 * nothing more, and nothing that was acknowledged as durable is lost. `reject`: the call fails, and the
 * store goes on. `refuse`: it notices, and refuses with an error that names the place, unless it can mend
 * it. `may-lose`: something is lost that nobody can bring back, within a bound.
 */
export type Owed = "mask" | "fail-stop" | "reject" | "refuse" | "may-lose";

/** How a fault comes into a run. */
export interface FaultSource {
  readonly plans?: readonly FaultKind[];
  readonly crashes?: readonly CrashKind[];
  /** A knob of disk profiles, or something that is always so. */
  readonly always?: string;
}

/** One kind of fault, of the taxonomy that storage studies made. */
export interface FaultRow {
  readonly id: `F${number}`;
  readonly name: string;
  /** When it may strike, so that a store which fails is to blame. */
  readonly legal: string;
  readonly owed: readonly Owed[];
  /** More exactly. */
  readonly debt: string;
  readonly judgedBy: readonly PropertyName[];
  readonly source: FaultSource;
  /** What campaigns count of it: rows of the ledger, which have to be judged, or probes. */
  readonly evidence: readonly (LedgerRow | ProbeName)[];
  /** Files under `sim/` in which it happens. */
  readonly implementedIn: readonly string[];
}

const ALWAYS = "always";

/**
 * Every fault that the simulator knows, what it obliges the store to, and who judges that. F1 to F9: what
 * was not synced, and syncs that fail. F10 to F20: devices. F21 to F24: faults that meet.
 */
export const FAULT_TABLE: readonly FaultRow[] = [
  {
    id: "F1",
    name: "process crash",
    legal: ALWAYS,
    owed: ["mask"],
    debt: "what was acknowledged survives, except under policies that acknowledge from memory",
    judgedBy: ["P1", "P2", "P3", "P4", "P5", "P7", "P8"],
    source: { crashes: ["process"] },
    evidence: ["process-crash"],
    implementedIn: ["run/crashing.ts", "disk/virtual-disk.ts"],
  },
  {
    id: "F2",
    name: "system crash or power cut: un-synced operations are lost",
    legal: "any subset that the profile allows",
    owed: ["mask", "may-lose"],
    debt: "what the policy promises; a suffix of the commit order, at most",
    judgedBy: ["P1", "P3", "P9"],
    source: { crashes: ["os", "power"] },
    evidence: ["os-crash", "power-crash"],
    implementedIn: ["disk/crash-image.ts", "disk/crash-style.ts"],
  },
  {
    id: "F3",
    name: "torn write",
    legal: "at multiples of the profile's tearBytes",
    owed: ["mask"],
    debt: "pages are mended, a torn tail is trimmed",
    judgedBy: ["P2", "P5", "P8"],
    source: { always: "tearBytes" },
    evidence: ["torn-write"],
    implementedIn: ["disk/file-survival.ts", "disk/apply-survival.ts"],
  },
  {
    id: "F4",
    name: "damaged sector, neighbours included",
    legal: "power cuts of profiles with damagesSectors, in sectors of un-synced writes",
    owed: ["mask"],
    debt: "nothing un-synced shares a sector with what is owed",
    judgedBy: ["P1", "P6"],
    source: { always: "damagesSectors" },
    evidence: ["damaged-sector"],
    implementedIn: ["disk/crash-image.ts"],
  },
  {
    id: "F5",
    name: "zeros, stale or foreign bytes where a file grew",
    legal: "what the profile exposes",
    owed: ["mask"],
    debt: "no record or page is taken from them",
    judgedBy: ["P4", "P8", "P11"],
    source: { always: "exposes" },
    evidence: ["stale-block-exposed"],
    implementedIn: ["disk/crash-image.ts", "disk/apply-survival.ts"],
  },
  {
    id: "F6",
    name: "creation, rename or removal that is not durable",
    legal: "the profile's metadataOrder, syncCommits and renameAtomic",
    owed: ["mask"],
    debt: "the store opens, with everything",
    judgedBy: ["P1", "P8"],
    source: { always: "metadataOrder" },
    evidence: ["lost-name"],
    implementedIn: ["disk/namespace.ts", "disk/crash-image.ts"],
  },
  {
    id: "F7",
    name: "failed sync",
    legal: ALWAYS,
    owed: ["fail-stop"],
    debt: "waiters hear that the outcome is unknown; nothing is acknowledged any more",
    judgedBy: ["P3", "P10"],
    source: { plans: ["sync-failure"] },
    evidence: ["sync-failure"],
    implementedIn: ["run/fault-injector.ts", "disk/disk-volume.ts"],
  },
  {
    id: "F8",
    name: "error that comes late, at the next sync or close",
    legal:
      "profiles with failedSyncReports maybe-later: one lost write of a sync that reported success; what was acknowledged until then is at stake",
    owed: ["fail-stop", "may-lose"],
    debt: "as for a lost write, F14",
    judgedBy: ["P6", "P10"],
    source: { plans: ["late-error"] },
    evidence: ["late-error"],
    implementedIn: ["run/firmware-faults.ts", "disk/lost-write.ts"],
  },
  {
    id: "F9",
    name: "restart after a failed sync: visible bytes that the medium never got",
    legal: "profiles with failedSyncShows new",
    owed: ["mask"],
    debt: "what a recovery showed survives the next power cut",
    judgedBy: ["P1", "P7"],
    source: { plans: ["sync-failure"], crashes: ["process"] },
    evidence: ["restart-after-failed-sync"],
    implementedIn: ["disk/virtual-file.ts"],
  },
  {
    id: "F10",
    name: "disk full, for a while or now and then, short writes, a full disk that a sync finds out",
    legal: "calls that take room; short counts at any time; a sync reports ENOSPC instead of EIO",
    owed: ["reject", "mask"],
    debt: "rejects wholly, goes on when there is room, opens without any",
    judgedBy: ["P2", "P5", "P8", "P10"],
    source: { plans: ["no-space", "short-writes", "short-reads", "sync-failure"] },
    evidence: ["no-space", "short-writes", "short-reads"],
    implementedIn: ["run/fault-injector.ts", "run/disk-fullness.ts", "disk/disk-space.ts"],
  },
  {
    id: "F11",
    name: "read or write that fails once",
    legal: ALWAYS,
    owed: ["reject", "fail-stop"],
    debt: "a failed read is no end of the log; a failed write of the log stops the store",
    judgedBy: ["P5", "P6", "P11"],
    source: { plans: ["read-error", "write-error"] },
    evidence: ["read-error", "write-error"],
    implementedIn: ["run/fault-injector.ts"],
  },
  {
    id: "F12",
    name: "latent sector error",
    legal: "a durable sector, while the store is closed or in use; writing it whole mends it",
    owed: ["mask", "refuse"],
    debt: "as the atlas says",
    judgedBy: ["P6", "P8"],
    source: { plans: ["bad-sector"] },
    evidence: ["bad-sector"],
    implementedIn: ["run/crashing.ts", "disk/disk-media.ts", "run/atlas.ts"],
  },
  {
    id: "F13",
    name: "bit rot",
    legal: "durable bits of one sector, while the store is closed or in use",
    owed: ["mask", "refuse", "may-lose"],
    debt: "of the log, the last synced group may be taken for torn",
    judgedBy: ["P6"],
    source: { plans: ["bit-flips"] },
    evidence: ["bit-flips"],
    implementedIn: ["run/crashing.ts", "disk/damage.ts", "run/atlas.ts"],
  },
  {
    id: "F14",
    name: "lost write",
    legal: "one write of a sync that reports success; programs may go on seeing it, or not",
    owed: ["mask", "refuse", "may-lose"],
    debt: "log: as rot. A slot, an area: masked while the other one is whole. A page: refused, by any later open too, or mended from the double-write area or the log",
    judgedBy: ["P6", "isolation"],
    source: { plans: ["lost-write"] },
    evidence: ["lost-write"],
    implementedIn: ["disk/lost-write.ts", "run/firmware-faults.ts", "run/atlas.ts"],
  },
  {
    id: "F15",
    name: "misdirected write",
    legal: "as F14; the bytes replace others of the same file",
    owed: ["mask", "refuse", "may-lose"],
    debt: "where they landed: refused, or mended. Where they are missing: as F14",
    judgedBy: ["P6", "isolation"],
    source: { plans: ["misdirected-write"] },
    evidence: ["misdirected-write"],
    implementedIn: ["disk/lost-write.ts", "run/firmware-faults.ts", "run/atlas.ts"],
  },
  {
    id: "F16",
    name: "misdirected read",
    legal: "one read, of other bytes of the same file",
    owed: ["mask", "refuse", "may-lose"],
    debt: "of the log, the last synced group may be taken for torn",
    judgedBy: ["P6"],
    source: { plans: ["misdirected-read"] },
    evidence: ["misdirected-read"],
    implementedIn: ["disk/virtual-disk.ts", "run/firmware-faults.ts"],
  },
  {
    id: "F17",
    name: "drive that lies about syncs",
    legal: "power cuts of profiles with syncsLie: the last 8 syncs count as not made",
    owed: ["refuse", "may-lose"],
    debt: "no exception, no hang; it opens with a prefix, or refuses, or nothing could tell",
    judgedBy: ["P5", "P11"],
    source: { always: "syncsLie" },
    evidence: ["lying-drive"],
    implementedIn: ["disk/disk-volume.ts", "disk/profiles.ts"],
  },
  {
    id: "F18",
    name: "device that goes away, or can only be read",
    legal: "every call from one on, until somebody restarts the store or the machine",
    owed: ["fail-stop"],
    debt: "nothing is acknowledged that is not durable",
    judgedBy: ["P1", "P10"],
    source: { plans: ["device-death"] },
    evidence: ["device-death"],
    implementedIn: ["run/device-faults.ts"],
  },
  {
    id: "F19",
    name: "stall",
    legal: "up to seconds, of syncs or of any calls",
    owed: ["mask"],
    debt: "the policy's bound holds by waiting",
    judgedBy: ["P9", "P11"],
    source: { plans: ["slow-syncs", "stalls"] },
    evidence: ["slow-syncs", "stalls"],
    implementedIn: ["run/fault-injector.ts", "run/device-faults.ts"],
  },
  {
    id: "F20",
    name: "clock that jumps, timers that ring late",
    legal: "the wall clock by a day, timers by half a second",
    owed: ["mask"],
    debt: "",
    judgedBy: ["P9", "P11"],
    source: { plans: ["clock-jump", "late-timers"] },
    evidence: ["clock-jump", "late-timers"],
    implementedIn: ["run/life-context.ts", "run/world.ts"],
  },
  {
    id: "F21",
    name: "crash during recovery, or while the store is made",
    legal: ALWAYS,
    owed: ["mask"],
    debt: "the next recovery comes to the same",
    judgedBy: ["P7", "P8"],
    source: { crashes: ["process", "os", "power"] },
    evidence: ["nested-crash"],
    implementedIn: ["run/opening.ts"],
  },
  {
    id: "F22",
    name: "two damages at once, also to both copies of one thing",
    legal: "two sectors that rot or become unreadable in one life",
    owed: ["mask", "refuse", "may-lose"],
    debt: "two in the log may take the evidence of what is gone: a prefix has to be left",
    judgedBy: ["P3", "P6"],
    source: { plans: ["bit-flips", "bad-sector"] },
    evidence: ["double-fault"],
    implementedIn: ["scenario/generate-storm.ts", "run/atlas.ts"],
  },
  {
    id: "F23",
    name: "files of two moments",
    legal: "files of one group as they were some calls before; names and sizes as they are",
    owed: ["mask", "refuse", "may-lose"],
    debt: "log: refused, or an earlier prefix. Control, areas: refused or masked. Pages: as F14",
    judgedBy: ["P3", "P6"],
    source: { plans: ["mixed-snapshot"] },
    evidence: ["mixed-snapshot"],
    implementedIn: ["run/snapshots.ts"],
  },
  {
    id: "F24",
    name: "buffer that changes while it is written",
    legal: "a write reads its buffer when it takes effect, not when it is called",
    owed: ["mask"],
    debt: "the store changes no buffer that it gave away; what callers do with theirs is nothing to it",
    judgedBy: ["P5", "P6"],
    source: { always: "WriteAction" },
    evidence: ["value-changed-by-its-owner"],
    implementedIn: ["disk/transfer-actions.ts", "run/client-calls.ts"],
  },
];
