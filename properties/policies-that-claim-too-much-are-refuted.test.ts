import { describe, expect, test } from "vitest";

import { Experimenter, type ExperimenterOptions } from "../scripts/lab/experimenter.ts";
import type { ShrinkResult } from "../scripts/lab/lab-task.ts";
import { defined } from "../engine/base/assert.ts";
import { findMutant } from "../scripts/mutants/catalog.ts";
import { loadMutant } from "../scripts/mutants/load-mutant.ts";
import type { Mutant } from "../scripts/mutants/mutant.ts";
import { flush, forTheSystem, type LabPolicy, LOSES_NOTHING, PRESETS } from "../sim/lab/index.ts";

const SEEDS_MAX = 600;
const OPERATIONS_MAX = 5;

/** The smallest counterexample that the first failing seeds lead to; undefined when none fails. */
async function refute(
  policy: LabPolicy,
  options: ExperimenterOptions = {},
): Promise<ShrinkResult | undefined> {
  const loader = { load: () => Promise.resolve(policy) };
  const experimenter = await Experimenter.create({ ...options, loader });
  const task = { policy: { name: policy.name }, crash: "power", profile: undefined } as const;
  const { failures } = await experimenter.storm({ ...task, first: 1, count: SEEDS_MAX });
  if (failures.length === 0) {
    return undefined;
  }
  const seeds = failures.toSorted((one, other) => one.steps - other.steps).map(({ seed }) => seed);
  const shrunk = await experimenter.shrink({ ...task, seeds });
  // Whoever gets it sees the same: it is data, and crosses a file.
  const copy = structuredClone(shrunk.scenario);
  const again = await experimenter.replay(copy, policy);
  expect(again?.message).toBe(shrunk.message);
  return shrunk;
}

describe(`a negative control is refuted by ${OPERATIONS_MAX} operations or fewer`, () => {
  for (const policy of PRESETS.filter(({ control }) => control === true)) {
    test(`the control ${policy.name}`, async () => {
      const found = await refute(policy);
      expect(found?.scenario.steps.length).toBeLessThanOrEqual(OPERATIONS_MAX);
      expect(found?.story.length).toBeGreaterThan(2);
    });
  }
});

const GROUP_COMMIT: LabPolicy = {
  name: "eager group commit",
  acknowledgeAt: "synced",
  promise: LOSES_NOTHING,
  decide: ({ buffered, syncableBytes }) => ({
    write: buffered.commits > 0,
    sync: syncableBytes > 0,
  }),
};

const TIMER: LabPolicy = {
  name: "timer",
  acknowledgeAt: "written",
  promise: forTheSystem({ kind: "suffix", milliseconds: 20 }),
  decide: flush({ intervalMs: 20, holdMs: 20 }),
};

const LATE_ARRIVALS = mutantNamed("sync-credits-later-writes");
const OLD_SEGMENT = mutantNamed("only-the-newest-segment-synced");

function mutantNamed(name: string): Mutant {
  return defined(findMutant(name), `mutant ${name}`);
}

describe("an honest policy on an engine with a bug of its sync is refuted, and without the bug holds", () => {
  test.each([
    [GROUP_COMMIT, LATE_ARRIVALS],
    [TIMER, OLD_SEGMENT],
  ])("$name", async (policy, mutant) => {
    expect(await refute(policy)).toBeUndefined();
    const found = await refute(policy, { engine: await loadMutant(mutant) });
    expect(found?.scenario.steps.length).toBeLessThanOrEqual(OPERATIONS_MAX);
  });
});
