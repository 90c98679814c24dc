import type { RecoveryReport } from "../../engine/recovery/recovery-report.ts";
import type { Violation } from "../oracle/verdict.ts";
import { ImageView, type Known, ReadTree } from "./read-set.ts";
import type { VirtualDisk } from "../disk/virtual-disk.ts";

/** What a recovery came up with; or the property that it broke by itself, whatever was owed. */
export type Recovered =
  | { readonly kind: "state"; readonly state: Int32Array; readonly report: RecoveryReport }
  | { readonly kind: "broken"; readonly violation: Violation };

export interface Outcome {
  readonly recovered: Recovered;
  /** So many crashes in a row were tried in this recovery, at most. */
  struckDepth: number;
}

/** How an image's outcome is known. */
export type Found = Known<Outcome> & { readonly by: "image" | "reads" };

/** What is known of crash images: of the same bytes, and of those that recovery reads alike. */
export class OutcomeBook {
  readonly #byDigest = new Map<string, Known<Outcome>>();
  readonly #byReads = new ReadTree<Outcome>();

  find(image: VirtualDisk, digest: string): Found | undefined {
    const same = this.#byDigest.get(digest);
    if (same !== undefined) {
      return { ...same, by: "image" };
    }
    const alike = this.#byReads.find(new ImageView(image));
    if (alike === undefined) {
      return undefined;
    }
    this.#byDigest.set(digest, alike);
    return { ...alike, by: "reads" };
  }

  add(image: VirtualDisk, digest: string, known: Known<Outcome>): void {
    this.#byDigest.set(digest, known);
    this.#byReads.add(new ImageView(image), known.asked, known.outcome);
  }
}
