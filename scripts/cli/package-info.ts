import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** Where the package lives and which version it is; the same from the sources and from dist. */
export interface PackageInfo {
  readonly root: string;
  readonly version: string;
}

export function packageInfo(): PackageInfo {
  let root = path.dirname(fileURLToPath(import.meta.url));
  while (!fs.existsSync(path.join(root, "package.json"))) {
    root = path.dirname(root);
  }
  const found: unknown = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8"));
  const version =
    typeof found === "object" && found !== null && "version" in found
      ? String(found.version)
      : "0.0.0";
  return { root, version };
}
