import type { ControlFound } from "../../engine/recovery/control-format.ts";
import type { RecoveryReport } from "../../engine/recovery/recovery-report.ts";
import type { AreaContent } from "./double-write-scan.ts";
import { counted, grouped, hex, line } from "./table-text.ts";
import type { Finding, Verification } from "./verification.ts";

/** What was checked, what an open would do, then one line for each finding, and the verdict. */
export function verificationText(found: Verification): string {
  const { control, recovery, notes, problems } = found;
  const lines = [
    line("store", found.directory, shapeText(found)),
    ...control.found.map((slot, index) => line(`control ${index}`, slotText(slot))),
    line("log", ...logText(recovery)),
    ...found.areas.map((area, index) => line(`area ${index}`, areaText(area))),
    line("pages", ...pagesText(found)),
    line("recovery", ...recoveryText(recovery)),
    ...notes.map((note) => line("note", findingText(note))),
    ...problems.map((problem) => line("problem", findingText(problem))),
    line("verdict", problems.length === 0 ? "sound" : counted(problems.length, "problem")),
  ];
  return `${lines.join("\n")}\n`;
}

function shapeText({ control: { newest } }: Verification): string {
  return newest === undefined
    ? ""
    : `id ${hex(newest.storeId)}, pages of ${grouped(newest.pageBytes)} bytes`;
}

export function slotText(slot: ControlFound): string {
  switch (slot.kind) {
    case "control": {
      const { sequence, startLsn, redoLsn, lastCommit, highestId } = slot.control;
      return (
        `sequence ${grouped(sequence)}: log from LSN ${grouped(startLsn)}, redo from ${grouped(redoLsn)}, ` +
        `last commit ${grouped(lastCommit)}, highest transaction ${grouped(highestId)}`
      );
    }
    case "other-format":
      return `format ${slot.formatVersion}`;
    case "zeros":
      return "empty";
    case "damaged":
    case "unreadable":
      return slot.kind;
  }
}

export function areaText({ kind, batchNumber = 0, logLsn = 0, pages = [] }: AreaContent): string {
  return kind === "complete"
    ? `batch ${grouped(batchNumber)}: ${counted(pages.length, "page")}, none above LSN ${grouped(logLsn)}`
    : kind;
}

function logText(recovery: RecoveryReport | undefined): string[] {
  if (recovery === undefined) {
    return ["not read to its end"];
  }
  const { startLsn, endLsn, tail } = recovery;
  return [
    `LSN ${grouped(startLsn)} to ${grouped(endLsn)}`,
    counted(recovery.segmentsRead, "segment"),
    counted(recovery.batchesRead, "batch", "batches"),
    counted(recovery.recordsRead, "record"),
    `ends in ${tail.file} at offset ${grouped(tail.offset)} (${tail.because})`,
  ];
}

function pagesText({ pages }: Verification): string[] {
  const { used, ...kinds } = pages;
  const counts = Object.entries(kinds).filter(([, count]) => count > 0);
  return [
    used === undefined ? "" : `${grouped(used)} used`,
    `on the disk: ${counts.map(([kind, count]) => `${grouped(count)} ${kind}`).join(", ")}`,
  ];
}

function recoveryText(recovery: RecoveryReport | undefined): string[] {
  if (recovery === undefined) {
    return ["an open would refuse this store"];
  }
  if (recovery.created) {
    return ["the store was never finished: an open would make it anew"];
  }
  if (recovery.cleanShutdown) {
    return ["nothing to do: the store was closed in good order"];
  }
  const { transactionsRedone, transactionsUndone, tail } = recovery;
  const changes = counted(recovery.recordsRedone, "change");
  return [
    `an open would repeat ${changes} of ${counted(transactionsRedone, "transaction")}`,
    transactionsUndone === 0
      ? ""
      : `undo ${counted(transactionsUndone, "transaction")} (${counted(recovery.changesUndone, "change")})`,
    recovery.pagesRestored === 0 ? "" : `restore ${counted(recovery.pagesRestored, "page")}`,
    recovery.pagesRebuilt === 0 ? "" : `rebuild ${counted(recovery.pagesRebuilt, "page")}`,
    tail.kind === "torn"
      ? `trim the log's tail (${counted(tail.batchesTrimmed, "batch", "batches")} behind the tear)`
      : "",
  ];
}

export function findingText({ file, page, offset, what }: Finding): string {
  const place =
    page === undefined
      ? offset === undefined
        ? ""
        : ` offset ${grouped(offset)}`
      : ` page ${grouped(page)}`;
  return `${file}${place}: ${what}`;
}
