import { expect, test } from "vitest";
import { FileIOError } from "./file-io.ts";
import type { FileIOErrorCode } from "./file-io.ts";
import { doing, seawallErrorOf } from "./io-errors.ts";

const failure = (code: FileIOErrorCode): FileIOError =>
  new FileIOError(code, { operation: "write", path: "/store/wal-00000001.log" });

test.each([
  ["ENOSPC", "NO_SPACE"],
  ["ELOCKED", "LOCKED"],
  ["EIO", "IO"],
  ["EACCES", "IO"],
  ["EUNKNOWN", "IO"],
] as const)("%s of the disk is %s to a caller, with file and cause", (code, expected) => {
  const cause = failure(code);
  expect(seawallErrorOf(cause, "testing")).toMatchObject({
    name: "SeawallError",
    code: expected,
    cause,
    place: { file: "/store/wal-00000001.log" },
  });
});

test("what is no failure of the disk passes as it is", async () => {
  const bug = new TypeError("a bug");
  expect(seawallErrorOf(bug, "testing")).toBe(bug);
  await expect(doing("testing", Promise.reject(bug))).rejects.toBe(bug);
  expect(await doing("testing", Promise.resolve(5))).toBe(5);
});
