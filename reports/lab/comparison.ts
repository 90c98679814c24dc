import { DEVICES, type LabCondition } from "../../sim/lab/index.ts";
import { grouped } from "../pretty-reporter.ts";
import type { CrashReport, LabReport, LabSettings, PolicyReport } from "./lab-report.ts";
import { bytesText, lossText, msText, rateText, ratioText, speedText } from "./lab-text.ts";

/** One line of a comparison: what is compared, and a text for each policy. */
export interface ComparisonRow {
  readonly title: string;
  readonly cells: readonly string[];
}

export const CONDITION_TEXT: Readonly<Record<LabCondition, string>> = {
  calm: "nothing unusual",
  "slow-sync": "only slow syncs",
  "late-timer": "only late timers",
  "clock-jump": "only the clock set",
};

/** Everything there is to compare, line by line. */
export function comparisonRows({ policies, settings }: LabReport): ComparisonRow[] {
  return [
    row(policies, "promise kept", ({ verdict }) => verdict),
    row(policies, "process dies: may lose", ({ promise }) => lossText(promise.process)),
    row(policies, "power goes: may lose", ({ promise }) => lossText(promise.power)),
    ...lossRows(policies),
    ...conditionRows(policies),
    row(policies, "explicit syncs checked", (policy) =>
      grouped(policy.crashes.reduce((sum, { upgrades }) => sum + upgrades, 0)),
    ),
    row(policies, "failure rate excluded", (policy) =>
      rateText(Math.max(...policy.crashes.map(({ excludedRate }) => excludedRate))),
    ),
    ...settings.devices.map((device) => priceRow(policies, device)),
    ...effortRows(policies, settings),
  ];
}

function lossRows(policies: readonly PolicyReport[]): ComparisonRow[] {
  const loss = (title: string, text: (crash: CrashReport) => string): ComparisonRow =>
    row(policies, `power goes: ${title}`, (policy) => {
      const crash = policy.crashes.find(({ kind }) => kind === "power");
      return crash === undefined ? "" : text(crash);
    });
  return [
    loss("worst loss", ({ loss: { milliseconds, commits, bytes } }) =>
      [msText(milliseconds.worst), `${commits.worst} commits`, bytesText(bytes.worst)].join(", "),
    ),
    loss("p99", ({ loss: { milliseconds } }) => msText(milliseconds.p99)),
    loss("mean", ({ loss: { milliseconds } }) => msText(milliseconds.mean)),
    loss("lost back to, before the crash", ({ loss: { ageMs } }) => msText(ageMs.worst)),
    loss("crashes that lost something", ({ lossy, crashes }) =>
      rateText(lossy / Math.max(1, crashes)),
    ),
  ];
}

/** Of system crashes and power cuts. */
function conditionRows(policies: readonly PolicyReport[]): ComparisonRow[] {
  const names = policies[0]?.crashes[0]?.conditions.map(({ condition }) => condition) ?? [];
  return names.map((name) =>
    row(policies, `worst with ${CONDITION_TEXT[name]}`, (policy) =>
      msText(worstUnder(policy, name)),
    ),
  );
}

/** The worst that a system crash or power cut took while this went on. */
export function worstUnder({ crashes }: PolicyReport, name: LabCondition): number {
  const counted = crashes.filter(({ kind }) => kind === "os" || kind === "power");
  return Math.max(
    0,
    ...counted.flatMap(({ conditions }) =>
      conditions.filter(({ condition }) => condition === name).map(({ worstMs }) => worstMs),
    ),
  );
}

function priceRow(policies: readonly PolicyReport[], device: LabSettings["device"]): ComparisonRow {
  return row(policies, `${DEVICES[device].title}: commits/s, p50, p99`, ({ prices }) => {
    const price = prices.find((one) => one.device === device);
    return price === undefined
      ? ""
      : `${speedText(price)}, ${msText(price.p50Ms)}, ${msText(price.p99Ms)}`;
  });
}

function effortRows(policies: readonly PolicyReport[], { device }: LabSettings): ComparisonRow[] {
  const effort = row(policies, `syncs per commit, bytes per byte (${device})`, ({ prices }) => {
    const price = prices.find((one) => one.device === device);
    return price === undefined
      ? ""
      : `${ratioText(price.syncsPerCommit)}, ${ratioText(price.bytesPerByte)}`;
  });
  const real = row(policies, "this disk: commits/s, p50, p99", ({ real: price }) =>
    price === undefined
      ? ""
      : `${speedText(price)}, ${msText(price.p50Ms)}, ${msText(price.p99Ms)}`,
  );
  return real.cells.some((cell) => cell !== "") ? [effort, real] : [effort];
}

function row(
  policies: readonly PolicyReport[],
  title: string,
  text: (policy: PolicyReport) => string,
): ComparisonRow {
  return { title, cells: policies.map(text) };
}
