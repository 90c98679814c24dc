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

/** How many plain keys there are, and what they begin with. */
interface KeyShape {
  readonly least: number;
  readonly most: number;
  readonly prefix: string;
}

/** Small key spaces make collisions, large ones many leaves, and long keys a deep tree of few of them. */
export function generateKeys(draw: Draw, form: "text" | "bytes"): readonly string[] {
  const names = new Set<string>();
  const odd = form === "text" ? ODD_TEXTS : ODD_BYTES;
  const oddCount = draw.odds(1, 2) ? draw.below(8) : 0;
  for (let count = 0; count < oddCount; count += 1) {
    names.add(draw.pick(odd));
  }
  const { least, most, prefix } = drawShape(draw);
  const plainCount = draw.between(least, most);
  for (let index = 0; index < plainCount; index += 1) {
    names.add(`${prefix}${index.toString(36).padStart(2, "0")}`);
  }
  return [...names];
}

function drawShape(draw: Draw): KeyShape {
  const prefix = draw.odds(1, 4) ? "a/long/common/prefix/" : "k";
  switch (draw.weighted([16, 6, 5, 2])) {
    case 0:
      return { least: 2, most: 20, prefix };
    case 1:
      return { least: 40, most: 200, prefix };
    case 2:
      return { least: 24, most: 72, prefix: "p".repeat(draw.pick([100, 200, 300])) };
    // So few to a page that some tens of them make three levels.
    default:
      return { least: 12, most: 36, prefix: "p".repeat(draw.pick([600, 1000, 1022])) };
  }
}
