import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, relative, resolve, sep } from "node:path";
import { runInThisContext } from "node:vm";

import { rolldown, type Plugin } from "rolldown";

import * as assertModule from "../../engine/base/assert.ts";
import * as errorsModule from "../../engine/base/errors.ts";
import * as fileIoModule from "../../engine/platform/file-io.ts";
import type { EnginePort } from "../../sim/index.ts";
import { applyEdit, type Mutant, type SourceEdit } from "./mutant.ts";
import { ENTRY, sourceRoot } from "./source-root.ts";

/**
 * Modules that a mutant shares with everybody else: the disk throws its errors at the mutant, which
 * recognises them by class, and the harness recognises the mutant's.
 */
const SHARED: Readonly<Record<string, object>> = {
  "engine/base/assert.ts": assertModule,
  "engine/base/errors.ts": errorsModule,
  "engine/platform/file-io.ts": fileIoModule,
};

/**
 * Builds a copy of the engine with the mutant's edits, in memory, and loads it beside the real one.
 *
 * @throws RangeError when an edit does not fit the source, or names a file that is not part of the engine.
 */
export async function loadMutant(mutant: Mutant): Promise<EnginePort> {
  const root = await sourceRoot();
  const unused = new Set(mutant.edits);
  const bundle = await rolldown({
    input: resolve(root, ENTRY),
    platform: "node",
    plugins: [mutate(root, mutant.edits, unused)],
    external: (id) => !id.startsWith(".") && !id.startsWith(sep),
    logLevel: "silent",
  });
  const { output } = await bundle.generate({ format: "cjs", exports: "named" });
  await bundle.close();
  const [first] = unused;
  if (first !== undefined) {
    throw new RangeError(`${mutant.name}: ${first.file} is not part of the engine`);
  }
  return evaluate(output[0].code, root);
}

/** What no longer fits the source, in words. Empty when all do. */
export async function staleEdits(mutants: readonly Mutant[]): Promise<readonly string[]> {
  const root = await sourceRoot();
  const problems: string[] = [];
  for (const { name, edits } of mutants) {
    try {
      edits.reduce(applyEdit, await readFile(resolve(root, edits[0]?.file ?? ENTRY), "utf8"));
    } catch (error) {
      problems.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return problems;
}

function mutate(root: string, edits: readonly SourceEdit[], unused: Set<SourceEdit>): Plugin {
  const nameOf = (path: string): string => relative(root, path).split(sep).join("/");
  return {
    name: "mutate",
    resolveId(source, importer) {
      if (importer === undefined || !source.startsWith(".")) {
        return undefined;
      }
      const name = nameOf(resolve(dirname(importer), source));
      return Object.hasOwn(SHARED, name) ? { id: `shared:${name}`, external: true } : undefined;
    },
    async load(id) {
      const name = nameOf(id);
      const own = edits.filter(({ file }) => file === name);
      if (own.length === 0) {
        return undefined;
      }
      let code = await readFile(id, "utf8");
      for (const edit of own) {
        code = applyEdit(code, edit);
        unused.delete(edit);
      }
      return { code, moduleType: "ts" };
    },
  };
}

function evaluate(code: string, root: string): EnginePort {
  const requirePackage = createRequire(resolve(root, "package.json"));
  const require = (id: string): unknown =>
    id.startsWith("shared:") ? SHARED[id.slice("shared:".length)] : requirePackage(id);
  const wrapper: unknown = runInThisContext(`(function (require, exports) {${code}\n})`);
  if (typeof wrapper !== "function") {
    throw new TypeError("the bundled engine is no function");
  }
  const exports = {};
  Reflect.apply(wrapper, undefined, [require, exports]);
  if (!isEngine(exports)) {
    throw new TypeError("the bundled engine exports no Database");
  }
  return exports;
}

function isEngine(exports: object): exports is EnginePort {
  return "Database" in exports && "syncPolicy" in exports;
}
