import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** What the engine is built from, from the repository's root. */
export const ENTRY = "engine/index.ts";

/** The sources lie beside this file, or beside the folder that it was compiled to. */
export async function sourceRoot(): Promise<string> {
  for (const up of ["../..", "../../.."]) {
    const root = resolve(dirname(fileURLToPath(import.meta.url)), up);
    try {
      await readFile(resolve(root, ENTRY));
      return root;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) {
        throw error;
      }
    }
  }
  throw new RangeError(`mutants are built from the sources: no ${ENTRY} near ${import.meta.url}`);
}
