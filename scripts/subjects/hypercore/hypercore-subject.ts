import { createPrivateKey, createPublicKey } from "node:crypto";
import type Hypercore from "hypercore";
import type { HypercoreOptions } from "hypercore";
import { applyWrites } from "../../../sim/subjects/apply-writes.ts";
import { PROFILES } from "../../../sim/disk/profiles.ts";
import {
  CorruptSubjectError,
  KEEPS_ALL,
  MAY_LOSE_ANYTHING,
  type OpenSubject,
  type Subject,
  type SubjectWorld,
  type SubjectWrite,
} from "../../../sim/subjects/subject.ts";
import { diskStorage, type StorageClass } from "./disk-storage.ts";

const DIRECTORY = "/core";

/**
 * hypercore 10, an append-only log with a Merkle tree beside it. Its storage interface knows no sync: an
 * acknowledged block is in the hands of the operating system, and survives nothing but the death of the process.
 */
export const HYPERCORE_SUBJECTS: readonly Subject[] = [
  {
    name: "hypercore",
    about: "hypercore 10 over random-access-storage, which has no sync",
    profile: PROFILES["ext4-ordered"],
    promises: { process: KEEPS_ALL, os: MAY_LOSE_ANYTHING, power: MAY_LOSE_ANYTHING },
    open: openHypercore,
  },
];

async function openHypercore(world: SubjectWorld): Promise<OpenSubject> {
  const { Core, Storage } = await loadPackages();
  const { disk } = world;
  disk.makeDirectory(DIRECTORY);
  const core = new Core((name) => diskStorage(Storage, disk, `${DIRECTORY}/${name}`), {
    keyPair: drawKeyPair(world),
    // It has no peers, and nothing to download from them in the background.
    active: false,
    notDownloadingLinger: 0,
  });
  await detecting(core.ready());
  return new OpenHypercore(core);
}

class OpenHypercore implements OpenSubject {
  readonly #core: Hypercore;

  constructor(core: Hypercore) {
    this.#core = core;
  }

  /** One commit is one block. */
  async commit(writes: readonly SubjectWrite[]): Promise<void> {
    await this.#core.append(
      Buffer.from(JSON.stringify(writes.map(({ key, value }) => [key, value]))),
    );
  }

  async readAll(): Promise<ReadonlyMap<string, string>> {
    const found = await detecting(this.#core.core.audit());
    if (found.tree > 0 || found.blocks > 0) {
      throw new CorruptSubjectError(
        `audit: ${found.blocks} blocks and ${found.tree} nodes are bad`,
      );
    }
    const contents = new Map<string, string>();
    for (let index = 0; index < this.#core.length; index += 1) {
      const block = await detecting(this.#core.get(index, { wait: false }));
      if (block === null) {
        throw new CorruptSubjectError(`block ${index} of ${this.#core.length} is missing`);
      }
      fold(contents, block, index);
    }
    return contents;
  }

  async close(): Promise<void> {
    await this.#core.close();
  }

  /** Without peers it has no timers, and does nothing that nobody asked for. */
  abandon(): void {}
}

/** A block that is none of ours is content as well: nobody ever appended it. */
function fold(contents: Map<string, string>, block: Uint8Array, index: number): void {
  const text = Buffer.from(block).toString("latin1");
  const writes = parseWrites(text);
  if (writes === undefined) {
    contents.set(`block ${index}`, text);
    return;
  }
  applyWrites(contents, writes);
}

function parseWrites(text: string): readonly SubjectWrite[] | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) {
      return undefined;
    }
    throw error;
  }
  if (!Array.isArray(parsed)) {
    return undefined;
  }
  const writes: SubjectWrite[] = [];
  for (const pair of parsed as readonly unknown[]) {
    const [key, value] = Array.isArray(pair) ? (pair as readonly unknown[]) : [];
    if (typeof key !== "string") {
      return undefined;
    }
    writes.push({ key, value: typeof value === "string" ? value : undefined });
  }
  return writes;
}

/** Errors by which hypercore says that what it read is damaged. */
const DAMAGE: ReadonlySet<string> = new Set([
  "OPLOG_CORRUPT",
  "INVALID_CHECKSUM",
  "INVALID_SIGNATURE",
  "DECODING_ERROR",
]);

async function detecting<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && "code" in error && DAMAGE.has(String(error.code))) {
      throw new CorruptSubjectError(error.message, { cause: error });
    }
    throw error;
  }
}

/** What PKCS #8 puts in front of the 32 bytes that an Ed25519 key grows from (RFC 8410, section 7). */
const ED25519_SEED_HEADER = Buffer.from("302e020100300506032b657004220420", "hex");

/** A key pair that the seed decides: left to itself, hypercore asks the operating system for chance. */
function drawKeyPair(world: SubjectWorld): HypercoreOptions["keyPair"] {
  const seed = new Uint8Array(32);
  world.random(seed);
  const privateKey = createPrivateKey({
    key: Buffer.concat([ED25519_SEED_HEADER, seed]),
    format: "der",
    type: "pkcs8",
  });
  const spki = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  const publicKey = Buffer.from(spki.subarray(-32));
  // As libsodium lays a secret key out.
  return { publicKey, secretKey: Buffer.concat([seed, publicKey]) };
}

interface Packages {
  readonly Core: new (...options: ConstructorParameters<typeof Hypercore>) => Hypercore;
  readonly Storage: StorageClass;
}

/** @throws Error that says what to install. */
async function loadPackages(): Promise<Packages> {
  try {
    const [core, storage] = await Promise.all([
      import("hypercore"),
      import("random-access-storage"),
    ]);
    return { Core: core.default, Storage: storage.default };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND") {
      throw new Error(
        "the subject hypercore needs two packages: npm install hypercore@10.38.2 random-access-storage@3.0.2",
        { cause: error },
      );
    }
    throw error;
  }
}
