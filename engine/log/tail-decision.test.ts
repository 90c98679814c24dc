import { expect, test } from "vitest";
import { decideTail } from "./tail-decision.ts";

test("the decision over all evidence", () => {
  const table = [true, false].flatMap((belowDurable) =>
    [true, false].map((somethingThere) => ({
      belowDurable,
      somethingThere,
      decision: decideTail({ belowDurable, somethingThere }),
    })),
  );
  expect(table).toEqual([
    { belowDurable: true, somethingThere: true, decision: "refuse" },
    { belowDurable: true, somethingThere: false, decision: "refuse" },
    { belowDurable: false, somethingThere: true, decision: "trim" },
    { belowDurable: false, somethingThere: false, decision: "stop" },
  ]);
});
