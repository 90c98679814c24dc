import type { GenerateOptions, PropertyName } from "../../sim/index.ts";

/** One change of the engine's source. */
export interface SourceEdit {
  /** Path from the repository's root. */
  readonly file: string;
  /** Must occur exactly once, so that an edit never silently misses or hits something else. */
  readonly anchor: string;
  readonly replacement: string;
}

/** A bug planted in a copy of the engine, to show that the storm finds it. */
export interface Mutant {
  readonly name: string;
  /** Which accident this is, and where it has happened for real. */
  readonly about: string;
  /** All in one file. */
  readonly edits: readonly SourceEdit[];
  /** Which properties may be the first to break. None for a control: it must break none. */
  readonly expects: readonly PropertyName[];
  /** Only such seeds are run: among all it would take tens of thousands to come by what it needs. */
  readonly where?: GenerateOptions;
}

/** A change that must not be called a bug: what is promised is still kept. */
export function isControl({ expects }: Pick<Mutant, "expects">): boolean {
  return expects.length === 0;
}

/** @throws RangeError when the anchor is not there exactly once. */
export function applyEdit(source: string, edit: SourceEdit): string {
  const parts = source.split(edit.anchor);
  if (parts.length !== 2) {
    throw new RangeError(
      `${edit.file}: the anchor occurs ${parts.length - 1} times, not once: ${edit.anchor}`,
    );
  }
  return parts.join(edit.replacement);
}
