import { DEVICES, PRICE_LOAD } from "../../../sim/lab/index.ts";
import { grouped } from "../../pretty-reporter.ts";
import type { LabReport } from "../lab-report.ts";
import { verdictText } from "../lab-text.ts";
import { html, type Markup } from "./markup.ts";
import { lossPlot, type Spot, spotsOf, tradePlot, tuningPlot } from "./plots.ts";
import { storiesSection } from "./stories.ts";
import { STYLE } from "./style.ts";
import {
  budgetSection,
  comparisonTable,
  lossTable,
  originTable,
  priceTable,
  tuningTable,
  verdictTable,
} from "./tables.ts";

/** One page that stands alone: no script, no network, light and dark. */
export function htmlLab(report: LabReport): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Sync policies: what they lose, what they cost</title>
        ${STYLE}
      </head>
      <body>
        <main>
          ${opening(report)} ${verdictTable(report)}
          ${report.compared === true ? comparisonSection(report) : ""} ${tradeSection(report)}
          ${report.tuning === undefined ? "" : tuningSection(report)}
          ${report.budget === undefined ? "" : budgetSection(report.budget)}
          ${distributionSection(report)} ${storiesSection(report)} ${originSection(report)}
          ${methodSection(report)}
        </main>
      </body>
    </html> `;
  return page.text;
}

function opening(report: LabReport): Markup {
  const crashes = report.policies.reduce(
    (total, policy) => total + policy.crashes.reduce((sum, one) => sum + one.crashes, 0),
    0,
  );
  const kind = { held: "held", broken: "broken", untrusted: "vacuous" }[report.verdict];
  return html`<h1>Sync policies: what they lose, what they cost</h1>
    <p class="verdict ${kind}">${verdictText(report)}.</p>
    ${report.untrusted.map((reason) => html`<p class="vacuous">${reason}</p>`)}
    ${report.complete ? "" : html`<p class="vacuous">Interrupted: this is a partial report.</p>`}
    <p class="soft">
      ${grouped(crashes)} simulated crashes of Seawall ${report.engineVersion} with something at
      stake, ${grouped(report.settings.crashes)} or more of each kind for each policy, from seed
      ${report.settings.start}${
        report.settings.shard === undefined ? "" : `, shard ${report.settings.shard}`
      }.
    </p>
    <h2>At a glance</h2>
    <p>
      What each policy promises, and the most that was seen to go of what had been acknowledged.
      What goes is always the end of the history, unless the last column says otherwise.
    </p>`;
}

function tradeSection(report: LabReport): Markup {
  const { devices, device } = report.settings;
  const shown = devices.filter((name) =>
    report.policies.some(({ prices }) => prices.some((price) => price.device === name)),
  );
  return html`<h2>Price against loss</h2>
    <p>
      The further up, the more commits a second; the further left, the less is lost. Orange: broken,
      or a negative control. ${PRICE_LOAD.clients} clients that commit one value of
      ${PRICE_LOAD.valueBytes} bytes after the other.
    </p>
    <style>
      ${shown.map((_name, index) => deviceRule(index))}
    </style>
    <div class="devices">
      ${shown.map(
        (name, index) =>
          html`<input
              type="radio"
              name="device"
              id="device-${index}"
              ${name === device ? html`checked` : ""}
            /><label for="device-${index}">${DEVICES[name].title}</label>`,
      )}
      ${shown.map(
        (name, index) =>
          html`<div class="device" id="shown-${index}">
            ${tradeFigure(spotsOf(report.policies, name))} ${priceTable(report, name)}
            <p class="soft">${DEVICES[name].title}: ${DEVICES[name].source}</p>
          </div>`,
      )}
    </div>`;
}

function tradeFigure(spots: readonly Spot[]): Markup {
  return html`<figure class="wide plot">${tradePlot(spots)}</figure>
    <ol class="spots">
      ${spots.map(({ names, kind }) => html`<li class="${kind}">${names.join(", ")}</li>`)}
    </ol>`;
}

function deviceRule(index: number): Markup {
  return html`#device-${index}:checked ~ #shown-${index} { display: block; }`;
}

function comparisonSection(report: LabReport): Markup {
  return html`<h2>Side by side</h2>
    ${comparisonTable(report)}`;
}

function tuningSection(report: LabReport): Markup {
  const { tuning } = report;
  return tuning === undefined
    ? html``
    : html`<h2>The best trades of ${tuning.policy}</h2>
        <p>
          Each point is one choice of its parameters on ${DEVICES[tuning.device].title}. Nothing in
          the table is better than a point on the line in one and worse in none.
        </p>
        <figure class="wide plot">${tuningPlot(tuning)}</figure>
        ${tuningTable(tuning)}`;
}

function distributionSection(report: LabReport): Markup {
  const same = report.policies.filter(({ sameAs }) => sameAs !== undefined);
  return html`<h2>How much the crashes took</h2>
    <p>
      Per cent of system crashes and power cuts, by how long a stretch of acknowledgements went.
      ${
        same.length === 0
          ? ""
          : `Not shown because they decide as another does: ${same.map(({ name }) => name).join(", ")}.`
      }
    </p>
    <figure class="wide plot">${lossPlot(report.policies)}</figure>
    <p>
      In numbers; and the worst stretch by what alone went on: nothing unusual, syncs that take up
      to four seconds longer, timers that ring up to three milliseconds late, a wall clock that is
      set.
    </p>
    ${lossTable(report)}`;
}

function originSection(report: LabReport): Markup {
  return report.policies.some(({ origin }) => origin !== undefined)
    ? html`<h2>What the names stand for</h2>
        <p>
          A preset is Seawall's engine run with that setting's rule for writing, syncing and
          acknowledging. It says nothing about the other system's code.
        </p>
        ${originTable(report)}`
    : html``;
}

function methodSection(report: LabReport): Markup {
  const { settings } = report;
  const profile = settings.profile ?? "half of the storms on paranoid, the others on all profiles";
  return html`<h2>How this was found</h2>
    <ul>
      <li>
        The engine runs on a simulated disk in virtual time. Commits come in bursts and with pauses
        of up to half a second; syncs are slow now and then, for up to four seconds; timers ring
        late; the wall clock jumps; explicit syncs and durable commits are mixed in, and what they
        made durable has to be there, whatever the policy.
      </li>
      <li>
        Then the process dies, the system dies, the power goes, or a sync fails: the program starts
        again, and later the power goes. Disk: ${profile}.
      </li>
      <li>
        A loss in milliseconds is the time between the acknowledgements of the first and the last
        lost commit. After a failed sync a policy owes what it owes after a power cut.
      </li>
      <li>
        With no failure in n crashes, a failure rate above 1 - 0.05<sup>1/n</sup> is excluded at 95
        %: ${(100 * (1 - 0.05 ** (1 / settings.crashes))).toPrecision(2)} % for
        ${grouped(settings.crashes)}.
      </li>
      <li>
        Prices are simulated too: syncs take what the device's distribution says, everything else
        costs ${PRICE_LOAD.processorUs} microseconds of one processor for each commit. Zeroing new
        log files is not counted, because files are used again.
      </li>
    </ul>`;
}
