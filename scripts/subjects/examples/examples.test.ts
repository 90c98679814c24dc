import fs from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import {
  runSubject,
  type Subject,
  type SubjectRow,
  SubjectTally,
  type SynchronousDisk,
} from "../../../sim/subjects/index.ts";
import { PROFILES } from "../../../sim/disk/profiles.ts";
import { chooseSubjects } from "../subject-registry.ts";

const SEEDS = 40;
const FILES = ["json-file", "line-log", "two-slots"] as const;

const pathOf = (name: string): string => fileURLToPath(new URL(`${name}.ts`, import.meta.url));

/** As `seawall fuzz --subject` gets them. */
async function load(file: string, name: string): Promise<Subject> {
  const chosen = await chooseSubjects([pathOf(file)]);
  const found = chosen.find(({ subject }) => subject.name === name);
  if (found === undefined) {
    throw new Error(`${file} has no ${name}`);
  }
  return found.subject;
}

async function storm(subject: Subject): Promise<readonly SubjectRow[]> {
  const tally = new SubjectTally(subject.promises);
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    tally.add(await runSubject(subject, String(seed)));
  }
  return tally.rows();
}

const verdicts = (rows: readonly SubjectRow[]): readonly string[] =>
  rows.map(({ kind, verdict }) => `${kind} ${verdict}`);

/** The same code on a disk whose syncs do nothing: what a forgotten sync comes to. */
function withoutSyncs(subject: Subject): Subject {
  return {
    ...subject,
    open: (world) => {
      const { disk } = world;
      const forgetful: SynchronousDisk = {
        open: (...call) => disk.open(...call),
        stat: (...call) => disk.stat(...call),
        readDirectory: (...call) => disk.readDirectory(...call),
        makeDirectory: (...call) => disk.makeDirectory(...call),
        removeDirectory: (...call) => disk.removeDirectory(...call),
        rename: (...call) => disk.rename(...call),
        unlink: (...call) => disk.unlink(...call),
        read: (...call) => disk.read(...call),
        write: (...call) => disk.write(...call),
        truncate: (...call) => disk.truncate(...call),
        preallocate: (...call) => disk.preallocate(...call),
        close: (...call) => disk.close(...call),
        sync: () => {},
        syncDirectory: () => {},
      };
      return subject.open({ ...world, disk: forgetful });
    },
  };
}

const HELD = ["process held", "os held", "power held"];
const REFUTED = ["process held", "os broken", "power broken"];

describe.each([
  ["json-file", "json"],
  ["line-log", "line-log"],
  ["two-slots", "two-slots"],
])("%s", { timeout: 60_000 }, (file, name) => {
  test("keeps what it promises", async () => {
    expect(verdicts(await storm(await load(file, name)))).toEqual(HELD);
  });

  test("is refuted without its syncs", async () => {
    expect(verdicts(await storm(withoutSyncs(await load(file, name))))).toEqual(REFUTED);
  });
});

test(
  "a rename without syncs is refuted, and comes back wrong or unreadable",
  { timeout: 60_000 },
  async () => {
    const rows = await storm(await load("json-file", "json:unsynced"));
    expect(verdicts(rows)).toEqual(REFUTED);
    expect(rows.find(({ kind }) => kind === "power")?.outcomes.refused).toBeGreaterThan(0);
  },
);

test("a log that shares sectors between commits is refuted where a power cut may damage those", async () => {
  const log = { ...(await load("line-log", "line-log")), profile: PROFILES.paranoid };
  expect(verdicts(await storm(log))).toEqual(["process held", "os held", "power broken"]);
});

test.each(FILES)("%s has 40 lines at most, and stands in the guide as it is", (name) => {
  const source = fs.readFileSync(pathOf(name), "utf8");
  const guide = fs.readFileSync(
    new URL("../../../sim/subjects/README.md", import.meta.url),
    "utf8",
  );
  expect(source.trimEnd().split("\n").length).toBeLessThanOrEqual(40);
  expect(guide).toContain(`\`\`\`ts\n${source}\`\`\`\n`);
});
