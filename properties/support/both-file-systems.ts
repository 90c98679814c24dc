import fsPromises from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { PROFILES } from "../../sim/disk/profiles.ts";
import { VirtualDisk } from "../../sim/disk/virtual-disk.ts";
import { createFsPromises } from "../../sim/subjects/fs-promises/fs-promises.ts";
import type { FsPromises, FsStats } from "../../sim/subjects/fs-promises/types.ts";

/** Where calls are made. */
interface Place {
  readonly fs: FsPromises;
  readonly directory: string;
}

/** Calls in a directory, which has `file`, `dir/`, `full/name` and `full/deep/`. */
export type Work = (fs: FsPromises, at: (name: string) => string) => Promise<unknown>;

/** What a call came to, and what the directory holds afterwards. */
interface Found {
  readonly call: unknown;
  readonly left: readonly string[];
}

/** The file system of this machine beside that of a virtual disk, for tests that the one is as the other. */
export class BothFileSystems {
  readonly disk: VirtualDisk;
  readonly virtual: Place;
  readonly #real: Place;

  private constructor(directory: string) {
    // The real module fits the type: otherwise this does not compile.
    this.#real = { fs: fsPromises, directory };
    this.disk = new VirtualDisk({ profile: PROFILES.paranoid });
    this.disk.makeDirectory("/home");
    this.virtual = { fs: createFsPromises(this.disk), directory: "/home" };
  }

  static async make(): Promise<BothFileSystems> {
    const both = new BothFileSystems(
      await fsPromises.mkdtemp(path.join(os.tmpdir(), "seawall-fs-")),
    );
    for (const { fs, directory } of [both.#real, both.virtual]) {
      await fs.mkdir(`${directory}/dir`);
      await fs.mkdir(`${directory}/full/deep`, { recursive: true });
      await fs.writeFile(`${directory}/file`, "hello");
      await fs.writeFile(`${directory}/full/name`, "inside");
    }
    return both;
  }

  async run(work: Work): Promise<{ readonly virtual: Found; readonly real: Found }> {
    const find = async (place: Place): Promise<Found> => ({
      call: await outcome(place, work),
      left: await tree(place),
    });
    return { virtual: await find(this.virtual), real: await find(this.#real) };
  }

  async remove(): Promise<void> {
    await fsPromises.rm(this.#real.directory, { recursive: true });
  }
}

/** Of a directory every file system says what it likes. */
export function sizeOf(stats: FsStats): number | undefined {
  return stats.isFile() ? stats.size : undefined;
}

/** What the call came to, without the place where it was made. */
async function outcome({ fs, directory }: Place, work: Work): Promise<unknown> {
  const strip = (value: unknown): unknown =>
    typeof value === "string" ? value.replaceAll(directory, "") : value;
  try {
    const result = await work(fs, (name) => `${directory}/${name}`);
    return { result: Buffer.isBuffer(result) ? `buffer ${result.toString("hex")}` : strip(result) };
  } catch (error) {
    if (!(error instanceof Error)) {
      throw error;
    }
    const { code, errno, syscall, path, dest } = error as NodeJS.ErrnoException & { dest?: string };
    const blame = { code, errno, syscall, path: strip(path), dest: strip(dest) };
    // Node.js words what it finds wrong with arguments from version to version as it likes.
    const isOurs = code?.startsWith("ERR_") !== true;
    return { name: error.name, ...blame, message: isOurs ? strip(error.message) : undefined };
  }
}

/** Everything below the directory: names, kinds and contents. */
async function tree({ fs, directory }: Place): Promise<readonly string[]> {
  const lines: string[] = [];
  const walk = async (below: string): Promise<void> => {
    for (const entry of await fs.readdir(directory + below, { withFileTypes: true })) {
      const name = `${below}/${entry.name}`;
      if (entry.isDirectory()) {
        lines.push(`${name}/`);
        await walk(name);
      } else {
        lines.push(`${name}: ${await fs.readFile(directory + name, "latin1")}`);
      }
    }
  };
  await walk("");
  return lines;
}
