import Table from "cli-table3";
import { sizeText } from "../../sim/index.ts";
import type { HuntResult } from "../mutants/hunt.ts";
import type { BarrierSite } from "./barrier-sites.ts";

export interface SiteResult {
  readonly site: BarrierSite;
  readonly hunt: HuntResult;
  /** The test that is known to need it, where no property broke; run without it. */
  readonly test?: { readonly file: string; readonly fails: boolean };
}

/** Without it a property breaks in the storm, or a test fails. */
export function isNeeded({ hunt, test }: SiteResult): boolean {
  return hunt.properties.length > 0 || test?.fails === true;
}

/** The table, and which barriers nobody misses. */
export function fsyncsReport(results: readonly SiteResult[], seedsMax: number): string {
  const table = new Table({
    head: ["site", "function", "call", "change", "broke", "seeds", "smallest record"],
    colAligns: ["left", "left", "left", "left", "left", "right", "left"],
    style: { head: [], border: [], compact: true },
  });
  for (const result of results) {
    const { site, hunt, test } = result;
    const [seeds] = hunt.seedsToCatch;
    const { smallest } = hunt;
    table.push([
      nameOf(site),
      site.within,
      site.call,
      site.change,
      hunt.properties[0] ?? (isNeeded(result) ? "a test" : "nothing"),
      seeds === undefined ? "-" : String(seeds),
      smallest === undefined ? (test?.file ?? "") : sizeText(smallest.operations, smallest.crashes),
    ]);
  }
  return `${table.toString()}\n\n${conclusion(results, seedsMax)}\n`;
}

function conclusion(results: readonly SiteResult[], seedsMax: number): string {
  const open = results.filter((result) => !isNeeded(result));
  const needed = `${results.length - open.length} of ${results.length} changes break something`;
  if (open.length === 0) {
    return `${needed}: no barrier is redundant, and none is untested`;
  }
  return [
    `${needed}; open, redundant or not tested by ${seedsMax} seeds:`,
    ...open.map(({ site }) => `  ${nameOf(site)} ${site.call} ${site.change}`),
  ].join("\n");
}

export function nameOf({ file, line }: BarrierSite): string {
  return `${file.replace("engine/", "")}:${line}`;
}
