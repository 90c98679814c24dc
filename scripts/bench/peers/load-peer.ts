import type { PeerName } from "../catalog.ts";
import type { OpenStore } from "../store.ts";

/** Development dependencies: their native code is for the benchmark, no user of Seawall installs it. */
const INSTALL = "npm install";

/** The peer's npm package is not there, or not built for this machine. */
export class MissingPeerError extends Error {
  override readonly name = "MissingPeerError";
}

/**
 * Imports a peer only when it runs: the others' native code is never in its process, and Seawall needs none
 * of them. @throws MissingPeerError with what to do about it.
 */
export async function loadPeer(name: PeerName): Promise<OpenStore> {
  try {
    return await importPeer(name);
  } catch (error) {
    if (isNotFound(error)) {
      throw new MissingPeerError(`${name} is not installed: run ${INSTALL} in the clone`, {
        cause: error,
      });
    }
    const reason = error instanceof Error ? error.message.split("\n", 1)[0] : String(error);
    throw new MissingPeerError(
      `${name} does not load on this machine, and is left out: ${reason}`,
      {
        cause: error,
      },
    );
  }
}

async function importPeer(name: PeerName): Promise<OpenStore> {
  switch (name) {
    case "floor":
      return (await import("./floor-peer.ts")).openFloor;
    case "seawall":
      return (await import("./seawall-peer.ts")).seawallWith("os");
    case "seawall-async":
      return (await import("./seawall-peer.ts")).seawallWith("async");
    case "classic-level":
      return (await import("./classic-level-peer.ts")).openClassicLevel;
    case "lmdb":
      return (await import("./lmdb-peer.ts")).openLmdb;
    case "better-sqlite3":
      return (await import("./better-sqlite3-peer.ts")).openBetterSqlite3;
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
}
