import { unreachable } from "../../engine/base/assert.ts";
import { type Choices, pick } from "../core/choices.ts";

/** What is lost or kept together. A unit is one torn-off piece of a write, one size, or one name. */
export type Scope = "unit" | "operation" | "file";

/**
 * The shape of a crash: which of the operations that were not synced survive. Drawn once per crash so
 * that the shapes that matter come often; fair coins per sector alone would almost never lose exactly
 * one write, or keep exactly one.
 */
export type CrashStyle =
  | { readonly kind: "all" }
  | { readonly kind: "none" }
  /** The first `units` in the order in which they took effect. */
  | { readonly kind: "prefix"; readonly units: number }
  | { readonly kind: "all-but"; readonly scope: Scope; readonly index: number }
  | { readonly kind: "only"; readonly scope: Scope; readonly index: number }
  /** Each by itself, `eighths` in eight. */
  | { readonly kind: "share"; readonly scope: Scope; readonly eighths: number };

/** How much there is to lose. */
export interface PendingCounts {
  readonly unit: number;
  readonly operation: number;
  readonly file: number;
}

/** Relative frequencies are by repetition; the gentlest is first. */
const SHAPES = [
  "all",
  "none",
  "prefix",
  "prefix",
  "all-but",
  "all-but",
  "only",
  "only",
  "share-operations",
  "share-operations",
  "share-units",
  "share-units",
] as const;

const EIGHTHS_MAX = 7;

/** What a draw has to answer for every unit to be drawn for itself, for choices that are made by hand. */
export const FREE_STYLE_DRAWS: readonly number[] = [SHAPES.indexOf("share-units"), EIGHTHS_MAX - 4];

const SCOPES: readonly Scope[] = ["operation", "unit", "file"];

export function drawCrashStyle(choices: Choices, counts: PendingCounts): CrashStyle {
  if (counts.unit === 0) {
    return { kind: "all" };
  }
  const shape = pick(choices, SHAPES);
  switch (shape) {
    case "all":
    case "none":
      return { kind: shape };
    case "prefix":
      return { kind: shape, units: choices.below(counts.unit + 1) };
    case "all-but":
    case "only": {
      const scope = pick(choices, SCOPES);
      return { kind: shape, scope, index: choices.below(counts[scope]) };
    }
    case "share-operations":
      return {
        kind: "share",
        scope: "operation",
        eighths: EIGHTHS_MAX - choices.below(EIGHTHS_MAX),
      };
    case "share-units":
      return { kind: "share", scope: "unit", eighths: EIGHTHS_MAX - choices.below(EIGHTHS_MAX) };
    default:
      return unreachable(shape);
  }
}

/** One line for reports. */
export function describeCrashStyle(style: CrashStyle): string {
  switch (style.kind) {
    case "all":
      return "everything un-synced survived";
    case "none":
      return "nothing un-synced survived";
    case "prefix":
      return `the first ${style.units} un-synced pieces survived`;
    case "all-but":
      return `all but ${style.scope} ${style.index} survived`;
    case "only":
      return `only ${style.scope} ${style.index} survived`;
    case "share":
      return `each un-synced ${style.scope} survived ${style.eighths} times in 8`;
    default:
      return unreachable(style);
  }
}

/** Answers for one unit after the other whether it survives. */
export class SurvivorDraw {
  readonly #style: CrashStyle;
  readonly #choices: Choices;
  readonly #fileShare = new Map<number, boolean>();
  #unit = -1;
  #operation = -1;
  #file = 0;
  #operationKept = false;

  constructor(style: CrashStyle, choices: Choices) {
    this.#style = style;
    this.#choices = choices;
  }

  /** The next units belong to the next operation, which is on this file. */
  beginOperation(file: number): void {
    this.#operation += 1;
    this.#file = file;
    const style = this.#style;
    if (style.kind === "share" && style.scope === "operation") {
      this.#operationKept = this.#share(style.eighths);
    }
  }

  /** Whether the next unit survives. */
  next(): boolean {
    this.#unit += 1;
    const style = this.#style;
    switch (style.kind) {
      case "all":
        return true;
      case "none":
        return false;
      case "prefix":
        return this.#unit < style.units;
      case "all-but":
        return this.#position(style.scope) !== style.index;
      case "only":
        return this.#position(style.scope) === style.index;
      case "share":
        return this.#shared(style.scope, style.eighths);
      default:
        return unreachable(style);
    }
  }

  /**
   * Of that many units in a row, how many survive at the front when not all do: none unless every unit is
   * drawn for itself.
   */
  partOf(units: number): number {
    const style = this.#style;
    const inPart = style.kind === "share" && style.scope === "unit" && units > 1;
    return inPart && this.#choices.below(2) === 1 ? 1 + this.#choices.below(units - 1) : 0;
  }

  #position(scope: Scope): number {
    return scope === "unit" ? this.#unit : scope === "operation" ? this.#operation : this.#file;
  }

  #shared(scope: Scope, eighths: number): boolean {
    if (scope === "unit") {
      return this.#share(eighths);
    }
    if (scope === "operation") {
      return this.#operationKept;
    }
    const drawn = this.#fileShare.get(this.#file) ?? this.#share(eighths);
    this.#fileShare.set(this.#file, drawn);
    return drawn;
  }

  #share(eighths: number): boolean {
    if (eighths === 4) {
      return this.#choices.below(2) === 0;
    }
    return this.#choices.below(8) < eighths;
  }
}
