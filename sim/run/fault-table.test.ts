import { describe, expect, test } from "vitest";

import { FAULT_TABLE } from "./fault-table.ts";
import { demandedEntries, FAULT_KINDS, LEDGER_NAMES } from "./ledger.ts";
import { demandedProbes } from "./probes.ts";

describe("the table of faults", () => {
  test("has F1 to F24, each judged by a property", () => {
    const ids = FAULT_TABLE.map(({ id }) => id);
    expect(ids).toEqual(Array.from({ length: 24 }, (_, index) => `F${index + 1}`));
    expect(FAULT_TABLE.filter(({ judgedBy }) => judgedBy.length === 0)).toEqual([]);
    expect(FAULT_TABLE.filter(({ owed }) => owed.length === 0)).toEqual([]);
  });

  test("has every kind of fault that a plan can hold", () => {
    const planned = new Set(FAULT_TABLE.flatMap(({ source }) => source.plans ?? []));
    expect(FAULT_KINDS.filter((kind) => !planned.has(kind))).toEqual([]);
  });

  test("has for each what a campaign of 2,000 seeds must have seen of it, or it is not trusted", () => {
    const demanded = new Set<string>([...demandedEntries(2000), ...demandedProbes(2000)]);
    for (const { id, evidence } of FAULT_TABLE) {
      const missing = evidence.filter(
        (name) => !demanded.has(name) && !demanded.has(`${name}.judged`),
      );
      expect([id, evidence.length > 0, missing]).toEqual([id, true, []]);
    }
  });

  test.each(FAULT_TABLE)("$id is implemented where it says", async ({ implementedIn }) => {
    for (const file of implementedIn) {
      const module: unknown = await import(new URL(`../${file}`, import.meta.url).href);
      expect(module).toBeDefined();
    }
  });
});

test("a campaign that is large enough has to have judged every fault", () => {
  expect(demandedEntries(100)).toEqual([]);
  expect(demandedEntries(2000)).toEqual(LEDGER_NAMES);
});
