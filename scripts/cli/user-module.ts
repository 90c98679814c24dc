import fs from "node:fs";
import path from "node:path";
import { createJiti } from "jiti";
import * as seawall from "../../engine/platform/node/index.ts";
import * as lab from "../../sim/lab/index.ts";
import * as subjects from "../../sim/subjects/index.ts";

/** A user's file cannot be loaded, or is not what it has to be; the message begins with its name. */
export class UserModuleError extends Error {
  override readonly name = "UserModuleError";
}

/**
 * Everything that a user's module exports, lists taken apart, each value once; objects only, because
 * anything else that a module exports, such as a helper, is its own business.
 *
 * @throws UserModuleError
 */
export async function exportedObjects(file: string): Promise<readonly object[]> {
  const location = path.resolve(file);
  if (!fs.existsSync(location)) {
    throw new UserModuleError(`${file}: there is no such file`);
  }
  const exported = await importModule(file, location);
  const values = Object.values(exported).flatMap((value): unknown[] =>
    Array.isArray(value) ? value : [value],
  );
  return [...new Set(values)].filter(
    (value): value is object => typeof value === "object" && value !== null,
  );
}

async function importModule(file: string, location: string): Promise<object> {
  try {
    const module: unknown = await createLoader().import(location);
    return typeof module === "object" && module !== null ? { ...module } : {};
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserModuleError(`${file} cannot be loaded: ${reason}`, { cause: error });
  }
}

/** TypeScript as it is, without a build; what runs already is what `seawall` and its parts are. */
function createLoader(): ReturnType<typeof createJiti> {
  return createJiti(import.meta.url, {
    fsCache: false,
    virtualModules: { seawall, "seawall/lab": lab, "seawall/subjects": subjects },
  });
}
