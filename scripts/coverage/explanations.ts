/**
 * Why the storm does not come to some code, other than for want of seeds. Each is known by what the code says, so
 * that it holds wherever that moves; what none of these fits is open.
 */
export type Reason =
  | "engine-bug"
  | "impossible-bytes"
  | "other-format"
  | "caller"
  | "types"
  | "large"
  | "platform"
  | "two-faults"
  | "few-seeds";

export const REASONS: Readonly<Record<Reason, string>> = {
  "engine-bug": "guards against a bug of the engine itself",
  "impossible-bytes": "bytes with the right checksum that say what the engine never writes",
  "other-format": "files of another version of the format",
  caller: "a mistake of the caller, which no scenario makes",
  types: "an alternative for the type checker only",
  large: "more bytes than a scenario holds",
  platform: "an error that is not the disk's, or a call that no virtual disk refuses",
  "two-faults": "two faults that meet in one place",
  "few-seeds": "a fault in one place of many: some campaigns come by it",
};

export interface Explanation {
  readonly reason: Reason;
  /** Only there. @defaultValue everywhere */
  readonly file?: string;
  /** In the code that did not run, or in the line that it hangs on. */
  readonly code: RegExp;
}

export const EXPLANATIONS: readonly Explanation[] = [
  { reason: "engine-bug", code: /InvariantError|unreachable\(|TypeError/ },
  { reason: "engine-bug", file: "log/log-reader.ts", code: /the log has no segment/ },
  { reason: "engine-bug", file: "pages/page-edits.ts", code: /branch\.keys\[index\] === key/ },
  { reason: "caller", code: /INVALID_ARGUMENT/ },
  { reason: "caller", file: "log/log-writer.ts", code: /the sync policy/ },
  { reason: "caller", file: "log/segment-files.ts", code: /do not belong to one log/ },
  { reason: "caller", file: "recovery/open-store.ts", code: /to another store than the log/ },
  { reason: "other-format", code: /other-format|"newer"|newer format|formatVersion/ },
  { reason: "platform", code: /if \(!is(?:FileIO|Seawall)Error\(error/ },
  { reason: "platform", code: /throw outcome\.reason|spill\.drop-failed|recycling a log segment/ },
  { reason: "impossible-bytes", code: /damagedTree\(|\.damaged\(|this\.#report\(/ },
  {
    reason: "impossible-bytes",
    code: /reader\.failed|too short|(?:ends|bytes) outside|is not above/,
  },
  { reason: "impossible-bytes", code: /cannot be decoded|contradicts itself|cannot have changed/ },
  {
    reason: "impossible-bytes",
    code: /without room for what record|page, and record|out of range/,
  },
  { reason: "impossible-bytes", code: /length beyond the segment|isSectorSize\(|page kind/ },
  { reason: "impossible-bytes", file: "log/page-change-codec.ts", code: /byte !== EDITS/ },
  { reason: "impossible-bytes", file: "log/record-codec.ts", code: /flag > COMPENSATION/ },
  { reason: "impossible-bytes", file: "pages/node-codec.ts", code: /malformed/ },
  { reason: "impossible-bytes", file: "pages/page-cache.ts", code: /decoded/ },
  {
    reason: "impossible-bytes",
    file: "pages/verify.ts",
    code: /meta === undefined|node === undefined/,
  },
  {
    reason: "impossible-bytes",
    file: "pages/structure-change.ts",
    code: /this\.#cache\.pageFile\.refusal/,
  },
  { reason: "impossible-bytes", file: "recovery/transaction-table.ts", code: /notOpen|expected/ },
  { reason: "large", code: /WRITE_BYTES|UNWRITTEN_BYTES_MAX|#isTooWide|changed between two reads/ },
  {
    reason: "two-faults",
    code: /notRepaired|not-repaired|unreadable|both slots|first === undefined \|\|/,
  },
  { reason: "two-faults", file: "log/segment-copies.ts", code: /missing, or was cut short/ },
  { reason: "two-faults", file: "log/segment-files.ts", code: /ends before its end/ },
  { reason: "two-faults", file: "recovery/open-store.ts", code: /isSeawallError\(mended\)/ },
  {
    reason: "two-faults",
    file: "recovery/scrub-store.ts",
    code: /mended|"problem" in|damaged|that it holds/,
  },
  { reason: "two-faults", file: "recovery/close-store.ts", code: /throw log\.failure/ },
  { reason: "two-faults", file: "pages/scrub-pages.ts", code: /wasDirty/ },
  { reason: "two-faults", file: "platform/mirrored-file.ts", code: /failures\.set/ },
  {
    reason: "few-seeds",
    file: "pages/redo.ts",
    code: /this\.#damaged|found\.kind === "malformed"/,
  },
  {
    reason: "few-seeds",
    file: "pages/redo-rehearsal.ts",
    code: /this\.#damaged|found|#storedPageCount/,
  },
  { reason: "few-seeds", file: "log/log-reader.ts", code: /does not follow the batch before it/ },
  { reason: "few-seeds", file: "log/segment-writer.ts", code: /this\.#stopped/ },
  { reason: "few-seeds", file: "log/log-writer.ts", code: /throw this\.#failure/ },
  { reason: "few-seeds", file: "log/segment-files.ts", code: /bare\(file/ },
  { reason: "few-seeds", file: "pages/redo.ts", code: /isOverLimit/ },
  { reason: "few-seeds", file: "pages/page-format.ts", code: /misdirected/ },
  { reason: "few-seeds", file: "pages/compaction.ts", code: /relinked\.has|this\.#owners/ },
  { reason: "few-seeds", file: "pages/page-cache.ts", code: /resident !== undefined/ },
  {
    reason: "platform",
    file: "platform/mirrored-files.ts",
    code: /#refuse\(|makeDirectory|lock\(|ENOENT/,
  },
  { reason: "platform", file: "platform/io-errors.ts", code: /ELOCKED/ },
  { reason: "platform", file: "platform/whole-io.ts", code: /written <= 0/ },
  { reason: "platform", file: "recovery/store-directory.ts", code: /slash/ },
  { reason: "platform", file: "pages/verify.ts", code: /sourceOfFile|throw error/ },
  { reason: "types", code: /copies === undefined/ },
  { reason: "types", code: /^\s*(?:\?\?|\?\.|default:|case "(?:meta|free)":)/ },
  {
    reason: "types",
    code: /^\s*[?:] (?:undefined|0|1|Infinity|\[\]|[A-Z_]+|branch|page\.edits|value)\s*$/,
  },
];

/** What is known of code that never ran; undefined when nothing is. */
export function explain(file: string, code: string): Reason | undefined {
  return EXPLANATIONS.find(
    (one) => (one.file === undefined || file.endsWith(one.file)) && one.code.test(code),
  )?.reason;
}
