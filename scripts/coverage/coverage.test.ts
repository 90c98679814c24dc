import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { explain, EXPLANATIONS } from "./explanations.ts";
import { gapsOf, unreachedLines, type FileCoverage } from "./gaps.ts";
import { unreachedText } from "./unreached-text.ts";

const SOURCE = [
  "const a = b ?? 0;",
  "if (a > 1) {",
  '  throw new InvariantError("more than one");',
  "}",
  "run();",
  "if (a < 0) {",
  "  surprise();",
  "}",
].join("\n");

function place(line: number, column = 0): { line: number; column: number } {
  return { line, column };
}

/** Lines 1, 2, 5 and 6 ran, and the alternative of the first one did not. */
const COVERAGE: FileCoverage = {
  path: "/x/engine/a.ts",
  statementMap: Object.fromEntries(
    [1, 2, 3, 4, 5, 6, 7, 8].map((line) => [line, { start: place(line) }]),
  ),
  s: { 1: 2, 2: 2, 3: 0, 4: 0, 5: 2, 6: 2, 7: 0, 8: 0 },
  branchMap: {
    0: { locations: [{ start: place(1, 12), end: place(1, 16) }] },
    1: { locations: [{ start: place(5, 0), end: place(5, 6) }] },
    2: { locations: [{ start: place(2, 11), end: place(4, 1) }] },
  },
  b: { 0: [0], 1: [2], 2: [0] },
};

test("lines that never ran are found, and branches inside of lines that did", () => {
  expect(unreachedLines(COVERAGE)).toEqual({ lines: 8, unreached: [3, 4, 7, 8] });
  const gaps = gapsOf(COVERAGE, SOURCE);
  expect(gaps.map(({ from, to }) => [from, to])).toEqual([
    [1, 1],
    [3, 4],
    [7, 8],
  ]);
  expect(gaps[0]?.code).toBe("?? 0");
  expect(gaps[1]?.code).toMatch(/^if \(a > 1\) \{\n.*more than one/);
});

test("the report counts what is explained, and shows the code of what is not", () => {
  const text = unreachedText([{ file: "engine/a.ts", source: SOURCE, coverage: COVERAGE }]);
  expect(text).toMatch(/engine\/a\.ts +50\.0 % {2}3-4, 7-8\n/);
  expect(text).toMatch(/all +50\.0 % {2}4 of 8 lines never reached/);
  expect(text).toMatch(/1 {2}guards against a bug of the engine itself/);
  expect(text).toMatch(
    /not explained:\n {2}engine\/a\.ts:7-8\n {6}if \(a < 0\) \{\n {6}surprise\(\);/,
  );
});

test("an explanation holds in its file only", () => {
  expect(explain("engine/pages/redo.ts", "if (this.#cache.isOverLimit) {")).toBe("few-seeds");
  expect(explain("engine/pages/undo.ts", "if (this.#cache.isOverLimit) {")).toBeUndefined();
});

test("every explanation of a file explains something that is in it", () => {
  const root = path.join(import.meta.dirname, "..", "..", "engine");
  for (const { file, code } of EXPLANATIONS) {
    const isThere = file === undefined || code.test(fs.readFileSync(path.join(root, file), "utf8"));
    expect({ file, code, isThere }).toEqual({ file, code, isThere: true });
  }
});
