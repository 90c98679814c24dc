import { namesOf } from "../disk/directory-tree.ts";
import type { NameOperation } from "../disk/name-operation.ts";

/**
 * Whether a change of a directory may decide what is at a path, or at a path on the way to it. By names alone:
 * of two directories that hold the same name the wrong one may be meant, which only tries more.
 */
export function placeOfName({ name, oldName, node }: NameOperation, path: string): boolean {
  const names = namesOf(path);
  const last = names.at(-1);
  const isOnTheWay = node.kind === "directory" && names.includes(name);
  return last === name || last === oldName || isOnTheWay;
}
