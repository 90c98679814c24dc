import fs from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";

import { readRecord } from "../records/record-files.ts";
import { findMutant, MUTANTS } from "./catalog.ts";
import { applyEdit } from "./mutant.ts";
import { QUICK } from "./quick.ts";

const ROOT = path.join(import.meta.dirname, "..", "..");
const RECORDS = path.join(ROOT, "seeds", "mutants");

describe("every mutant", () => {
  test("has a name of its own", () => {
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
  });

  for (const { name, edits } of MUTANTS) {
    test(`${name} edits one file, at places that are there once`, () => {
      const files = new Set(edits.map(({ file }) => file));
      expect(files.size).toBe(1);
      const [file = ""] = files;
      let source = fs.readFileSync(path.join(ROOT, file), "utf8");
      for (const edit of edits) {
        source = applyEdit(source, edit);
      }
    });
  }
});

test("every kept record names the mutant that it is a record of", () => {
  const names = fs.existsSync(RECORDS) ? fs.readdirSync(RECORDS) : [];
  for (const name of names.filter((file) => file.endsWith(".json"))) {
    const { mutant = "" } = readRecord(path.join(RECORDS, name));
    expect(`${mutant}.json`).toBe(name);
    expect(findMutant(mutant)).toBeDefined();
  }
});

test("what is tried quickly are mutants, each once", () => {
  for (const name of QUICK) {
    expect(findMutant(name)).toBeDefined();
  }
  expect(new Set(QUICK).size).toBe(QUICK.length);
});
