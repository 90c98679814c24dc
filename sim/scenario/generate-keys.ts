import type { Draw } from "./draw.ts";

/** Keys that have tripped up stores: neighbours of the empty key, zero bytes, characters beyond ASCII. */
const ODD_TEXTS: readonly string[] = [
  "\0",
  "\0\0",
  "\u0001",
  "a",
  "a\0",
  "a\0b",
  "aa",
  "A",
  "é",
  "€",
  "\uD7FF",
  "\uFFFD",
  "😀",
  "😀a",
  " ",
  "key with spaces",
  "x".repeat(300),
];

/** One character per byte. */
const ODD_BYTES: readonly string[] = [
  "\0",
  "\0\0",
  "\u0001",
  "\u007F",
  "\u0080",
  "\u00FE",
  "\u00FF",
  "\u00FF\0",
  "\u00FF\u00FF",
  "a",
  "a\0",
  "\u00C3\u00A9",
  "\u00C3",
  "b".repeat(300),
];

/** Small key spaces make collisions; a large one, now and then, makes a deep tree. */
export function generateKeys(draw: Draw, form: "text" | "bytes"): readonly string[] {
  const names = new Set<string>();
  const odd = form === "text" ? ODD_TEXTS : ODD_BYTES;
  const oddCount = draw.odds(1, 2) ? draw.below(8) : 0;
  for (let count = 0; count < oddCount; count += 1) {
    names.add(draw.pick(odd));
  }
  const plainCount = draw.odds(1, 16) ? draw.between(40, 160) : draw.between(2, 20);
  const prefix = draw.odds(1, 4) ? "a/long/common/prefix/" : "k";
  for (let index = 0; index < plainCount; index += 1) {
    names.add(`${prefix}${index.toString(36)}`);
  }
  return [...names];
}
