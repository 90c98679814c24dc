import { Database, type OpenOptions } from "../../index.ts";
import type { Platform } from "../platform.ts";
import { createNodeClock } from "./node-clock.ts";
import { createNodeEntropy } from "./node-entropy.ts";
import { createNodeFileIO, type NodeFileIOOptions } from "./node-file-io.ts";

export * from "../../index.ts";
export { createNodeClock, createNodeEntropy, createNodeFileIO };
export type { NodeFileIOOptions };

/** The real disk, clock and chance of this machine. */
export function nodePlatform(options: NodeFileIOOptions = {}): Platform {
  return {
    files: createNodeFileIO(options),
    clock: createNodeClock(),
    entropy: createNodeEntropy(),
  };
}

/**
 * Opens the database in a directory of this machine, making it when it is missing. Resolves once
 * everything acknowledged as durable before a crash is back and nothing uncommitted is left.
 *
 * @throws SeawallError `LOCKED` when the directory is open already, in this process or another.
 */
export async function open(
  directory: string,
  options: Omit<OpenOptions, "directory" | "platform"> &
    Partial<Pick<OpenOptions, "platform">> = {},
): Promise<Database> {
  return Database.open({ platform: nodePlatform(), ...options, directory });
}
