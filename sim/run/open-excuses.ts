import {
  readSegmentHeader,
  SEGMENT_HEADER_BYTES,
  segmentNumberOf,
} from "../../engine/log/segment-format.ts";
import { behindTrim, bothOf, NO_DAMAGE, type OpenDamage, withPresent } from "./open-damage.ts";
import type { World } from "./world.ts";

/** What has to be seen of a world. */
export type Surroundings = Pick<World, "atlas" | "disk">;

/**
 * What damage excuses after some tries of an open. A try that has begun the log anew has taken damage to the
 * log for its end, for good: that excuse stays when the try then fails at something else and the damage is
 * undone. Whether it has is read from the disk, and never from what the store says.
 */
export class OpenExcuses {
  readonly #world: Surroundings;
  /** Damage that was there at some try, since the last that was undone. */
  #seen = NO_DAMAGE;
  /** Damage to the log, where a try has begun it anew: this stays when the damage is undone. */
  #kept = NO_DAMAGE;
  /** Headers of log files before the try. */
  #before: ReadonlySet<string> = new Set();
  /** The headers with which they did that, and which stand. */
  #begun: readonly string[] = [];

  constructor(world: Surroundings) {
    this.#world = world;
  }

  get damage(): OpenDamage {
    return bothOf(this.#kept, this.#seen);
  }

  /** The store is about to be opened. A crash may have taken headers since the last try: they trim nothing. */
  begin(): void {
    this.#before = headersOn(this.#world);
    this.#begun = this.#begun.filter((header) => this.#before.has(header));
    this.#kept = this.#begun.length === 0 ? NO_DAMAGE : this.#kept;
    this.#seen = withPresent(this.#world, this.#seen);
  }

  /** The try is over; nothing has crashed or was undone yet. */
  end(): void {
    this.#seen = withPresent(this.#world, this.#seen);
    const begun = [...headersOn(this.#world)].filter((header) => !this.#before.has(header));
    if (begun.length > 0 && this.damage.mayTrim) {
      this.#begun = [...this.#begun, ...begun];
      this.#kept = behindTrim(this.damage);
    }
  }

  /** Damage was undone, or may have been: it excuses what was trimmed for it, and what is there still does. */
  keepTrims(): void {
    this.#seen = NO_DAMAGE;
  }
}

/** Headers of log files as programs see them, each by what no other one has. */
function headersOn({ disk }: Surroundings): ReadonlySet<string> {
  const headers = new Set<string>();
  for (const { path } of disk.files()) {
    if (segmentNumberOf(path.slice(path.lastIndexOf("/") + 1)) !== undefined) {
      const head = disk.head(path, SEGMENT_HEADER_BYTES) ?? new Uint8Array();
      const found = readSegmentHeader(head);
      if (found.kind === "header") {
        const { storeId, epoch, number } = found.header;
        headers.add(`${storeId} ${epoch} ${number}`);
      }
    }
  }
  return headers;
}
