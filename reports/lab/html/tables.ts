import {
  DEVICES,
  type DeviceName,
  LAB_CONDITIONS,
  type LabCrashKind,
} from "../../../sim/lab/index.ts";
import { comparisonRows, CONDITION_TEXT, worstUnder } from "../comparison.ts";
import type {
  BudgetReport,
  CrashReport,
  LabReport,
  PolicyReport,
  TuningReport,
} from "../lab-report.ts";
import {
  bytesText,
  crashCell,
  lossText,
  msText,
  rateText,
  ratioText,
  speedText,
} from "../lab-text.ts";
import { html, type Markup } from "./markup.ts";

const KINDS: readonly (readonly [LabCrashKind, string])[] = [
  ["process", "process dies"],
  ["os", "system dies"],
  ["power", "power goes"],
  ["sync-error", "sync fails"],
];

export function verdictTable({ policies }: LabReport): Markup {
  return html`<div class="wide">
    <table>
      <thead>
        <tr>
          <th>policy</th>
          <th>verdict</th>
          <th>may lose</th>
          ${KINDS.map(([, title]) => html`<th class="number">${title}</th>`)}
          <th>left is</th>
        </tr>
      </thead>
      <tbody>
        ${policies.map((policy) => verdictRow(policy))}
      </tbody>
    </table>
  </div>`;
}

function verdictRow(policy: PolicyReport): Markup {
  const isExpected = policy.control && policy.verdict === "broken";
  const tone = isExpected ? "control" : policy.verdict;
  const verdict = isExpected ? "broken (control)" : policy.verdict;
  return html`<tr>
    <td class="name">${policy.name}</td>
    <td class="short ${tone}">${verdict}</td>
    <td class="short">${lossText(policy.promise.power).replace("at most ", "")}</td>
    ${KINDS.map(([kind]) => crashData(policy, kind))}
    <td class="short">${classText(policy.crashes)}</td>
  </tr>`;
}

function crashData(policy: PolicyReport, kind: LabCrashKind): Markup {
  const crash = policy.crashes.find((one) => one.kind === kind);
  if (crash === undefined) {
    return html`<td></td>`;
  }
  const tone = crash.verdict === "held" ? "" : policy.control ? "control" : crash.verdict;
  return html`<td class="number ${tone}" title="${details(crash)}">${crashCell(crash)}</td>`;
}

/** For whoever points at a cell. */
function details({ crashes, lossy, broken, loss, upgrades, excludedRate }: CrashReport): string {
  return (
    `${crashes} crashes, ${lossy} lost something, ${broken} broke the promise; ` +
    `worst ${loss.commits.worst} commits, ${bytesText(loss.bytes.worst)}, ${msText(loss.milliseconds.worst)}; ` +
    `p99 ${msText(loss.milliseconds.p99)}, mean ${msText(loss.milliseconds.mean)}; ` +
    `back to ${msText(loss.ageMs.worst)} before the crash; ${upgrades} explicit syncs checked; ` +
    (broken === 0 ? `failure rate above ${rateText(excludedRate)} excluded` : "")
  );
}

function classText(crashes: readonly CrashReport[]): string {
  if (crashes.some(({ consistency }) => consistency.corrupt > 0)) {
    return "corrupt";
  }
  return crashes.some(({ consistency }) => consistency.hole > 0) ? "a hole" : "a prefix";
}

/** Named policies side by side. */
export function comparisonTable(report: LabReport): Markup {
  return html`<div class="wide">
    <table>
      <thead>
        <tr>
          <th></th>
          ${report.policies.map(({ name }) => html`<th>${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${comparisonRows(report).map(
          ({ title, cells }) =>
            html`<tr>
              <td>${title}</td>
              ${cells.map((cell) => html`<td>${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** The losses of system crashes and power cuts in numbers, and by what went on. */
export function lossTable({ policies }: LabReport): Markup {
  const heads = ["commits: worst, p99", "bytes: worst, p99", "time: worst, p99, mean"];
  return html`<div class="wide">
    <table>
      <thead>
        <tr>
          <th>of a power cut</th>
          ${heads.map((head) => html`<th class="number">${head}</th>`)}
          ${LAB_CONDITIONS.map((name) => html`<th class="number">${CONDITION_TEXT[name]}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${policies.map((policy) => lossRow(policy))}
      </tbody>
    </table>
  </div>`;
}

function lossRow(policy: PolicyReport): Markup {
  const crash = policy.crashes.find(({ kind }) => kind === "power");
  if (crash === undefined) {
    return html``;
  }
  const { commits, bytes, milliseconds } = crash.loss;
  const cells = [
    `${commits.worst}, ${commits.p99}`,
    `${bytesText(bytes.worst)}, ${bytesText(bytes.p99)}`,
    [milliseconds.worst, milliseconds.p99, milliseconds.mean].map((ms) => msText(ms)).join(", "),
    ...LAB_CONDITIONS.map((name) => msText(worstUnder(policy, name))),
  ];
  return html`<tr>
    <td class="name">${policy.name}</td>
    ${cells.map((cell) => html`<td class="number">${cell}</td>`)}
  </tr>`;
}

export function priceTable({ policies }: LabReport, device: DeviceName): Markup {
  const isMeasured = policies.some(({ real }) => real !== undefined);
  const heads = ["commits/s", "p50", "p99", "syncs per commit", "bytes per byte"];
  const real = isMeasured ? ["this disk: commits/s", "p50", "p99"] : [];
  return html`<div class="wide">
    <table>
      <thead>
        <tr>
          <th>on ${DEVICES[device].title}</th>
          ${[...heads, ...real].map((head) => html`<th class="number">${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${policies.map((policy) => priceRow(policy, device))}
      </tbody>
    </table>
  </div>`;
}

function priceRow({ name, prices, real }: PolicyReport, device: DeviceName): Markup {
  const price = prices.find((one) => one.device === device);
  if (price === undefined) {
    return html``;
  }
  const cells = [
    speedText(price),
    msText(price.p50Ms),
    msText(price.p99Ms),
    ratioText(price.syncsPerCommit),
    ratioText(price.bytesPerByte),
    ...(real === undefined ? [] : [speedText(real), msText(real.p50Ms), msText(real.p99Ms)]),
  ];
  return html`<tr>
    <td class="name">${name}</td>
    ${cells.map((cell) => html`<td class="number">${cell}</td>`)}
  </tr>`;
}

export function tuningTable({ points }: TuningReport): Markup {
  return html`<div class="wide">
    <table>
      <thead>
        <tr>
          <th class="number"></th>
          <th>choice</th>
          <th class="number">commits/s</th>
          <th class="number">p99</th>
          <th class="number">worst loss seen</th>
          <th>promise</th>
          <th>best trade</th>
        </tr>
      </thead>
      <tbody>
        ${points.map(
          ({ name, price, worstMs, verdict, onFront }, index) =>
            html`<tr>
              <td class="number">${index + 1}</td>
              <td class="name">${name}</td>
              <td class="number">${speedText(price)}</td>
              <td class="number">${msText(price.p99Ms)}</td>
              <td class="number">${msText(worstMs)}</td>
              <td class="${verdict}">${verdict}</td>
              <td>${onFront ? "yes" : ""}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

export function budgetSection({ text, device, rows }: BudgetReport): Markup {
  const fitting = rows.filter(({ fits }) => fits);
  const others = rows.filter(({ fits }) => !fits);
  return html`<h2>Within "${text}" on ${DEVICES[device].title}</h2>
    <p>
      ${
        fitting.length === 0
          ? "Nothing fits."
          : html`<strong>${fitting.map(({ policy }) => policy).join(", ")}</strong>`
      }
    </p>
    <div class="wide">
      <table>
        <thead>
          <tr>
            <th>does not fit</th>
            <th>because</th>
          </tr>
        </thead>
        <tbody>
          ${others.map(
            ({ policy, reasons }) =>
              html`<tr>
                <td class="name">${policy}</td>
                <td>${reasons.join("; ")}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

export function originTable({ policies }: LabReport): Markup {
  return html`<div class="wide">
    <table class="text">
      <thead>
        <tr>
          <th>policy</th>
          <th>setting</th>
          <th>carried over</th>
          <th>not carried over</th>
        </tr>
      </thead>
      <tbody>
        ${policies.map(({ name, origin }) =>
          origin === undefined
            ? ""
            : html`<tr>
                <td class="name">${name}</td>
                <td>${origin.setting}</td>
                <td>${origin.carriedOver}</td>
                <td>${origin.notCarriedOver}</td>
              </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
