import type { Loss, Price } from "../../sim/lab/index.ts";
import { grouped } from "../pretty-reporter.ts";
import type { CrashReport, LabReport, PolicyReport } from "./lab-report.ts";

/** How reports say things; the same on the terminal and on the page. */

export function lossText(loss: Loss): string {
  if (loss.kind === "nothing") {
    return "nothing";
  }
  if (loss.kind === "may-corrupt") {
    return "no promise";
  }
  const bounds = [
    ...(loss.milliseconds === undefined ? [] : [msText(loss.milliseconds)]),
    ...(loss.commits === undefined ? [] : [`${grouped(loss.commits)} commits`]),
    ...(loss.bytes === undefined ? [] : [bytesText(loss.bytes)]),
  ];
  return bounds.length === 0 ? "any suffix" : `at most ${bounds.join(", ")}`;
}

export function msText(ms: number): string {
  if (ms === 0) {
    return "0";
  }
  if (ms < 1) {
    return `${Number((ms * 1000).toPrecision(2))} us`;
  }
  return ms < 1000 ? `${Number(ms.toPrecision(3))} ms` : `${Number((ms / 1000).toPrecision(3))} s`;
}

export function bytesText(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB"];
  let amount = bytes;
  let unit = 0;
  while (amount >= 1024 && unit < units.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return `${Number(amount.toPrecision(3))} ${units[unit]}`;
}

/** Two significant digits, not more than are known. */
export function ratioText(value: number): string {
  return value === 0 ? "0" : value < 0.001 ? "<0.001" : String(Number(value.toPrecision(2)));
}

export function speedText(price: Price): string {
  return grouped(price.commitsPerSecond);
}

/** Parts in a thousand or a million, as a per cent. */
export function rateText(rate: number): string {
  return `${Number((rate * 100).toPrecision(2))} %`;
}

/** What a crash kind came to, in one cell of a table: the worst loss, and a word when it did not hold. */
export function crashCell(crash: CrashReport): string {
  switch (crash.verdict) {
    case "held":
      return lossSeenText(crash);
    case "broken":
      return `BROKEN ${lossSeenText(crash)}`;
    case "vacuous":
      return "NOT TESTED";
    case "not-applicable":
      return "no sync";
    default:
      return crash.verdict satisfies never;
  }
}

/** The worst loss: of a single commit there is no span of acknowledgements to tell. */
export function lossSeenText({ loss }: CrashReport): string {
  const { commits, milliseconds } = loss;
  if (commits.worst === 0) {
    return "0";
  }
  return milliseconds.worst === 0
    ? `${commits.worst} commit${commits.worst === 1 ? "" : "s"}`
    : msText(milliseconds.worst);
}

/** The worst that a system crash or a power cut took, in milliseconds. */
export function worstMs({ crashes }: PolicyReport): number {
  return Math.max(
    0,
    ...crashes
      .filter(({ kind }) => kind === "power" || kind === "os")
      .map(({ loss }) => loss.milliseconds.worst),
  );
}

export function verdictText(report: LabReport): string {
  const judged = report.policies.filter(({ control }) => !control);
  const controls = report.policies.length - judged.length;
  const held = judged.filter(({ verdict }) => verdict === "held").length;
  const broken = judged.filter(({ verdict }) => verdict === "broken");
  const parts = [
    `${held} of ${judged.length} ${judged.length === 1 ? "policy" : "policies"} kept the promise`,
    ...(broken.length === 0 ? [] : [`broken: ${broken.map(({ name }) => name).join(", ")}`]),
    ...(controls === 0 ? [] : [controlsText(report, controls)]),
  ];
  return parts.join("; ");
}

function controlsText({ policies }: LabReport, controls: number): string {
  const caught = policies.filter(({ control, verdict }) => control && verdict === "broken").length;
  return `${caught} of ${controls} negative controls broken, as they should be`;
}
