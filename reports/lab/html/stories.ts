import { grouped } from "../../pretty-reporter.ts";
import type { Counterexample, CrashReport, LabReport, PolicyReport } from "../lab-report.ts";
import { lossText } from "../lab-text.ts";
import { html, type Markup } from "./markup.ts";

/** Each broken promise with the smallest way to break it, as a story; controls after what matters. */
export function storiesSection({ policies }: LabReport): Markup {
  const broken = policies.filter(({ crashes }) =>
    crashes.some(({ counterexample }) => counterexample !== undefined),
  );
  const real = broken.filter(({ control }) => !control);
  const controls = broken.filter(({ control }) => control);
  return html`${real.length === 0 ? "" : html`<h2 class="broken">Broken promises</h2>`}
  ${real.map((policy) => policyStory(policy))}
  ${
    controls.length === 0
      ? ""
      : html`<h2>Negative controls</h2>
          <p>
            These claim what they do not keep. The lab has to break every one of them; if it did
            not, its other verdicts would mean nothing.
          </p>
          ${controls.map((policy) => policyStory(policy))}`
  }`;
}

function policyStory(policy: PolicyReport): Markup {
  const crash = policy.crashes
    .filter(({ counterexample }) => counterexample !== undefined)
    .toSorted((one, other) => operations(one) - operations(other))[0];
  const found = crash?.counterexample;
  return crash === undefined || found === undefined ? html`` : story(policy, crash, found);
}

function operations({ counterexample }: CrashReport): number {
  return counterexample?.operations ?? Number.POSITIVE_INFINITY;
}

function story(policy: PolicyReport, crash: CrashReport, found: Counterexample): Markup {
  const count = `${found.operations} operation${found.operations === 1 ? "" : "s"}`;
  return html`<section>
    <h3>${policy.name}: ${policy.about}</h3>
    <p>
      Promised to lose ${lossText(crash.promise)}; broken in ${grouped(crash.broken)} of
      ${grouped(crash.crashes)} crashes. The smallest has ${count}, on a disk like
      ${found.scenario.profile}:
    </p>
    <ol class="story">
      ${found.story.map(
        ({ atUs, text }) =>
          html`<li>
            <time>${(atUs / 1000).toFixed(3)} ms</time>
            <span>${text}</span>
          </li>`,
      )}
      <li class="${policy.control ? "control" : "broken"}">
        <time></time>
        <span>${found.message}</span>
      </li>
    </ol>
    ${
      found.replay === undefined
        ? ""
        : html`<p class="soft">Replay: <code>${found.replay}</code></p>`
    }
  </section>`;
}
