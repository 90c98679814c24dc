import Table from "cli-table3";
import pico from "picocolors";
import { sizeText } from "../../sim/index.ts";
import { medianOf, verdictOf, type HuntResult, type HuntVerdict } from "./hunt.ts";

type Colors = ReturnType<typeof pico.createColors>;

const SAYS: Readonly<Record<HuntVerdict, string>> = {
  caught: "caught",
  held: "held, as it must",
  escaped: "ESCAPED",
  surprise: "caught, by another property than expected",
  "called-a-bug": "CALLED A BUG",
};

/** Whether the storm did to this mutant what it must. */
export function isAsItShouldBe(verdict: HuntVerdict): boolean {
  return verdict !== "escaped" && verdict !== "called-a-bug";
}

/** One line as soon as a mutant is done. */
export function progressLine(result: HuntResult, done: number, of: number): string {
  const seeds = medianOf(result.seedsToCatch);
  const how = seeds === undefined ? "" : ` after ${seeds} seeds (${result.properties[0]})`;
  const says = SAYS[verdictOf(result)];
  return `${done}/${of} ${result.mutant.name}: ${says}${how}, ${result.seconds.toFixed(1)} s\n`;
}

/** The table and what follows from it. */
export function mutantsReport(results: readonly HuntResult[], colored: boolean): string {
  const colors = pico.createColors(colored);
  const table = new Table({
    head: ["mutant", "site", "broke", "seeds", "smallest record", "verdict"],
    colAligns: ["left", "left", "left", "right", "left", "left"],
    style: { head: [], border: [], compact: true },
  });
  results.forEach((result) => table.push(rowOf(result, colors)));
  return `${table.toString()}\n\n${summary(results)}\n`;
}

function rowOf(result: HuntResult, colors: Colors): string[] {
  const { mutant, seedsToCatch, properties, smallest } = result;
  const verdict = verdictOf(result);
  const says = SAYS[verdict];
  const seeds = medianOf(seedsToCatch);
  return [
    mutant.name,
    mutant.edits[0]?.file.replace("engine/", "") ?? "",
    [...new Set(properties)].join(", "),
    seeds === undefined ? "-" : String(seeds),
    smallest === undefined ? "" : sizeText(smallest.operations, smallest.crashes),
    isAsItShouldBe(verdict) ? says : colors.red(says),
  ];
}

function summary(results: readonly HuntResult[]): string {
  const by = (verdict: HuntVerdict): number =>
    results.filter((result) => verdictOf(result) === verdict).length;
  const caught = results.filter(({ smallest }) => smallest !== undefined);
  const hunted = results.filter(
    ({ properties, seedsToCatch }) => properties.length > 0 && seedsToCatch.length > 0,
  );
  const seeds = medianOf(hunted.map(({ seedsToCatch }) => medianOf(seedsToCatch)));
  const operations = medianOf(caught.map(({ smallest }) => smallest?.operations));
  const crashes = medianOf(caught.map(({ smallest }) => smallest?.crashes));
  const quick = caught.filter(({ smallest }) => (smallest?.shrinkSeconds ?? 0) < 5).length;
  const lines = [
    `mutants     ${by("caught") + by("surprise")} caught, ${by("escaped")} escaped`,
    `controls    ${by("held")} held, ${by("called-a-bug")} called a bug`,
  ];
  if (seeds !== undefined) {
    const most = Math.max(...hunted.map(({ seedsToCatch }) => medianOf(seedsToCatch) ?? 0));
    const seconds = medianOf(hunted.map(({ catchSeconds }) => medianOf(catchSeconds)));
    lines.push(
      `seeds       ${seeds} to the first catch (median of medians), ${most} at most; in ${seconds?.toFixed(1)} s (median)`,
    );
  }
  if (caught.length > 0) {
    lines.push(
      `records     ${operations} operations and ${crashes} crashes (medians); ${quick} of ${caught.length} shrunk in less than 5 s`,
    );
  }
  return lines.join("\n");
}
