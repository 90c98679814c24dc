import { describe, expect, test } from "vitest";
import { PROFILES } from "../disk/profiles.ts";
import { runSubject } from "./run-subject.ts";
import {
  CorruptSubjectError,
  KEEPS_ALL,
  MAY_LOSE_ANYTHING,
  type OpenSubject,
  RunawaySubjectError,
  type Subject,
  type SubjectWorld,
} from "./subject.ts";
import { SubjectTally } from "./subject-tally.ts";

/** The last line of a file that is whole. */
const END = "end";

/** What a store of one file that is replaced leaves out. */
type Omission = "sync" | "directory-sync" | "rename" | "nothing";

/** The whole store in one file of lines, written anew by each commit. */
class OneFileStore implements OpenSubject {
  readonly #world: SubjectWorld;
  readonly #omitted: Omission;
  #contents: Map<string, string>;

  constructor(world: SubjectWorld, omitted: Omission) {
    this.#world = world;
    this.#omitted = omitted;
    this.#contents = this.#load();
  }

  commit(writes: Parameters<OpenSubject["commit"]>[0]): void {
    for (const { key, value } of writes) {
      if (value === undefined) {
        this.#contents.delete(key);
      } else {
        this.#contents.set(key, value);
      }
    }
    const { disk } = this.#world;
    const path = this.#omitted === "rename" ? "/store" : "/new";
    const file = disk.open(path, "create");
    const lines = [...this.#contents].map(([key, value]) => `${key} ${value}\n`);
    const bytes = Uint8Array.from(`${lines.join("")}${END}`, (letter) => letter.charCodeAt(0));
    disk.truncate(file, 0);
    disk.write(file, bytes, 0);
    if (this.#omitted !== "sync") {
      disk.sync(file, "sync");
    }
    if (this.#omitted !== "rename") {
      disk.rename(path, "/store");
    }
    if (this.#omitted !== "directory-sync") {
      disk.syncDirectory("/");
    }
  }

  readAll(): ReadonlyMap<string, string> {
    this.#contents = this.#load();
    return this.#contents;
  }

  close(): void {}

  abandon(): void {}

  #load(): Map<string, string> {
    const { disk } = this.#world;
    const bytes = disk.stat("/store")?.bytes;
    if (bytes === undefined) {
      return new Map();
    }
    const target = new Uint8Array(bytes);
    disk.read(disk.open("/store", "read"), target, 0);
    const text = String.fromCharCode(...target);
    const lines = text.split("\n");
    if (lines.pop() !== END) {
      throw new CorruptSubjectError(`it ends with ${JSON.stringify(text.slice(-20))}`);
    }
    return new Map(lines.map((line) => [line.slice(0, 5), line.slice(6)]));
  }
}

function oneFile(omitted: Omission): Subject {
  return {
    name: `one-file-without-${omitted}`,
    about: "a store of one file",
    profile: PROFILES["ext4-writeback"],
    promises: { process: KEEPS_ALL, os: KEEPS_ALL, power: KEEPS_ALL },
    open: (world) => new OneFileStore(world, omitted),
  };
}

async function tallyOf(subject: Subject, seeds = 16): Promise<SubjectTally> {
  const tally = new SubjectTally(subject.promises);
  for (let seed = 1; seed <= seeds; seed += 1) {
    tally.add(await runSubject(subject, String(seed)));
  }
  return tally;
}

async function verdicts(subject: Subject): Promise<string> {
  const tally = await tallyOf(subject);
  return tally
    .rows()
    .map(({ kind, verdict }) => `${kind} ${verdict}`)
    .join(", ");
}

describe("a store of one file", () => {
  test("that is synced, renamed, and whose directory is synced keeps all", async () => {
    expect(await verdicts(oneFile("nothing"))).toBe("process held, os held, power held");
  });

  test("whose directory is not synced loses commits, never consistency", async () => {
    const rows = (await tallyOf(oneFile("directory-sync"))).rows();
    expect(rows.map(({ verdict }) => verdict)).toEqual(["held", "broken", "broken"]);
    const [, , power] = rows;
    expect(power?.outcomes["last-lost"]).toBeGreaterThan(0);
    expect(power?.outcomes).toMatchObject({ wrong: 0, corrupt: 0, refused: 0, runaway: 0 });
  });

  test("that is not synced before it is renamed comes back empty or damaged", async () => {
    const rows = (await tallyOf(oneFile("sync"))).rows();
    expect(rows.map(({ verdict }) => verdict)).toEqual(["held", "broken", "broken"]);
    expect(rows[2]?.outcomes.corrupt).toBeGreaterThan(0);
  });

  test("that is written in place does not even survive the death of its process", async () => {
    expect(await verdicts(oneFile("rename"))).toBe("process broken, os broken, power broken");
  });
});

test("a run is the same every time, and another with another seed", async () => {
  const subject = oneFile("sync");
  const [one, same, other] = [
    await runSubject(subject, "7"),
    await runSubject(subject, "7"),
    await runSubject(subject, "8"),
  ];
  expect(same).toEqual(one);
  expect(one.crashes.length).toBeGreaterThan(3);
  expect(other.traceHash).not.toBe(one.traceHash);
});

/** Opens twice, which is before the first crash. */
function failsAfterCrashes(error: Error): Subject {
  let opens = 0;
  return {
    ...oneFile("nothing"),
    open: (world) => {
      opens += 1;
      if (opens > 2) {
        throw error;
      }
      return new OneFileStore(world, "nothing");
    },
  };
}

test("a subject that never comes to an end, or does not open, is told apart", async () => {
  const ran = await runSubject(failsAfterCrashes(new RunawaySubjectError("went on")), "1");
  expect(new Set(ran.crashes.map(({ outcome }) => outcome))).toEqual(new Set(["runaway"]));
  const refused = await runSubject(failsAfterCrashes(new Error("no")), "1");
  expect(new Set(refused.crashes.map(({ outcome }) => outcome))).toEqual(new Set(["refused"]));
  expect(refused.crashes[0]?.story.at(-1)).toBe("it said: no");
});

test("what a promise says may happen has to be shown", async () => {
  const promises = { process: MAY_LOSE_ANYTHING, os: KEEPS_ALL, power: KEEPS_ALL };
  const tally = new SubjectTally(promises);
  expect(tally.rows().map(({ verdict }) => verdict)).toEqual(Array(3).fill("not-tested"));
  tally.add(await runSubject(oneFile("nothing"), "1"));
  expect(tally.rows()[0]?.verdict).toBe("not-shown");
});
