import { Database } from "../../../engine/database.ts";
import { isSeawallError } from "../../../engine/base/errors.ts";
import type { SyncPolicyName } from "../../../engine/log/sync-policies.ts";
import type { Entropy } from "../../../engine/platform/entropy.ts";
import { PROFILES } from "../../../sim/disk/profiles.ts";
import { ImmediateFileIO } from "../../../sim/subjects/immediate-file-io.ts";
import {
  CorruptSubjectError,
  KEEPS_ALL,
  MAY_LOSE_SUFFIX,
  type OpenSubject,
  type Subject,
  type SubjectWorld,
  type SubjectWrite,
} from "../../../sim/subjects/subject.ts";
import { IdleClock } from "./idle-clock.ts";

const DIRECTORY = "/store";

/** Seawall's own engine through the door that other engines have: here, too, it keeps what it promises. */
export const SEAWALL_SUBJECTS: readonly Subject[] = [
  {
    name: "seawall:sync",
    about: "Seawall, every commit synced before it is acknowledged",
    profile: PROFILES.paranoid,
    promises: { process: KEEPS_ALL, os: KEEPS_ALL, power: KEEPS_ALL },
    open: (world) => openSeawall(world, "sync"),
  },
  {
    name: "seawall:os",
    about: "Seawall, commits acknowledged once the operating system has them",
    profile: PROFILES.paranoid,
    promises: { process: KEEPS_ALL, os: MAY_LOSE_SUFFIX, power: MAY_LOSE_SUFFIX },
    open: (world) => openSeawall(world, "os"),
  },
];

async function openSeawall(world: SubjectWorld, syncPolicy: SyncPolicyName): Promise<OpenSubject> {
  const files = new ImmediateFileIO(world.disk);
  const clock = new IdleClock(world);
  try {
    const database = await detecting(
      Database.open({
        directory: DIRECTORY,
        platform: { files, clock, entropy: entropyOf(world) },
        syncPolicy,
        // Small, so that a few commits cross segments, meet checkpoints and come back from the page file.
        segmentBytes: 16 * 1024,
        sectorBytes: 512,
        pageBytes: 4096,
        cacheBytes: 64 * 1024,
        checkpointBytes: 24 * 1024,
      }),
    );
    return new OpenSeawall(database, files, clock);
  } catch (error) {
    files.die();
    clock.die();
    throw error;
  }
}

function entropyOf(world: SubjectWorld): Entropy {
  const word = new Uint8Array(4);
  return {
    uint32: () => {
      world.random(word);
      return new DataView(word.buffer).getUint32(0);
    },
  };
}

class OpenSeawall implements OpenSubject {
  readonly #database: Database;
  readonly #files: ImmediateFileIO;
  readonly #clock: IdleClock;

  constructor(database: Database, files: ImmediateFileIO, clock: IdleClock) {
    this.#database = database;
    this.#files = files;
    this.#clock = clock;
  }

  async commit(writes: readonly SubjectWrite[]): Promise<void> {
    await this.#database.batch(
      writes.map(({ key, value }) =>
        value === undefined ? { type: "delete", key } : { type: "put", key, value },
      ),
    );
  }

  async readAll(): Promise<ReadonlyMap<string, string>> {
    const [problem] = await detecting(this.#database.verify());
    if (problem !== undefined) {
      throw new CorruptSubjectError(JSON.stringify(problem));
    }
    const contents = new Map<string, string>();
    await detecting(this.#scanInto(contents));
    return contents;
  }

  async close(): Promise<void> {
    await this.#database.close();
  }

  abandon(): void {
    this.#files.die();
    this.#clock.die();
  }

  async #scanInto(contents: Map<string, string>): Promise<void> {
    for await (const { key, value } of this.#database.scan()) {
      contents.set(String(key), String(value));
    }
  }
}

/** What the engine says of damage is not a refusal. */
async function detecting<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (isSeawallError(error, "CORRUPTION")) {
      throw new CorruptSubjectError(error.message, { cause: error });
    }
    throw error;
  }
}
