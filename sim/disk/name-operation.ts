import type { VirtualDirectory, VirtualNode } from "./directory-tree.ts";

/** A change of one directory that is visible and not yet durable. */
export interface NameOperation {
  readonly kind: "link" | "unlink" | "rename";
  readonly sequence: number;
  readonly directory: VirtualDirectory;
  /** The name that comes (link, rename) or goes (unlink). */
  readonly name: string;
  /** What the name stands for, or stood for. */
  readonly node: VirtualNode;
  /** The name that goes when one is renamed. */
  readonly oldName?: string;
  /** True for a rename onto a name that was in use. */
  readonly replaces?: boolean;
}

/** A part of a name operation; parts survive together where renames are atomic. */
export const NAME_COMES = 1;
/** The other part. */
export const NAME_GOES = 2;

const PARTS: Readonly<Record<NameOperation["kind"], number>> = {
  link: NAME_COMES,
  unlink: NAME_GOES,
  rename: NAME_COMES | NAME_GOES,
};

/** The parts that an operation has. */
export function partsOf(operation: NameOperation): number {
  return PARTS[operation.kind];
}

/** Makes parts of a name operation durable. */
export function storeName(operation: NameOperation, parts: number): void {
  const { durable } = operation.directory;
  if ((parts & NAME_GOES) !== 0) {
    durable.delete(operation.oldName ?? operation.name);
  }
  if ((parts & NAME_COMES) !== 0) {
    durable.set(operation.name, operation.node);
  }
}

/** How many parts of the pending operations survive, and how many do not. */
export function countParts(
  operations: readonly NameOperation[],
  parts: readonly number[],
): { kept: number; lost: number } {
  let kept = 0;
  let all = 0;
  for (const [index, operation] of operations.entries()) {
    kept += bits(parts[index] ?? 0);
    all += bits(partsOf(operation));
  }
  return { kept, lost: all - kept };
}

function bits(parts: number): number {
  return ((parts & NAME_COMES) === 0 ? 0 : 1) + ((parts & NAME_GOES) === 0 ? 0 : 1);
}
