import { Streams } from "../../../sim/core/streams.ts";
import { PROFILES } from "../../../sim/disk/profiles.ts";
import { VirtualDisk } from "../../../sim/disk/virtual-disk.ts";
import { ForeignWorld } from "../../../sim/subjects/foreign-world.ts";
import type { SynchronousDisk } from "../../../sim/subjects/subject.ts";
import { PgliteInstance } from "./pglite-instance.ts";
import { withWorldGlobals } from "./world-globals.ts";

/** All that a cluster is, by path: a directory comes before what is in it. */
interface ClusterImage {
  readonly directories: readonly string[];
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** The smallest segments of the log that there are: a copy of the disk copies what is written to. */
const INITDB_PARAMETERS: readonly string[] = ["--wal-segsize=1"];
const SETTINGS: readonly string[] = ["fsync=off", "autovacuum=off"];

/**
 * The table, and amcheck to check it. Values are kept as they are and in a table of their own when they
 * are long. The two databases that nobody uses would only be more files to copy.
 */
const SET_UP: readonly string[] = [
  "ALTER DATABASE template0 IS_TEMPLATE false",
  "DROP DATABASE template0",
  "DROP DATABASE postgres",
  "CREATE EXTENSION amcheck",
  "CREATE TABLE store (key text PRIMARY KEY, value text NOT NULL)",
  "ALTER TABLE store ALTER COLUMN value SET STORAGE EXTERNAL",
];

let made: Promise<ClusterImage> | undefined;

/** Puts a new cluster on an empty disk, all of it durable: the same every time, since initdb takes seconds. */
export async function putCluster(disk: SynchronousDisk): Promise<void> {
  made ??= makeCluster();
  const { directories, files } = await made;
  for (const path of directories) {
    disk.makeDirectory(path);
  }
  for (const [path, bytes] of files) {
    const file = disk.open(path, "create");
    disk.write(file, bytes, 0);
    disk.sync(file, "sync");
  }
  for (const path of ["/", ...directories]) {
    disk.syncDirectory(path);
  }
}

async function makeCluster(): Promise<ClusterImage> {
  const profile = PROFILES["ext4-ordered"];
  const disk = new VirtualDisk({ profile });
  const world = new ForeignWorld(profile, new Streams("pglite").stream("entropy")).with(disk);
  // The parts of PGlite that make a cluster take no world but the one of the process.
  return withWorldGlobals(world, async () => {
    const options = { settings: SETTINGS, initDbParameters: INITDB_PARAMETERS };
    const instance = await PgliteInstance.open(world, options);
    for (const statement of SET_UP) {
      await instance.run(statement);
    }
    await instance.close();
    return imageOf(disk);
  });
}

function imageOf(disk: SynchronousDisk): ClusterImage {
  const directories: string[] = [];
  const files = new Map<string, Uint8Array>();
  const visit = (directory: string): void => {
    for (const name of disk.readDirectory(directory)) {
      const path = directory === "/" ? `/${name}` : `${directory}/${name}`;
      const found = disk.stat(path);
      if (found?.kind === "directory") {
        directories.push(path);
        visit(path);
      } else if (found !== undefined) {
        const bytes = new Uint8Array(found.bytes);
        disk.read(disk.open(path, "read"), bytes, 0);
        files.set(path, bytes);
      }
    }
  };
  visit("/");
  return { directories, files };
}
