import { expect, test } from "vitest";

import { unreachedLines, unreachedText } from "./unreached-lines.ts";

function statement(line: number): { start: { line: number } } {
  return { start: { line } };
}

const COVERAGE = {
  "/x/engine/b.ts": {
    path: "/x/engine/b.ts",
    statementMap: { 0: statement(1), 1: statement(2), 2: statement(3), 3: statement(5) },
    s: { 0: 4, 1: 0, 2: 0, 3: 0 },
  },
  "/x/engine/a.ts": {
    path: "/x/engine/a.ts",
    statementMap: { 0: statement(1), 1: statement(1) },
    s: { 0: 0, 1: 1 },
  },
};

test("lines that never ran are listed by file, neighbours as a range", () => {
  const found = unreachedLines(COVERAGE, (path) => path.slice("/x/".length));
  expect(found.map(({ file, unreached }) => [file, unreached])).toEqual([
    ["engine/a.ts", []],
    ["engine/b.ts", [2, 3, 5]],
  ]);
  const text = unreachedText(found);
  expect(text).toMatch(/engine\/b\.ts +25\.0 % {2}2-3, 5\n/);
  expect(text).toMatch(/all +40\.0 % {2}3 of 5 lines never reached/);
});
