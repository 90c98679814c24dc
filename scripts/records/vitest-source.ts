import { formatRecord, type FailureRecord } from "../../sim/index.ts";

export interface TestSourceOptions {
  /** From where the test imports the simulator. */
  readonly from: string;
  /** The failure as a story, for whoever reads the test. */
  readonly story: readonly string[];
}

/**
 * A test of its own that fails as the record does, and passes once the bug is mended. Needs nothing but
 * vitest and the simulator.
 */
export function vitestSource(record: FailureRecord, { from, story }: TestSourceOptions): string {
  const { property, message } = record.violation;
  const title = `${property} holds, and not: ${message}`;
  return `import { setImmediate } from "node:timers/promises";

import { expect, test } from "vitest";
import { parseRecord, replaySettings, runScenarioAsync } from ${JSON.stringify(from)};

/*
${story.map((line) => ` * ${line.replaceAll("*/", "* /")}`.trimEnd()).join("\n")}
 */
const RECORD = String.raw\`${inTemplate(formatRecord(record))}\`;

test(${JSON.stringify(title)}, async () => {
  const record = parseRecord(RECORD);
  const result = await runScenarioAsync(record.scenario, {
    ...replaySettings(record, {}),
    settle: async () => await setImmediate(),
  });
  expect(result.checks).toBeGreaterThan(0);
  expect(result.violation).toBeUndefined();
});
`;
}

/** JSON has other ways to write what ends or interrupts a raw template. */
function inTemplate(json: string): string {
  return json.replaceAll("`", String.raw`\u0060`).replaceAll("${", String.raw`\u0024{`);
}
