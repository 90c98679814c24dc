import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import process from "node:process";
import { startVitest } from "vitest/node";
import { applyEdit, type Mutant } from "../mutants/mutant.ts";
import { sourceRoot } from "../mutants/source-root.ts";

/**
 * Runs a test file with the mutant in place of the engine: whether one of its tests fails. The file must pass
 * with the engine itself, which its own suite shows.
 *
 * @throws RangeError when it cannot be run.
 */
export async function failsWithout(test: string, { edits }: Mutant): Promise<boolean> {
  const root = await sourceRoot();
  const { exitCode } = process;
  const vitest = await startVitest(
    "test",
    [test],
    { config: false, root, include: [test], watch: false, reporters: [{}], testTimeout: 120_000 },
    {
      plugins: [
        {
          name: "mutate",
          enforce: "pre",
          async load(id) {
            const own = edits.filter(({ file }) => resolve(root, file) === id);
            return own.length === 0 ? undefined : own.reduce(applyEdit, await readFile(id, "utf8"));
          },
        },
      ],
    },
  );
  try {
    const modules = vitest.state.getTestModules();
    const unloaded = modules.flatMap((module) => module.errors())[0];
    if (modules.length === 0 || unloaded !== undefined) {
      throw new RangeError(
        `${test} cannot be run: ${unloaded?.message ?? "there is no such test"}`,
      );
    }
    return modules.some((module) => !module.ok());
  } finally {
    await vitest.close();
    process.exitCode = exitCode;
  }
}
