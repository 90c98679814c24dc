import { type Choices, pick } from "../core/choices.ts";
import type { SubjectWrite } from "./subject.ts";

/** Keys that a seed uses: few, so that values are written over and removed. */
const KEYS = 24;
/** Within a word, across a sector, across a page of 4 KiB, over several; the short ones most often. */
const VALUE_BYTES = [1, 8, 20, 20, 60, 60, 200, 500, 700, 2000, 4100, 9000] as const;
const WRITES = [1, 1, 2, 3, 5, 12] as const;

/** The changes of one commit, each of its own key. `number` makes every value one of a kind. */
export function drawWrites(choices: Choices, number: number): SubjectWrite[] {
  const writes = new Map<string, SubjectWrite>();
  for (let left = pick(choices, WRITES); left > 0; left -= 1) {
    const key = `key${String(choices.below(KEYS)).padStart(2, "0")}`;
    const isRemoval = choices.below(8) === 7;
    const value = isRemoval ? undefined : drawValue(choices, number, key);
    writes.set(key, { key, value });
  }
  return [...writes.values()];
}

/** As long as drawn, and never the same twice: a piece of one is no piece of another. */
function drawValue(choices: Choices, number: number, key: string): string {
  const bytes = pick(choices, VALUE_BYTES);
  const word = `${key}.${number};`;
  return word.repeat(Math.ceil(bytes / word.length)).slice(0, Math.max(bytes, word.length));
}
