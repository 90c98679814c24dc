import Table from "cli-table3";
import pico from "picocolors";
import { excludedText } from "./failure-rate.ts";
import type {
  CampaignCounts,
  CampaignFailure,
  CampaignReport,
  CampaignVerdict,
  UntrustedRun,
} from "./campaign-report.ts";
import type { CreateReporter, ReporterOutput } from "./reporter.ts";

type Colors = ReturnType<typeof pico.createColors>;

/** For people: every failure as it is found, then a table, the averages and the verdict. */
export const createPrettyReporter: CreateReporter = (output: ReporterOutput) => {
  const colors = pico.createColors(output.colors);
  let shown = 0;
  const show = (text: () => string): void => {
    shown += 1;
    if (shown <= SHOWN_MAX) {
      output.write(text());
    }
  };
  return {
    onFailure: (failure) => show(() => failureText(failure, colors)),
    onUntrusted: (run) => show(() => untrustedText(run, colors)),
    onEnd: (report) => {
      if (shown > SHOWN_MAX) {
        output.write(`${shown - SHOWN_MAX} more failures are in the report\n`);
      }
      output.write(`\n${tableText(report, colors)}\n\n${summaryText(report, colors)}\n`);
    },
  };
};

/** Failures shown one by one: more only push the first ones off the screen. */
const SHOWN_MAX = 20;

function failureText(failure: CampaignFailure, colors: Colors): string {
  const where = `seed ${failure.seed} (${failure.policy} on ${failure.profile})`;
  return [
    `${colors.red("broken")} ${failure.property} ${where}: ${failure.message}`,
    `  replay: ${failure.replay}\n`,
  ].join("\n");
}

function untrustedText(run: UntrustedRun, colors: Colors): string {
  const where = `seed ${run.seed} (${run.policy} on ${run.profile})`;
  return [
    `${colors.yellow("untrusted")} ${run.kind} ${where}: ${run.message}`,
    `  replay: ${run.replay}\n`,
  ].join("\n");
}

/** One row per policy, profile and a last one for all. */
function tableText(report: CampaignReport, colors: Colors): string {
  const table = new Table({
    head: ["policy", "profile", "seeds", "crashes", "checks", "broken"],
    colAligns: ["left", "left", "right", "right", "right", "right"],
    style: { head: [], border: [], compact: true },
  });
  const row = (policy: string, profile: string, counts: CampaignCounts): string[] => [
    policy,
    profile,
    grouped(counts.seeds),
    grouped(counts.crashes),
    grouped(counts.checks),
    counts.broken === 0 ? "0" : colors.red(grouped(counts.broken)),
  ];
  let previous = "";
  for (const cell of report.cells) {
    table.push(row(cell.policy === previous ? "" : cell.policy, cell.profile, cell));
    previous = cell.policy;
  }
  table.push(row("all", "", report.totals));
  return table.toString();
}

function summaryText(report: CampaignReport, colors: Colors): string {
  const { totals } = report;
  const names = Object.keys(report.probes);
  const missed = names.filter((name) => report.probes[name] === 0);
  const lines = [
    `seeds       ${seedsText(report)}, ${grouped(totals.repeated)} of them run twice`,
    ...uncheckedLines(totals),
    `speed       ${speedText(report)}`,
    `per seed    ${perSeed(totals.operations, totals)} operations, ${perSeed(totals.crashes, totals)} crashes, ` +
      `${perSeed(totals.checks, totals)} checks, ${perSeed(totals.virtualMs, totals)} virtual ms`,
    `probes      ${names.length - missed.length} of ${names.length} reached`,
    ...inLines(missed).map((text, at) => `            ${at === 0 ? "never:" : "      "} ${text}`),
    ...rateLines(report),
    ...ledgerLines(report),
    `trace hash  ${report.traceHash}`,
    `verdict     ${verdictText(report, colors)}`,
  ];
  return lines.join("\n");
}

function uncheckedLines({ unchecked }: CampaignCounts): string[] {
  const why = "the store was refused before there was anything to compare";
  return unchecked === 0 ? [] : [`unchecked   ${grouped(unchecked)}: ${why}`];
}

/** What so many clean seeds are worth; nothing when some were not clean. */
function rateLines({ totals, untrusted }: CampaignReport): string[] {
  if (totals.broken > 0 || untrusted.length > 0 || totals.seeds === 0) {
    return [];
  }
  const rate = excludedText(totals.seeds, grouped);
  return [`rate        failures in more than ${rate} seeds are excluded, at 95 %`];
}

/** One line for each fault: a fault that is armed and never judged proves nothing. */
function ledgerLines({ ledger }: CampaignReport): readonly string[] {
  const rows = Object.entries(ledger);
  const head = ["", "armed", "fired", "reached", "judged"];
  const cells = rows.map(([name, { armed, fired, reached, judged }]) => [
    name,
    ...[armed, fired, reached, judged].map(grouped),
  ]);
  return rows.length === 0
    ? []
    : [head, ...cells].map(([name = "", ...counts], index) =>
        [
          index === 0 ? "faults      " : "            ",
          name.padEnd(18),
          ...counts.map((text) => text.padStart(9)),
        ].join(""),
      );
}

/** Names separated by commas, on as many lines as they take. */
function inLines(names: readonly string[]): string[] {
  const lines: string[] = [];
  let line = "";
  for (const [index, name] of names.entries()) {
    const word = index === names.length - 1 ? name : `${name},`;
    if (line !== "" && line.length + 1 + word.length > NAMES_WIDTH) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return line === "" ? lines : [...lines, line];
}

/** With what stands before them, names stay within the 100 columns of a wide terminal. */
const NAMES_WIDTH = 80;

function seedsText(report: CampaignReport): string {
  const { first, planned, shard } = report.seeds;
  const of = planned === undefined ? "" : ` of ${grouped(planned)}`;
  const part = shard === undefined ? "" : ` (shard ${shard})`;
  return `${grouped(report.totals.seeds)}${of} from ${first}${part}`;
}

function speedText(report: CampaignReport): string {
  const seconds = Math.max(report.elapsedMs, 1) / 1000;
  const perSecond = report.totals.seeds / seconds;
  const cores = report.workers === 1 ? "1 worker" : `${report.workers} workers`;
  return `${decimal(perSecond / report.workers)} seeds/s per core, ${decimal(seconds)} s on ${cores}`;
}

/** What the campaign came to, in one line without colors. */
export function plainVerdict(report: CampaignReport): string {
  return verdictText(report, pico.createColors(false));
}

function verdictText(report: CampaignReport, colors: Colors): string {
  const unfinished = report.complete
    ? ""
    : colors.yellow(" (interrupted: this is a partial report)");
  const texts: Record<CampaignVerdict, () => string> = {
    held: () => colors.green(`every property held${report.complete ? "" : " so far"}`),
    broken: () => colors.red(brokenText(report)),
    untrusted: () => colors.yellow(untrustedReason(report)),
  };
  return `${texts[report.verdict]()}${unfinished}`;
}

function untrustedReason(report: CampaignReport): string {
  if (report.totals.checks === 0 && report.untrusted.length === 0) {
    return "untrusted: nothing was checked";
  }
  const [missed] = report.missedProbes ?? [];
  if (missed !== undefined && report.untrusted.length === 0) {
    const more = (report.missedProbes?.length ?? 0) - 1;
    const others = more === 0 ? "" : `, nor ${grouped(more)} more`;
    return `not trustworthy: probe ${missed} was never reached${others}; ${brokenText(report)}`;
  }
  const kinds = new Map<string, number>();
  for (const { kind } of report.untrusted) {
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  const parts = [...kinds].map(([kind, count]) => `${grouped(count)} ${kind}`);
  return `untrusted: ${parts.join(", ")}; ${brokenText(report)}`;
}

function brokenText({ totals }: CampaignReport): string {
  return `${grouped(totals.broken)} ${totals.broken === 1 ? "seed" : "seeds"} broke a property`;
}

function perSeed(amount: number, totals: CampaignCounts): string {
  return decimal(amount / Math.max(totals.seeds, 1));
}

/** 12345 as "12,345"; written out because locales differ between machines and logs are compared. */
export function grouped(value: number): string {
  return String(Math.round(value)).replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
}

function decimal(value: number): string {
  return value >= 100 ? grouped(value) : value.toFixed(1);
}
