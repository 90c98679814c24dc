import { expect, test } from "vitest";

import { Ledger } from "./ledger.ts";

test("a fault is armed by the plan, struck by a call, and judged by the next comparison", () => {
  const ledger = new Ledger([{ kind: "read-error", life: 0, nth: 0 }]);
  expect(ledger.report()).toEqual({ "read-error.armed": 1 });
  ledger.judged();
  expect(ledger.at("judged")).toEqual([]);
  ledger.struck("read-error");
  ledger.judged();
  expect(ledger.report()).toEqual({
    "read-error.armed": 1,
    "read-error.fired": 1,
    "read-error.reached": 1,
    "read-error.judged": 1,
  });
});

test("damage is reached when something reads it, and only damage that was done", () => {
  const ledger = new Ledger([{ kind: "bit-flips", life: 0, flips: 1 }]);
  ledger.met(new Set(["flip"]));
  expect(ledger.at("reached")).toEqual([]);
  ledger.note("bit-flips", "fired");
  ledger.met(new Set(["unreadable"]));
  expect(ledger.at("reached")).toEqual([]);
  ledger.met(new Set(["flip", "unreadable"]));
  expect(ledger.at("reached")).toEqual(["bit-flips"]);
});
