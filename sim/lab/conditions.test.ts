import { expect, test } from "vitest";

import { conditionOf, LAB_CONDITIONS } from "./conditions.ts";
import { generateLabScenario } from "./generate-lab.ts";

test("every condition comes alone often enough to say what it does", () => {
  const counts = new Map<string | undefined, number>();
  for (let seed = 1; seed <= 1000; seed += 1) {
    const condition = conditionOf(generateLabScenario(String(seed), { crash: "power" }));
    counts.set(condition, (counts.get(condition) ?? 0) + 1);
  }
  for (const condition of LAB_CONDITIONS) {
    expect({ condition, often: (counts.get(condition) ?? 0) > 20 }).toEqual({
      condition,
      often: true,
    });
  }
});
