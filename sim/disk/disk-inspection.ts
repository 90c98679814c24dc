import { Hash64 } from "../core/hash64.ts";
import { nodeAt, type Side, type VirtualDirectory, walk } from "./directory-tree.ts";

/** One file, as the inspector and the oracle see it. */
export interface VirtualFileInfo {
  readonly path: string;
  readonly bytes: number;
  readonly durableBytes: number;
  readonly pendingOperations: number;
  /** Pieces that a failed sync marked clean without storing them. */
  readonly unwrittenUnits: number;
}

/** Every file, in the order of names. */
export function listFiles(root: VirtualDirectory, side: Side): VirtualFileInfo[] {
  const infos: VirtualFileInfo[] = [];
  for (const [path, node] of walk(root, side)) {
    if (node.kind === "file") {
      const { bytes, durableBytes, pending, unwrittenUnits } = node;
      infos.push({ path, bytes, durableBytes, pendingOperations: pending.length, unwrittenUnits });
    }
  }
  return infos;
}

/** A copy of a file's bytes, of so many at most; undefined when no file has that name on that side. */
export function copyContent(
  root: VirtualDirectory,
  path: string,
  { side, bytesMax }: { readonly side: Side; readonly bytesMax?: number },
): Uint8Array | undefined {
  const node = nodeAt(root, path, side);
  if (node?.kind !== "file") {
    return undefined;
  }
  return (side === "visible" ? node.visibleContent : node.durableContent).slice(0, bytesMax);
}

/** A hash of all names and bytes of one side. */
export function digestTree(root: VirtualDirectory, side: Side): string {
  const hash = new Hash64();
  for (const [path, node] of walk(root, side)) {
    hash.string(path);
    if (node.kind === "file") {
      hash.bytes(side === "durable" ? node.durableContent : node.visibleContent);
    }
  }
  return hash.hex;
}
