import { readFile } from "node:fs/promises";
import { relative, resolve, sep } from "node:path";

import { rolldown } from "rolldown";

import { ENTRY, sourceRoot } from "../mutants/source-root.ts";

/** A source file that the engine is built from. */
export interface EngineSource {
  /** Path from the repository's root. */
  readonly file: string;
  readonly text: string;
}

/** The files that make up the engine, as a bundler finds them, in the order of their names. */
export async function engineSources(): Promise<readonly EngineSource[]> {
  const root = await sourceRoot();
  const bundle = await rolldown({
    input: resolve(root, ENTRY),
    platform: "node",
    external: (id) => !id.startsWith(".") && !id.startsWith(sep),
    logLevel: "silent",
  });
  const { output } = await bundle.generate({ format: "cjs", exports: "named" });
  await bundle.close();
  const files = output[0].moduleIds
    .map((id) => relative(root, id).split(sep).join("/"))
    .filter((file) => file.startsWith("engine/"))
    .toSorted();
  const sources: EngineSource[] = [];
  for (const file of files) {
    sources.push({ file, text: await readFile(resolve(root, file), "utf8") });
  }
  return sources;
}
