import Table from "cli-table3";
import pico from "picocolors";
import type { LabCrashKind } from "../../sim/lab/index.ts";
import { grouped } from "../pretty-reporter.ts";
import type { ReporterOutput } from "../reporter.ts";
import { comparisonRows } from "./comparison.ts";
import type {
  BudgetReport,
  Counterexample,
  CrashReport,
  LabReport,
  PolicyReport,
  TuningReport,
} from "./lab-report.ts";
import {
  crashCell,
  lossText,
  msText,
  rateText,
  ratioText,
  speedText,
  verdictText,
} from "./lab-text.ts";

type Colors = ReturnType<typeof pico.createColors>;

const STYLE = { head: [], border: [], compact: true };

const KINDS: readonly (readonly [LabCrashKind, string])[] = [
  ["process", "process dies"],
  ["os", "system dies"],
  ["power", "power goes"],
  ["sync-error", "sync fails"],
];

/** For people: the table, what broke and how, and what it all comes to. */
export function prettyLab(report: LabReport, output: Pick<ReporterOutput, "colors">): string {
  const colors = pico.createColors(output.colors);
  const sections = [
    ...(report.compared === true
      ? [comparisonTable(report)]
      : [verdictTable(report, colors), priceTable(report)]),
    ...brokenTexts(report, colors),
    ...(report.tuning === undefined ? [] : [tuningText(report.tuning)]),
    ...(report.budget === undefined ? [] : [budgetText(report.budget, colors)]),
    summaryText(report, colors),
  ];
  return `\n${sections.filter((text) => text !== "").join("\n\n")}\n`;
}

function verdictTable({ policies }: LabReport, colors: Colors): string {
  if (policies.length === 0) {
    return "";
  }
  const table = new Table({
    head: ["worst loss seen when", "may lose", ...KINDS.map(([, title]) => title), "left is"],
    style: STYLE,
  });
  for (const policy of policies) {
    const promise = policy.promise.power;
    table.push([
      policy.control ? `${policy.name} *` : policy.name,
      lossText(promise).replace("at most ", ""),
      ...KINDS.map(([kind]) => cellText(policy, kind, colors)),
      classText(policy, colors),
    ]);
  }
  const note = policies.some(({ control }) => control)
    ? "\n* negative control: claims what it does not keep, and has to be broken"
    : "";
  return `${table.toString()}${note}`;
}

function comparisonTable(report: LabReport): string {
  const table = new Table({ head: ["", ...report.policies.map(({ name }) => name)], style: STYLE });
  for (const { title, cells } of comparisonRows(report)) {
    table.push([title, ...cells]);
  }
  return table.toString();
}

function cellText(policy: PolicyReport, kind: LabCrashKind, colors: Colors): string {
  const crash = policy.crashes.find((one) => one.kind === kind);
  if (crash === undefined) {
    return "";
  }
  const text = crashCell(crash);
  switch (crash.verdict) {
    case "broken":
      return policy.control ? colors.yellow(text) : colors.red(text);
    case "vacuous":
      return colors.yellow(text);
    case "held":
    case "not-applicable":
      return text;
    default:
      return crash.verdict satisfies never;
  }
}

/** The worst class of all crashes. */
function classText({ crashes }: PolicyReport, colors: Colors): string {
  if (crashes.some(({ consistency }) => consistency.corrupt > 0)) {
    return colors.red("corrupt");
  }
  return crashes.some(({ consistency }) => consistency.hole > 0)
    ? colors.red("a hole")
    : "a prefix";
}

function priceTable({ policies, settings }: LabReport): string {
  const isMeasured = policies.some(({ real }) => real !== undefined);
  const table = new Table({
    head: [
      `price on ${settings.device}`,
      "commits/s",
      "p50",
      "p99",
      "syncs/commit",
      "bytes/byte",
      ...(isMeasured ? ["real commits/s", "p50", "p99"] : []),
    ],
    colAligns: ["left", "right", "right", "right", "right", "right", "right", "right", "right"],
    style: STYLE,
  });
  for (const { name, prices, real } of policies) {
    const price = prices.find(({ device }) => device === settings.device);
    if (price !== undefined) {
      table.push([
        name,
        speedText(price),
        msText(price.p50Ms),
        msText(price.p99Ms),
        ratioText(price.syncsPerCommit),
        ratioText(price.bytesPerByte),
        ...(real === undefined ? [] : [speedText(real), msText(real.p50Ms), msText(real.p99Ms)]),
      ]);
    }
  }
  return table.length === 0 ? "" : table.toString();
}

/** One counterexample for each broken policy: the one with the fewest operations. */
function brokenTexts({ policies }: LabReport, colors: Colors): string[] {
  return policies.flatMap((policy) => {
    const broken = policy.crashes
      .filter(({ counterexample }) => counterexample !== undefined)
      .toSorted((one, other) => operationsOf(one) - operationsOf(other));
    const [crash] = broken;
    const found = crash?.counterexample;
    return crash === undefined || found === undefined
      ? []
      : [counterexampleText({ policy, crash, found, colors })];
  });
}

function operationsOf({ counterexample }: CrashReport): number {
  return counterexample?.operations ?? Number.POSITIVE_INFINITY;
}

function counterexampleText(of: {
  readonly policy: PolicyReport;
  readonly crash: CrashReport;
  readonly found: Counterexample;
  readonly colors: Colors;
}): string {
  const { policy, crash, found, colors } = of;
  const paint = policy.control ? colors.yellow : colors.red;
  const lines = [
    `${paint("broken")} ${policy.name}, ${crash.kind}: ${found.message}`,
    `  in ${grouped(crash.broken)} of ${grouped(crash.crashes)} crashes; the smallest has ` +
      `${found.operations} operation${found.operations === 1 ? "" : "s"}, on ${found.scenario.profile}:`,
    ...found.story.map(
      ({ atUs, text }) => `  ${(atUs / 1000).toFixed(3).padStart(10)} ms  ${text}`,
    ),
    ...(found.replay === undefined ? [] : [`  replay: ${found.replay}`]),
  ];
  return lines.join("\n");
}

function tuningText({ policy, device, points }: TuningReport): string {
  const table = new Table({
    head: [`${policy} on ${device}`, "commits/s", "p99", "worst loss seen", "promise", "front"],
    colAligns: ["left", "right", "right", "right", "left", "left"],
    style: STYLE,
  });
  for (const { name, price, worstMs, verdict, onFront } of points) {
    table.push([
      name,
      speedText(price),
      msText(price.p99Ms),
      msText(worstMs),
      verdict,
      onFront ? "*" : "",
    ]);
  }
  return `${table.toString()}\n* nothing else in the table is better in one and worse in none`;
}

function budgetText({ text, device, rows }: BudgetReport, colors: Colors): string {
  const fitting = rows.filter(({ fits }) => fits);
  const others = rows.filter(({ fits }) => !fits);
  return [
    `budget "${text}" on ${device}: ${fitting.length} of ${rows.length} fit`,
    ...fitting.map(({ policy }) => `  ${colors.green("fits")}  ${policy}`),
    ...others.map(({ policy, reasons }) => `  no    ${policy}: ${reasons.join("; ")}`),
  ].join("\n");
}

function summaryText(report: LabReport, colors: Colors): string {
  const crashes = report.policies.reduce(
    (total, policy) => total + policy.crashes.reduce((sum, one) => sum + one.crashes, 0),
    0,
  );
  const least = Math.min(
    ...report.policies.flatMap((policy) =>
      policy.crashes.filter(({ verdict }) => verdict === "held").map((crash) => crash.crashes),
    ),
  );
  const rate = report.policies
    .flatMap((policy) => policy.crashes)
    .filter((crash) => crash.verdict === "held")
    .reduce((most, { excludedRate }) => Math.max(most, excludedRate), 0);
  const paint = {
    held: colors.green,
    broken: colors.red,
    untrusted: colors.yellow,
  }[report.verdict];
  return [
    `crashes   ${grouped(crashes)} with something at stake, in ${(report.elapsedMs / 1000).toFixed(1)} s on ` +
      `${report.workers} worker${report.workers === 1 ? "" : "s"}`,
    ...(Number.isFinite(least)
      ? [
          `held      of each kind ${grouped(least)} crashes or more: a failure rate above ${rateText(rate)} is excluded at 95 %`,
        ]
      : []),
    ...report.untrusted.map((reason) => `${colors.yellow("untrusted")} ${reason}`),
    `verdict   ${paint(verdictText(report))}${report.complete ? "" : colors.yellow(" (interrupted: a partial report)")}`,
  ].join("\n");
}
