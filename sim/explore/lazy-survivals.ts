import { defined } from "../../engine/base/assert.ts";
import type { PendingState } from "../disk/crash-image.ts";
import type { VirtualFile } from "../disk/virtual-file.ts";
import { placeOfName } from "./place-of-name.ts";
import type { PendingLayout, PendingUnit } from "./pending-units.ts";
import type { Question } from "./read-set.ts";
import { planOf, type WeighedPlan } from "./survival-tiers.ts";

/**
 * Every combination of units, but that a unit is decided only once a recovery asks for what it decides: two
 * outcomes of a unit that nobody reads are one. Begins with everything kept; each run that is told back adds
 * the runs that differ from it at one question, and agree before.
 */
export class LazySurvivals {
  readonly #state: PendingState;
  readonly #layout: PendingLayout;
  readonly #waiting: { readonly lost: Uint8Array; readonly decided: number }[];

  constructor(state: PendingState, layout: PendingLayout) {
    this.#state = state;
    this.#layout = layout;
    this.#waiting = [{ lost: new Uint8Array(layout.units.length), decided: 0 }];
  }

  /** The next plan, with what to call once it is known what was asked; undefined when all were tried. */
  next(): { readonly weighed: WeighedPlan; told(asked: readonly Question[]): void } | undefined {
    const taken = this.#waiting.pop();
    if (taken === undefined) {
      return undefined;
    }
    const { lost, decided } = taken;
    const told = (asked: readonly Question[]): void => {
      const order = this.#decisions(asked);
      for (let index = decided; index < order.length; index += 1) {
        const other = lost.slice();
        const unit = defined(order[index], "a unit that was asked for");
        other[unit] = 1 - (other[unit] ?? 0);
        this.#waiting.push({ lost: other, decided: index + 1 });
      }
    };
    return { weighed: { plan: planOf(lost), weight: Infinity }, told };
  }

  /** The units that the answers depend on, in the order in which they were first asked for. */
  #decisions(asked: readonly Question[]): number[] {
    const order = new Set<number>();
    for (const question of asked) {
      for (const [index, unit] of this.#layout.units.entries()) {
        if (this.#decides(unit, question)) {
          order.add(index);
        }
      }
    }
    return [...order];
  }

  /** May be true where it need not: that only tries more. */
  #decides(unit: PendingUnit, question: Question): boolean {
    const { path, from, to } = question;
    if (question.kind === "bytes") {
      const isThere = unit.kind === "data" && unit.from < to && unit.to > from;
      return (isThere || unit.kind === "size") && this.#mayBeAt(unit.file, path);
    }
    const { profile } = this.#state;
    if (profile.metadataOrder === "prefix") {
      // Metadata survives in order, and sizes wait for data: one unit may take all others back.
      return unit.kind !== "data" || profile.sizeWaitsFor !== "nothing";
    }
    return unit.kind === "name"
      ? placeOfName(unit.operation, path)
      : unit.kind === "size" && this.#mayBeAt(unit.file, path);
  }

  #mayBeAt(file: VirtualFile, path: string): boolean {
    return (
      file.path === path ||
      this.#state.names.some((operation) => operation.node === file && placeOfName(operation, path))
    );
  }
}
