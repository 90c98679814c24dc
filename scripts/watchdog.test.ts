import { expect, test } from "vitest";

import * as engine from "../engine/index.ts";
import { generateScenario, type EnginePort, type RunResult } from "../sim/index.ts";
import { createDrain, inMacroTask } from "./micro-tasks.ts";
import { ScenarioRunner } from "./scenario-runner.ts";
import { Watchdog } from "./watchdog.ts";

const SCENARIO = generateScenario("7", { weather: "calm", short: true });

async function spinsForEver(): Promise<never> {
  for (;;) {
    await Promise.resolve();
  }
}

function loopsForEver(): never {
  for (;;) {
    // Nothing that a scheduler could step in at.
  }
}

/** The engine, which never comes back from a close. */
function stuckIn(close: () => Promise<void>): EnginePort {
  return {
    ...engine,
    Database: {
      async open(options) {
        const db = await engine.Database.open(options);
        db.close = close;
        return db;
      },
    },
  };
}

async function run(stuck: EnginePort): Promise<RunResult> {
  const runner = new ScenarioRunner(await inMacroTask(createDrain), 3000);
  return await runner.run(SCENARIO, { engine: stuck, record: true });
}

test.each([
  ["promise callbacks that queue each other", spinsForEver],
  ["a loop", loopsForEver],
])(
  "%s without end break P11, and leave the runner whole",
  async (_, stuck) => {
    const first = await run(stuckIn(stuck));
    expect(first.violation).toMatchObject({ property: "P11" });
    expect(first.tapes).toBeDefined();
    expect((await run(stuckIn(stuck))).traceHash).toBe(first.traceHash);
    expect((await run(engine)).verdict).toBe("held");
  },
  30_000,
);

test("work that ends is let be, and what it throws comes through", async () => {
  await inMacroTask(() => {
    const watchdog = new Watchdog(() => true, 1000);
    let done = false;
    expect(
      watchdog.watch(() => {
        done = watchdog.drain();
      }),
    ).toBe(true);
    expect(done).toBe(true);
    expect(() =>
      watchdog.watch(() => {
        throw new RangeError("as ever");
      }),
    ).toThrow("as ever");
  });
});

test("work that shows that it goes on is slow, and not endless", async () => {
  await inMacroTask(() => {
    const watchdog = new Watchdog(() => true, 200);
    const slow = (): void => {
      while (watchdog.drain()) {
        // One step after the other.
      }
    };
    expect(() => watchdog.watch(slow)).toThrow("took more than");
  });
});
