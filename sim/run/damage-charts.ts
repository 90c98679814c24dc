import type { ReplacedRange } from "../disk/disk-faults.ts";
import type { PlacedDamage } from "../disk/disk-media.ts";
import { fileGroupOf } from "./store-files.ts";
import type { Debt } from "./stored-debt.ts";

/** Damage that was done on purpose. */
export interface Charted extends ReplacedRange {
  /** Damage to a store that nobody uses is judged once; otherwise it depends on what came after it. */
  readonly debt?: Debt;
  readonly cause: "rot" | "lost" | "snapshot";
  readonly unreadable: boolean;
  /** The open that it came after. */
  readonly opens: number;
}

/** All damage that was ever done to the files of a store, also where it is not there any more. */
export class DamageCharts {
  readonly #charted: Charted[] = [];

  add(charted: Charted): void {
    this.#charted.push(charted);
  }

  /** How much was charted so far. */
  get count(): number {
    return this.#charted.length;
  }

  /** How much was before the store was opened so often. */
  countBefore(opens: number): number {
    return this.#charted.filter((charted) => charted.opens < opens).length;
  }

  /** The first of them. */
  first(count: number): readonly Charted[] {
    return this.#charted.slice(0, count);
  }

  /** All that ever touched the range. */
  touching({ path, from, to }: ReplacedRange): readonly Charted[] {
    return this.#charted.filter(
      (charted) => charted.path === path && charted.from < to && charted.to > from,
    );
  }

  /** The last that explains this damage. Files are renamed, and their damage goes with them. */
  of({ kind, path, from, to }: PlacedDamage): Charted | undefined {
    const holds = (charted: Charted): boolean =>
      from < charted.to && to > charted.from && kindsOf(charted).includes(kind);
    return (
      this.#charted.findLast((charted) => charted.path === path && holds(charted)) ??
      this.#charted.findLast(
        (charted) => fileGroupOf(charted.path) === fileGroupOf(path) && holds(charted),
      )
    );
  }
}

/** The kinds of damage that a chart is about. */
function kindsOf({ cause, unreadable }: Charted): readonly PlacedDamage["kind"][] {
  if (cause !== "rot") {
    return ["replaced"];
  }
  return unreadable ? ["unreadable"] : ["flip"];
}
