import { describe, expect, it } from "vitest";
import { FileIOError } from "../../../engine/platform/file-io.ts";
import { Streams } from "../../../sim/core/streams.ts";
import type { CrashKind } from "../../../sim/disk/crash-summary.ts";
import type { DiskOperation } from "../../../sim/disk/disk-faults.ts";
import { VirtualDisk } from "../../../sim/disk/virtual-disk.ts";
import { ForeignWorld } from "../../../sim/subjects/foreign-world.ts";
import { runSubject, type SubjectCrash } from "../../../sim/subjects/run-subject.ts";
import { CorruptSubjectError, type Outcome, type Subject } from "../../../sim/subjects/subject.ts";
import { SqliteHost } from "./sqlite-connection.ts";
import { SQLITE_SUBJECTS } from "./sqlite-subjects.ts";

const CLAIMS = SQLITE_SUBJECTS.filter(({ name }) => /:(rollback|wal)-/.test(name));
/** For tests of hundreds of crashes on a machine that has other things to do. */
const SLOW_MS = 60_000;
const KEY = "key";
const LONG = "0123456789".repeat(3000);

function named(name: string): Subject {
  const found = SQLITE_SUBJECTS.find((subject) => subject.name === name);
  if (found === undefined) {
    throw new Error(`no ${name}`);
  }
  return found;
}

/** A disk, and a subject that can be opened on it and on copies of it. */
function start(name: string) {
  const subject = named(name);
  const { profile } = subject;
  const streams = new Streams("sqlite");
  const world = new ForeignWorld(profile, streams.stream("entropy"));
  const disk = new VirtualDisk({ profile });
  const open = (on: VirtualDisk = disk) => subject.open(world.with(on));
  const choices = streams.stream("crash");
  return { disk, open, choices };
}

/** The calls that a commit makes to the disk, in words, with those that read left out. */
async function callsOfCommit(name: string): Promise<string[]> {
  const { disk, open } = start(name);
  const store = await open();
  await store.commit([{ key: KEY, value: "before" }]);
  const calls: string[] = [];
  disk.faults = {
    beforeOperation: ({ kind, path }: DiskOperation) => {
      if (/write|sync|unlink|truncate/.test(kind)) {
        calls.push(`${kind} ${path.replace("/main.db", "") || "database"}`);
      }
      return undefined;
    },
  };
  await store.commit([{ key: KEY, value: "after" }]);
  await store.abandon();
  return calls.filter((call, index) => call !== calls[index - 1]);
}

async function crashesOf(subject: Subject, seeds: number): Promise<SubjectCrash[]> {
  const crashes: SubjectCrash[] = [];
  for (let seed = 1; seed <= seeds; seed += 1) {
    crashes.push(...(await runSubject(subject, String(seed))).crashes);
  }
  return crashes;
}

describe.each(CLAIMS)("$name", { timeout: SLOW_MS }, ({ name, promises }) => {
  it("has what it committed when it is opened again, after a close and after a kill", async () => {
    const { disk, open } = start(name);
    const first = await open();
    await first.commit([
      { key: "one", value: "1" },
      { key: "two", value: LONG },
    ]);
    await first.close();
    const second = await open();
    await second.commit([
      { key: "one", value: undefined },
      { key: "three", value: "~ !" },
    ]);
    await second.abandon();
    disk.crash("process", start(name).choices);
    const third = await open();
    const contents = new Map(await third.readAll());
    await third.close();
    expect(contents).toEqual(
      new Map([
        ["two", LONG],
        ["three", "~ !"],
      ]),
    );
  });

  it("rolls back what was killed at any call in the middle of a commit", async () => {
    const { disk, open, choices } = start(name);
    const store = await open();
    await store.commit([{ key: KEY, value: "old" }]);
    const copies: VirtualDisk[] = [];
    disk.faults = {
      beforeOperation: ({ kind }) => {
        if (/write|sync|unlink/.test(kind)) {
          copies.push(disk.clone());
        }
        return undefined;
      },
    };
    const next = [
      { key: KEY, value: LONG },
      { key: "more", value: LONG },
    ];
    await store.commit(next);
    await store.abandon();
    const found = new Set<string>();
    for (const copy of copies) {
      copy.crash("process", choices);
      const again = await open(copy);
      const contents = await again.readAll();
      await again.abandon();
      copy.dispose();
      found.add(contents.size === 2 ? (contents.get("more") ?? "") : (contents.get(KEY) ?? ""));
    }
    expect(copies.length).toBeGreaterThan(40);
    expect([...found].filter((value) => value !== LONG)).toEqual(["old"]);
  });

  it("is found to be as its makers say, and no better", async () => {
    const crashes = await crashesOf(named(name), 25);
    const seen = (kind: CrashKind): Outcome[] =>
      crashes.filter((crash) => crash.kind === kind).map(({ outcome }) => outcome);
    for (const kind of ["process", "os", "power"] as const) {
      const { allows, shows } = promises[kind];
      expect(seen(kind).filter((outcome) => !allows.includes(outcome))).toEqual([]);
      expect(shows === undefined || seen(kind).some((one) => shows.includes(one))).toBe(true);
    }
  });
});

describe("a false declaration", () => {
  it.each(["powersafe-overwrite", "sector-size", "sequential"])(
    "of %s costs data when the power goes, and without a crash of the system nothing",
    async (what) => {
      const crashes = await crashesOf(named(`sqlite:false-${what}`), 40);
      const lost = crashes.filter(({ outcome }) => outcome !== "kept");
      expect(new Set(lost.map(({ kind }) => kind)).has("process")).toBe(false);
      expect(lost.filter(({ kind }) => kind === "power").length).toBeGreaterThan(5);
    },
    SLOW_MS,
  );
});

describe("blocks of deleted files in a new journal", () => {
  it(
    "bring an older journal back, which EXTRA does not guard against",
    async () => {
      const crashes = await crashesOf(named("sqlite:stale-blocks"), 60);
      const kinds = crashes.filter(({ outcome }) => outcome !== "kept").map(({ kind }) => kind);
      expect(kinds).not.toContain("process");
      expect(kinds.length).toBeGreaterThan(2);
    },
    SLOW_MS,
  );
});

describe("what a commit asks of the disk", () => {
  it("is a synced journal with a synced name, a synced database, and an unlink", async () => {
    expect(await callsOfCommit("sqlite:rollback-full")).toEqual([
      "write -journal",
      "datasync -journal",
      "sync-directory /",
      "write -journal",
      "datasync -journal",
      "write database",
      "datasync database",
      "unlink -journal",
    ]);
  });

  it("is a sync of the directory more with EXTRA", async () => {
    const full = await callsOfCommit("sqlite:rollback-full");
    expect(await callsOfCommit("sqlite:rollback-extra")).toEqual([...full, "sync-directory /"]);
  });

  it("is a sync of the WAL with FULL, and none with NORMAL", async () => {
    // What follows the sync is the rest of the frame that fills the commit's last sector.
    const full = ["write -wal", "datasync -wal", "write -wal"];
    expect(await callsOfCommit("sqlite:wal-full")).toEqual(full);
    expect(await callsOfCommit("sqlite:wal-normal")).toEqual(["write -wal"]);
  });
});

describe("what goes wrong", () => {
  it("is an error of the commit, after which the store goes on", async () => {
    const { disk, open } = start("sqlite:rollback-full");
    const store = await open();
    await store.commit([{ key: KEY, value: "old" }]);
    disk.faults = {
      beforeOperation: ({ kind, path }) =>
        kind === "write" && path.endsWith("-journal")
          ? { kind: "error", code: "ENOSPC" }
          : undefined,
    };
    expect(() => store.commit([{ key: KEY, value: "new" }])).toThrow("is full");
    disk.faults = undefined;
    expect(await store.readAll()).toEqual(new Map([[KEY, "old"]]));
    await store.commit([{ key: KEY, value: "newer" }]);
    expect(await store.readAll()).toEqual(new Map([[KEY, "newer"]]));
    await store.close();
  });

  it("is damage when a page is not as it was written", async () => {
    const { disk, open } = start("sqlite:rollback-full");
    const store = await open();
    await store.commit([{ key: KEY, value: LONG }]);
    await store.close();
    const file = disk.open("/main.db", "write");
    disk.write(file, new Uint8Array(1024).fill(0xa5), 1024);
    const damaged = await open();
    expect(() => damaged.readAll()).toThrow(CorruptSubjectError);
    await damaged.abandon();
    disk.write(file, new Uint8Array(1024).fill(0xa5), 0);
    expect(() => open()).toThrow(CorruptSubjectError);
  });

  it("comes out as it is when it is no error of the disk", async () => {
    const { disk, open } = start("sqlite:wal-full");
    const store = await open();
    const bug = new Error("a bug of the harness");
    disk.faults = {
      beforeOperation: ({ kind }) => {
        if (kind === "write") {
          throw bug;
        }
        return undefined;
      },
    };
    expect(() => store.commit([{ key: KEY, value: "1" }])).toThrow(bug);
    await store.abandon();
    expect(bug).not.toBeInstanceOf(FileIOError);
  });

  it("leaves no memory behind, however often a process dies", { timeout: SLOW_MS }, async () => {
    const { open } = start("sqlite:wal-full");
    const dieOften = async (times: number): Promise<number | undefined> => {
      for (let left = times; left > 0; left -= 1) {
        const store = await open();
        await store.commit([{ key: KEY, value: "1" }]);
        await store.abandon();
      }
      return SqliteHost.loaded?.memory.length;
    };
    const before = await dieOften(20);
    expect(await dieOften(300)).toBe(before);
  });
});

describe("a seed", () => {
  it("leaves the same trace whatever ran before it", async () => {
    const subject = named("sqlite:wal-normal");
    const { traceHash } = await runSubject(subject, "7");
    await runSubject(named("sqlite:rollback-extra"), "8");
    expect((await runSubject(subject, "7")).traceHash).toBe(traceHash);
  });
});
