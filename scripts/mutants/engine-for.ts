import type { RunSettings } from "../../sim/index.ts";
import { UsageError } from "../cli/exit-status.ts";
import { findMutant, MUTANTS } from "./catalog.ts";

/**
 * Settings that run a planted bug, or the engine itself when there is none.
 *
 * @throws UsageError when no mutant has that name.
 */
export async function engineFor(mutant: string | undefined): Promise<Pick<RunSettings, "engine">> {
  if (mutant === undefined) {
    return {};
  }
  const found = findMutant(mutant);
  if (found === undefined) {
    throw new UsageError(
      `There is no mutant "${mutant}".`,
      `Give one of: ${MUTANTS.map(({ name }) => name).join(", ")}.`,
    );
  }
  // Only here: the bundler that builds mutants need not be installed for anything else.
  const { loadMutant } = await import("./load-mutant.ts");
  return { engine: await loadMutant(found) };
}
