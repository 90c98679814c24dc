import crypto from "node:crypto";
import { describe, expect, test } from "vitest";
import { defined } from "../../../engine/base/assert.ts";
import { Streams } from "../../../sim/core/streams.ts";
import { Trace } from "../../../sim/core/trace.ts";
import type { DiskOperation } from "../../../sim/disk/disk-faults.ts";
import { VirtualDisk } from "../../../sim/disk/virtual-disk.ts";
import { ForeignWorld } from "../../../sim/subjects/foreign-world.ts";
import { runSubject } from "../../../sim/subjects/run-subject.ts";
import {
  CorruptSubjectError,
  type OpenSubject,
  type Outcome,
  type Subject,
  type SubjectWrite,
} from "../../../sim/subjects/subject.ts";
import { PGLITE_SUBJECTS } from "./pglite-subjects.ts";

const OWN_WORLD = ownWorld();

/** Making the cluster takes seconds, once. */
const TIMEOUT_MS = 120_000;

const AT_FIRST: readonly SubjectWrite[] = [
  { key: "key00", value: 'it\'s; \\ "here"' },
  { key: "key01", value: "long;".repeat(2000) },
  { key: "key02", value: "short" },
];
const CHANGES: readonly SubjectWrite[] = [
  { key: "key00", value: undefined },
  { key: "key01", value: "other;".repeat(1500) },
  { key: "key03", value: "new" },
];
const BEFORE = contentsOf(AT_FIRST);
const AFTER = contentsOf(CHANGES, BEFORE);

describe("PostgreSQL on the virtual disk", { timeout: TIMEOUT_MS }, () => {
  test("what is committed is there after a close, and after the death of the process", async () => {
    const { disk, open } = place("pglite:on");
    const first = await open();
    await first.commit(AT_FIRST);
    expect(await first.readAll()).toEqual(BEFORE);
    await first.close();
    const second = await open();
    expect(await second.readAll()).toEqual(BEFORE);
    await second.commit(CHANGES);
    await second.abandon();
    disk.crash("process", new Streams("kill").stream("crash"));
    const third = await open();
    expect(await third.readAll()).toEqual(AFTER);
    await third.abandon();
  });

  test("a commit that a power cut meets before its sync is not there", async () => {
    const { disk, open } = place("pglite:on");
    const first = await open();
    await first.commit(AT_FIRST);
    const beforeSync = copyBefore(disk, ({ kind, path }) => kind === "sync" && isLog(path));
    await first.commit(CHANGES);
    await first.abandon();
    const copy = beforeSync();
    copy.crash("power", new Streams("cut").stream("crash"), { kind: "none" });
    const second = await openOn(copy, subjectNamed("pglite:on"));
    expect(await second.readAll()).toEqual(BEFORE);
    await second.abandon();
  });

  test("an acknowledged commit survives a power cut that takes all it can; without fsync it does not", async () => {
    expect(await afterPowerCut("pglite:on")).toEqual(AFTER);
    expect(await afterPowerCut("pglite:fsync-off")).not.toEqual(AFTER);
    expect(await afterPowerCut("pglite:commit-off")).not.toEqual(AFTER);
  });

  test("a page that changed behind its back is found to be damaged", async () => {
    const { disk, open } = place("pglite:on");
    const first = await open();
    const writes = new Map<string, number>();
    disk.faults = {
      beforeOperation: ({ kind, path }) => {
        if (kind === "write" && path.startsWith("/base/")) {
          writes.set(path, (writes.get(path) ?? 0) + 1);
        }
        return undefined;
      },
    };
    await first.commit(AT_FIRST);
    await first.close();
    disk.faults = undefined;
    for (const path of writes.keys()) {
      disk.write(disk.open(path, "write"), Uint8Array.of(0xaa, 0xaa, 0xaa), 4000);
    }
    await expect(openAndRead(open)).rejects.toThrow(CorruptSubjectError);
  });

  test("a lock file that a crash left empty keeps nobody out", async () => {
    const { disk, open } = place("pglite:on");
    const first = await open();
    await first.commit(AT_FIRST);
    await first.abandon();
    disk.truncate(disk.open("/postmaster.pid", "write"), 0);
    expect(await openAndRead(open)).toEqual(BEFORE);
  });

  test("the same seed leaves the same trace, and its process has its own time and chance back", async () => {
    const subject = { ...subjectNamed("pglite:on"), effort: { commits: 2, crashes: 2 } };
    const first = await runSubject(subject, "same");
    const second = await runSubject(subject, "same");
    expect(second.traceHash).toBe(first.traceHash);
    expect(outcomes(first.crashes)).toEqual(new Set(["kept"]));
    expect(ownWorld()).toEqual(OWN_WORLD);
  });
});

/** Where this process takes time and chance from: by reference. */
function ownWorld(): readonly unknown[] {
  const places: readonly (readonly [holder: object, name: string])[] = [
    [globalThis, "Date"],
    [Math, "random"],
    [performance, "now"],
    [crypto, "randomFillSync"],
    [globalThis.crypto, "getRandomValues"],
  ];
  return places.map(([holder, name]): unknown => Reflect.get(holder, name));
}

/** A disk of a subject, and how to open the subject on it. */
function place(name: string): {
  readonly disk: VirtualDisk;
  readonly open: () => Promise<OpenSubject>;
} {
  const subject = subjectNamed(name);
  const disk = new VirtualDisk({ profile: subject.profile, trace: new Trace() });
  return { disk, open: () => openOn(disk, subject) };
}

async function openOn(disk: VirtualDisk, subject: Subject): Promise<OpenSubject> {
  const world = new ForeignWorld(subject.profile, new Streams("test").stream("entropy"));
  return subject.open(world.with(disk));
}

function subjectNamed(name: string): Subject {
  return defined(
    PGLITE_SUBJECTS.find((subject) => subject.name === name),
    name,
  );
}

async function openAndRead(open: () => Promise<OpenSubject>): Promise<ReadonlyMap<string, string>> {
  const subject = await open();
  try {
    return await subject.readAll();
  } finally {
    await subject.abandon();
  }
}

/** What a store holds that made a commit after a close, when the power goes and nothing more survives. */
async function afterPowerCut(name: string): Promise<ReadonlyMap<string, string>> {
  const { disk, open } = place(name);
  const first = await open();
  await first.commit(AT_FIRST);
  await first.close();
  disk.crash("os", new Streams("settle").stream("crash"), { kind: "all" });
  const second = await open();
  await second.commit(CHANGES);
  await second.abandon();
  disk.crash("power", new Streams("cut").stream("crash"), { kind: "none" });
  return openAndRead(open);
}

/** A copy of the disk as it is in front of the first call that is chosen. */
function copyBefore(
  disk: VirtualDisk,
  isChosen: (operation: DiskOperation) => boolean,
): () => VirtualDisk {
  let copy: VirtualDisk | undefined;
  disk.faults = {
    beforeOperation: (operation) => {
      copy ??= isChosen(operation) ? disk.clone() : undefined;
      return undefined;
    },
  };
  return () => defined(copy, "a call that was chosen");
}

function isLog(path: string): boolean {
  return path.startsWith("/pg_wal/");
}

function contentsOf(
  writes: readonly SubjectWrite[],
  before: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, string> {
  const contents = new Map(before);
  for (const { key, value } of writes) {
    if (value === undefined) {
      contents.delete(key);
    } else {
      contents.set(key, value);
    }
  }
  return contents;
}

function outcomes(crashes: readonly { readonly outcome: Outcome }[]): ReadonlySet<Outcome> {
  return new Set(crashes.map(({ outcome }) => outcome));
}
