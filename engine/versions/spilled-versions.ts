import { assert } from "../base/assert.ts";
import type { MapEntry, RangeRead } from "../base/sorted-map.ts";
import { lsn } from "../base/units.ts";
import type { CommitNumber, Lsn } from "../base/units.ts";
import type { StoredKey } from "../data/key-codec.ts";
import type { StoredValue } from "../data/value-codec.ts";
import { BTree } from "../pages/btree.ts";
import { PageCache } from "../pages/page-cache.ts";
import { PageFile } from "../pages/page-file.ts";
import type { MissingPage } from "../pages/page-lease.ts";
import type { FileIO } from "../platform/file-io.ts";
import { doing } from "../platform/io-errors.ts";
import type { VersionFound } from "./version-store.ts";

export interface SpilledVersionsOptions {
  readonly files: FileIO;
  readonly directory: string;
  readonly name: string;
  readonly pageBytes: number;
  readonly cacheBytes: number;
}

const NAME = /^spill-\d+\.tmp$/;

export function spillFileName(number: number): string {
  return `spill-${number}.tmp`;
}

/** Left over when the process died: worth nothing. */
export function isSpillFileName(name: string): boolean {
  return NAME.test(name);
}

/** What was changed in a range, with before-images; or what comes before a page that is missing. */
export interface SpilledRange {
  readonly entries: readonly MapEntry<StoredValue | undefined>[];
  /** There may be more in the range, behind the entries. */
  readonly isCut: boolean;
  readonly missing: MissingPage | undefined;
}

/**
 * The before-images of a transaction that is too large for memory: what snapshots see instead of its
 * changes. A B+tree in a file of its own, with a cache of its own; never synced, because nothing in it
 * survives the process: recovery takes before-images from the log.
 */
export class SpilledVersions {
  /** The commit that made the changes; infinite until there is one: no snapshot sees them. */
  replacedBy: CommitNumber | typeof Infinity = Infinity;
  readonly #options: SpilledVersionsOptions;
  readonly #pageFile: PageFile;
  readonly #cache: PageCache;
  readonly #tree: BTree;
  #changes = 0;

  private constructor(options: SpilledVersionsOptions, pageFile: PageFile) {
    this.#options = options;
    this.#pageFile = pageFile;
    this.#cache = new PageCache({
      pageFile,
      doubleWrite: {
        write: async (images) => {
          await pageFile.extendTo(Math.max(...images.map(({ pageId }) => pageId + 1)));
          for (const { pageId, bytes } of images) {
            await pageFile.write(pageId, bytes);
          }
        },
      },
      log: { isDurable: () => true, durable: async () => {} },
      bytesMax: options.cacheBytes,
    });
    this.#tree = BTree.create({ cache: this.#cache, log: { append: () => this.#nextLsn() } });
  }

  /** @throws SeawallError `IO`, `NO_SPACE`. */
  static async create(options: SpilledVersionsOptions): Promise<SpilledVersions> {
    const { files, directory, name, pageBytes } = options;
    const pageFile = await PageFile.open({ files, directory, name, pageBytes, storeId: 0 });
    return new SpilledVersions(options, pageFile);
  }

  /** The cache has grown over its limit: before more is added, it should be trimmed. */
  async trim(): Promise<void> {
    if (this.#cache.isOverLimit) {
      await this.#cache.trim();
    }
  }

  /** What the key held before; undefined when the transaction did not change it. */
  get(key: StoredKey): VersionFound | MissingPage | undefined {
    const found = this.#tree.get(key);
    switch (found.kind) {
      case "missing":
        return found;
      case "absent":
        return undefined;
      case "value":
        return { replacedBy: this.replacedBy, value: imageOf(found.value) };
    }
  }

  read(range: RangeRead): SpilledRange {
    const found = this.#tree.read(range);
    const missing = found.kind === "missing" ? found : undefined;
    return {
      entries: found.entries.map(([key, image]) => [key, imageOf(image)]),
      isCut: missing !== undefined || found.entries.length >= range.limit,
      missing,
    };
  }

  /** The page that `add` misses; undefined when it misses none. */
  missingFor(key: StoredKey, old: StoredValue | undefined): MissingPage | undefined {
    const found = this.#tree.prepare(key, encodeImage(old));
    return found.kind === "missing" ? found : undefined;
  }

  /** Keeps the before-image of the first change of a key. Every page that it needs is resident. */
  add(key: StoredKey, old: StoredValue | undefined): void {
    if (this.#tree.get(key).kind !== "absent") {
      return;
    }
    const added = this.#tree.put(key, encodeImage(old));
    assert(added.kind === "changed", "nothing is missing");
    if (added.logged === undefined) {
      this.#tree.stamp(added.page, this.#nextLsn());
    }
  }

  /** Gives its space back. Nobody begins to use it any more. */
  async drop(): Promise<void> {
    const { files, directory, name } = this.#options;
    await this.#cache.settled();
    await this.#pageFile.close();
    await doing("removing spilled versions", files.unlink(`${directory}/${name}`));
  }

  /** There is no log; pages want to know which change came last. */
  #nextLsn(): Lsn {
    this.#changes += 1;
    return lsn(this.#changes);
  }
}

/** A byte in front says whether there was a value. */
function encodeImage(old: StoredValue | undefined): Uint8Array {
  if (old === undefined) {
    return ABSENT;
  }
  const image = new Uint8Array(old.length + 1);
  image[0] = 1;
  image.set(old, 1);
  return image;
}

const ABSENT = Uint8Array.of(0);

function imageOf(image: Uint8Array): StoredValue | undefined {
  return image[0] === 0 ? undefined : image.subarray(1);
}
