import type { Mutant } from "../mutant.ts";

/** Where one copy is damaged, or old. */
const DAMAGED = { copies: 2, weather: "rot" } as const;
const OLD = { copies: 2, weather: "firmware" } as const;

/** Bugs of a store that keeps two copies of each file. */
export const MIRROR_MUTANTS: readonly Mutant[] = [
  {
    name: "stale-copy-wins",
    about: "of two whole copies of a page the older one is taken, and written over the newer one",
    edits: [
      {
        file: "engine/pages/page-copies.ts",
        anchor: "    return first.lsn >= second.lsn;",
        replacement: "    return first.lsn <= second.lsn;",
      },
    ],
    expects: ["P1", "P2", "P3", "P5", "P6", "P7", "P8", "P12", "isolation"],
    where: OLD,
  },
  {
    name: "first-copy-wins",
    about:
      "a page is taken from the first copy as long as that is whole: a mirror without versions",
    edits: [
      {
        file: "engine/pages/page-copies.ts",
        anchor: "    return first.lsn >= second.lsn;",
        replacement: "    return true;",
      },
    ],
    expects: ["P1", "P2", "P3", "P5", "P6", "P7", "P8", "P12", "isolation"],
    where: OLD,
  },
  {
    name: "stale-segment-header-wins",
    about: "of two headers of a log file the one of its earlier use is taken",
    edits: [
      {
        file: "engine/log/segment-copies.ts",
        anchor: "second.header.number > first.header.number",
        replacement: "second.header.number < first.header.number",
      },
    ],
    expects: ["P1", "P3", "P5", "P6", "P7", "P8", "P12"],
    where: OLD,
  },
  {
    name: "stale-control-slot-wins",
    about:
      "of two copies of a slot the older one is taken: recovery begins where there is no log any more",
    edits: [
      {
        file: "engine/recovery/control-file.ts",
        anchor: "second.control.sequence > first.control.sequence",
        replacement: "second.control.sequence < first.control.sequence",
      },
    ],
    expects: ["P1", "P3", "P5", "P6", "P7", "P8", "P12"],
    where: OLD,
  },
  {
    name: "batch-of-an-earlier-lap-counts",
    about:
      "a whole batch in one copy of a log file is taken, although it is from before the file was used again",
    edits: [
      {
        file: "engine/log/segment-copies.ts",
        anchor: "  if (!belongs || length",
        replacement: "  if ((!belongs && offset < 0) || length",
      },
    ],
    expects: ["P1", "P3", "P5", "P6", "P7", "P8", "P12"],
    where: OLD,
  },
  {
    name: "second-copy-not-written",
    about: "a mirror that was only ever made, and nobody looked",
    edits: [
      {
        file: "engine/platform/mirrored-file.ts",
        anchor: "    await this.#onBoth((copy) => writeWhole(copy, source, position));",
        replacement: "    await writeWhole(this.copies[0], source, position);",
      },
    ],
    expects: ["P1", "P5", "P6", "P8", "P12"],
    where: DAMAGED,
  },
  {
    name: "second-copy-not-synced",
    about: "a power cut takes what only the second copy has, and rot the first one",
    edits: [
      {
        file: "engine/platform/mirrored-file.ts",
        anchor: "    await Promise.all(this.copies.map((copy) => copy.datasync()));",
        replacement: "    await this.copies[0].datasync();",
      },
    ],
    expects: ["P1", "P5", "P6", "P8", "P12"],
    where: { ...DAMAGED, profile: "paranoid" },
  },
  {
    name: "one-copy-synced-is-enough",
    about: "a sync that one copy fails counts: mirrors that go on degraded without telling anybody",
    edits: [
      {
        file: "engine/platform/mirrored-file.ts",
        anchor: "    await Promise.all(this.copies.map((copy) => copy.datasync()));",
        replacement: "    await Promise.any(this.copies.map((copy) => copy.datasync()));",
      },
    ],
    expects: ["P1", "P3", "P5", "P6", "P8", "P10", "P12"],
    where: { copies: 2, weather: "errors" },
  },
  {
    name: "page-copy-not-mended",
    about: "the damaged copy stays damaged until the other one is, too",
    edits: [
      {
        file: "engine/pages/page-copies.ts",
        anchor: "    const isMended = await mend(this.#file, copies, bytes, place);",
        replacement: "    const isMended = place.offset >= 0;",
      },
    ],
    expects: ["P12"],
    where: DAMAGED,
  },
  {
    name: "log-copy-not-mended",
    about: "the log is read from the sound copy, and the other one left as it is",
    edits: [
      {
        file: "engine/recovery/open-store.ts",
        anchor: "if (isHidden === true || differing.has(name)) {",
        replacement: "if (options.copies === 1 && (isHidden === true || differing.has(name))) {",
      },
    ],
    expects: ["P12"],
    where: DAMAGED,
  },
  {
    name: "unreadable-header-left-as-it-is",
    about:
      "a log file that nobody needs keeps a header that cannot be read now, and may be read some other time",
    edits: [
      {
        file: "engine/recovery/open-store.ts",
        anchor: "if (isHidden === true || differing.has(name)) {",
        replacement: "if (differing.has(name)) {",
      },
    ],
    expects: ["P8", "P12"],
    where: DAMAGED,
  },
  {
    name: "control-copy-not-mended",
    about: "the older slot is left with one copy",
    edits: [
      {
        file: "engine/recovery/control-file.ts",
        anchor: "        await mendSlot(file, other);\n",
        replacement: "",
      },
    ],
    expects: ["P12"],
    where: DAMAGED,
  },
  {
    name: "scrub-skips-the-log",
    about: "a scrub that looks at the data only",
    edits: [
      {
        file: "engine/recovery/scrub-store.ts",
        anchor: "    if (differing.has(name)) {",
        replacement: '    if (name === "") {',
      },
    ],
    expects: ["P12"],
    where: DAMAGED,
  },
  {
    name: "scrub-skips-pages",
    about: "a scrub that looks at what is in memory",
    edits: [
      {
        file: "engine/recovery/scrub-store.ts",
        anchor: "  for (let page = 0; page < storage.stats.pages; page += 1) {",
        replacement: "  for (let page = 0; page < storage.stats.pages && page < 0; page += 1) {",
      },
    ],
    expects: ["P12"],
    where: DAMAGED,
  },
  {
    name: "unreadable-copy-is-the-end",
    about: "the first sector that cannot be read is given up on, and the other copy not asked",
    edits: [
      {
        file: "engine/platform/read-copies.ts",
        anchor: "    if (!isFileIOError(error)) {",
        replacement: "    if (isFileIOError(error)) {",
      },
    ],
    expects: ["P5", "P8"],
    where: DAMAGED,
  },
];
