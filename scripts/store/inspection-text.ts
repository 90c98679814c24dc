import type { FreeList, Inspection } from "./inspection.ts";
import type { BatchView, SegmentView } from "./log-view.ts";
import { entryText, pageText, type PageView } from "./page-view.ts";
import { recordText } from "./record-view.ts";
import { counted, grouped, hex, line } from "./table-text.ts";
import { areaText, slotText } from "./verification-text.ts";

export function inspectionText(found: Inspection): string {
  const lines = [
    line("store", found.directory, shapeText(found)),
    ...(found.isOpen
      ? [line("note", "the store is open: this may be in the middle of a change")]
      : []),
    ...found.control.map((slot, index) => line(`control ${index}`, slotText(slot))),
    ...found.segments.map((segment) => line("segment", segmentText(segment))),
    ...logLines(found),
    ...found.areas.map((area, index) => line(`area ${index}`, areaText(area))),
    line("free list", freeText(found.freeList)),
    line("page file", `room for ${counted(found.places, "page")}`),
    ...found.pages.flatMap((page) => pageLines(page)),
    ...morePages(found),
  ];
  return `${lines.join("\n")}\n`;
}

function shapeText({ shape }: Inspection): string {
  return shape === undefined
    ? "page size unknown: no control slot and no meta page can be read"
    : `id ${hex(shape.storeId)}, pages of ${grouped(shape.pageBytes)} bytes`;
}

function segmentText({ name, bytes, found, role }: SegmentView): string {
  const size = `${name} of ${grouped(bytes)} bytes`;
  switch (found.kind) {
    case "header": {
      const { number, epoch, baseLsn, tailEndLsn, resumeLsn, durableLsn, sectorBytes } =
        found.header;
      const tail = tailEndLsn > baseLsn ? `, copied tail to LSN ${grouped(tailEndLsn)}` : "";
      const jump = resumeLsn > tailEndLsn ? `, goes on at LSN ${grouped(resumeLsn)}` : "";
      return (
        `${size}: number ${grouped(number)}, epoch ${grouped(epoch)}, from LSN ${grouped(baseLsn)}${tail}${jump}, ` +
        `durable to LSN ${grouped(durableLsn)}, sectors of ${grouped(sectorBytes)} bytes; ${role}`
      );
    }
    case "other-format":
      return `${size}: format ${found.formatVersion}`;
    case "zeros":
      return `${size}: never begun`;
    case "damaged":
      return `${size}: no segment header`;
  }
}

function logLines({ log }: Inspection): string[] {
  const lines = log.batches.flatMap((batch) => [
    line("batch", batchText(batch)),
    ...recordLines(batch),
  ]);
  const { moreFrom } = log;
  return moreFrom === undefined
    ? lines
    : [...lines, line("", `more from LSN ${grouped(moreFrom)} on: --from ${moreFrom}`)];
}

function batchText(batch: BatchView): string {
  const place = `LSN ${grouped(batch.lsn)} in ${batch.file} at ${grouped(batch.offset)}`;
  if (batch.kind === "damaged") {
    return `${place}: ${batch.what}`;
  }
  const { recordCount, payloadBytes, bytes, epoch, durableLsn } = batch;
  return (
    `${place}: ${counted(recordCount, "record")}, ${grouped(payloadBytes)} of ${grouped(bytes)} bytes, ` +
    `epoch ${grouped(epoch)}, durable to LSN ${grouped(durableLsn)}`
  );
}

function recordLines(batch: BatchView): string[] {
  if (batch.kind === "damaged" || !("records" in batch)) {
    return [];
  }
  const { records } = batch;
  return records === undefined
    ? [line("", "DAMAGED: the payload holds no records")]
    : records.map((record) => line("  record", recordText(record)));
}

function freeText(list: FreeList | undefined): string {
  if (list === undefined) {
    return "unknown: page 0 is no meta page";
  }
  const { count, pages, found, brokenBy } = list;
  const shown =
    pages.length === 0 ? "" : `: ${pages.join(", ")}${found > pages.length ? ", ..." : ""}`;
  const broken = brokenBy === undefined ? "" : `; DAMAGED after ${grouped(found)}: ${brokenBy}`;
  const differs = broken === "" && found !== count ? `; DAMAGED: it has ${grouped(found)}` : "";
  return `${counted(count, "page")}${shown}${broken}${differs}`;
}

function pageLines(page: PageView): string[] {
  const entries = page.entries ?? [];
  return [
    line("page", pageText(page)),
    ...entries.map((entry) => line("  entry", entryText(entry))),
  ];
}

function morePages({ pages, places }: Inspection): string[] {
  const listed = pages.filter(({ entries }) => entries === undefined).length;
  return listed === 0 || listed >= places
    ? []
    : [line("", `${counted(places - listed, "more page")}: --limit`)];
}
