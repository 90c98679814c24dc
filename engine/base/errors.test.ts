import { expect, test } from "vitest";
import { assert, defined, InvariantError, unreachable } from "./assert.ts";
import { isSeawallError, SeawallError } from "./errors.ts";

test("an error carries its code, its place and its cause, and says the place in words", () => {
  const cause = new Error("the reason");
  const error = new SeawallError("CORRUPTION", "it is damaged", {
    cause,
    place: { file: "wal-00000001.log", offset: 512, expected: "a batch", found: "zeros" },
  });
  expect(error.message).toBe(
    "it is damaged (file wal-00000001.log, offset 512, expected a batch, found zeros)",
  );
  expect(error).toMatchObject({ name: "SeawallError", code: "CORRUPTION", cause });
  expect(error.place.offset).toBe(512);
});

test("an error without a place or cause has neither", () => {
  const error = new SeawallError("CLOSED", "the store is closed");
  expect(error.message).toBe("the store is closed");
  expect(error.place).toEqual({});
  expect("cause" in error).toBe(false);
});

test("only a conflict is worth trying again", () => {
  expect(new SeawallError("CONFLICT", "").retryable).toBe(true);
  expect(new SeawallError("OUTCOME_UNKNOWN", "").retryable).toBe(false);
});

test("errors are recognised by class and code", () => {
  const error: unknown = new SeawallError("IO", "");
  expect(isSeawallError(error)).toBe(true);
  expect(isSeawallError(error, "IO")).toBe(true);
  expect(isSeawallError(error, "LOCKED")).toBe(false);
  expect(isSeawallError(new Error("IO"))).toBe(false);
});

test("a broken promise of our own code is an InvariantError with the values in its message", () => {
  expect(() => assert(false, "3 is not 4")).toThrow(new InvariantError("3 is not 4"));
  expect(() => defined(undefined, "the segment")).toThrow(
    new InvariantError("the segment is missing"),
  );
  expect(defined(0, "zero")).toBe(0);
  expect(() => Reflect.apply(unreachable, undefined, ["odd"])).toThrow("unreachable case: odd");
});
