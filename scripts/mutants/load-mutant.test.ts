import { expect, test } from "vitest";

import * as seawall from "../../engine/index.ts";
import { generateScenario } from "../../sim/index.ts";
import { ScenarioRunner } from "../scenario-runner.ts";
import { loadMutant } from "./load-mutant.ts";
import type { Mutant } from "./mutant.ts";

function mutant(file: string, anchor: string, replacement = anchor): Mutant {
  return { name: "test", about: "a test", edits: [{ file, anchor, replacement }], expects: [] };
}

test("a mutant whose edit changes nothing runs exactly as the engine does", async () => {
  const same = mutant("engine/database.ts", "export class Database {");
  const engine = await loadMutant(same);
  expect(engine.Database).not.toBe(seawall.Database);
  const runner = await ScenarioRunner.create();
  const scenario = generateScenario("same");
  expect(await runner.run(scenario, { engine })).toEqual(await runner.run(scenario));
});

test("an anchor that is missing, or there twice, is an error that names it", async () => {
  await expect(loadMutant(mutant("engine/database.ts", "no such code"))).rejects.toThrow(
    "engine/database.ts: the anchor occurs 0 times, not once: no such code",
  );
  await expect(loadMutant(mutant("engine/database.ts", "async "))).rejects.toThrow(
    "times, not once",
  );
});

test("an edit of a file that the engine does not use is an error", async () => {
  await expect(loadMutant(mutant("engine/no-such-file.ts", "x"))).rejects.toThrow(
    "engine/no-such-file.ts is not part of the engine",
  );
});
