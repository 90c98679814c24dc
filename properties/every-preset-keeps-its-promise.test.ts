import { describe, expect, test } from "vitest";

import { Experimenter } from "../scripts/lab/experimenter.ts";
import { LAB_CRASH_KINDS, PRESETS } from "../sim/lab/index.ts";

const SEEDS = 40;

describe("a preset that is no negative control keeps its promise", () => {
  for (const policy of PRESETS.filter(({ control }) => control !== true)) {
    test(`the preset ${policy.name}`, async () => {
      const experimenter = await Experimenter.create();
      for (const crash of LAB_CRASH_KINDS) {
        const task = { policy: { name: policy.name }, crash, profile: undefined };
        const { failures, commits } = await experimenter.storm({ ...task, first: 1, count: SEEDS });
        expect({ crash, failures }).toEqual({ crash, failures: [] });
        expect(commits.length).toBeGreaterThan(SEEDS / 4);
      }
    });
  }
});

test("names are unique, and whatever is named after a setting says what is carried over", () => {
  expect(new Set(PRESETS.map(({ name }) => name)).size).toBe(PRESETS.length);
  for (const { origin } of PRESETS) {
    for (const text of origin === undefined ? [] : Object.values(origin)) {
      expect(text).not.toBe("");
    }
  }
});
