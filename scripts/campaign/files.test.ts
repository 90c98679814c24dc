import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { clearWay, writeWhole } from "./atomic-file.ts";
import { FailureFiles } from "./failure-files.ts";
import { Reporters } from "./reporters.ts";
import { sampleReport } from "../../reports/sample-report.ts";

let directory: string;

beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), "seawall-files-"));
});

afterEach(() => {
  fs.rmSync(directory, { recursive: true });
});

const found = (seed: number): Parameters<FailureFiles["keep"]>[0] => ({
  seed,
  policy: "sync",
  profile: "xfs",
  property: "P1",
  message: "",
  details: [],
  traceHash: "",
  recordText: `record of ${seed}`,
});

test("a report is replaced as a whole: an open reader keeps the old text, and no other file is left", () => {
  const file = path.join(directory, "deep", "campaign.json");
  writeWhole(file, "old");
  const reader = fs.openSync(file, "r");
  writeWhole(file, "new and longer");
  expect(fs.readFileSync(reader, "utf8")).toBe("old");
  fs.closeSync(reader);
  expect(fs.readFileSync(file, "utf8")).toBe("new and longer");
  expect(fs.readdirSync(path.dirname(file))).toEqual(["campaign.json"]);
});

test("what is no regular file is written into, not replaced", () => {
  const real = path.join(directory, "real.txt");
  const link = path.join(directory, "link.txt");
  fs.writeFileSync(real, "old");
  fs.symlinkSync(real, link);
  writeWhole(link, "new");
  expect(fs.lstatSync(link).isSymbolicLink()).toBe(true);
  expect(fs.readFileSync(real, "utf8")).toBe("new");
});

test("clearing the way removes an old report, and finds out that a directory is in the way", () => {
  const file = path.join(directory, "deep", "report.xml");
  clearWay(file);
  writeWhole(file, "old");
  clearWay(file);
  expect(fs.readdirSync(path.dirname(file))).toEqual([]);
  expect(() => clearWay(path.dirname(file))).toThrow(/EISDIR/);
});

test("a failure whose record cannot be written is replayed from its seed", () => {
  const file = path.join(directory, "file");
  fs.writeFileSync(file, "");
  const files = new FailureFiles(path.join(file, "failures"), { policy: "sync" });
  expect(files.keep(found(7))).toEqual({ replay: "npx seawall replay 7 --policy sync" });
});

test("a kept failure is replayed from its record, quoted for a shell when it must be", () => {
  const plain = new FailureFiles(path.join(directory, "failures"), {});
  const kept = plain.keep(found(7));
  expect(kept.replay).toBe(`npx seawall replay ${kept.record}`);
  expect(fs.readFileSync(String(kept.record), "utf8")).toBe("record of 7");
  const spaced = new FailureFiles(path.join(directory, "my reports"), {});
  expect(spaced.keep(found(7)).replay).toBe(
    `npx seawall replay '${path.join(directory, "my reports", "7.json")}'`,
  );
});

test("after a hundred records a failure is replayed from its seed and what was fixed for it", () => {
  const files = new FailureFiles(directory, {
    policy: "batch",
    profile: "xfs",
    weather: "rot",
    order: "priority",
  });
  for (let seed = 0; seed < 100; seed += 1) {
    files.keep(found(seed));
  }
  expect(files.keep(found(100))).toEqual({
    replay: "npx seawall replay 100 --profile xfs --policy batch --weather rot --order priority",
  });
  expect(fs.readdirSync(directory)).toHaveLength(100);
});

test("several reporters write one campaign, each to its place", () => {
  let screen = "";
  const outputs = [{ name: "pretty" }, { name: "json", file: path.join(directory, "report.json") }];
  const reporters = new Reporters(outputs, (text) => {
    screen += text;
  });
  reporters.onEnd(sampleReport());
  expect(screen).toContain("every property held");
  const written: unknown = JSON.parse(fs.readFileSync(path.join(directory, "report.json"), "utf8"));
  expect(written).toEqual(sampleReport());
});
