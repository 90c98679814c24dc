import { setImmediate } from "node:timers/promises";

import { describe, expect, test } from "vitest";

import { SeawallError } from "../../engine/base/errors.ts";
import { commitNumber, lsn } from "../../engine/base/units.ts";
import type { Database } from "../../engine/database.ts";
import * as seawall from "../../engine/index.ts";
import type { OpenOptions } from "../../engine/options.ts";
import type { FileIO } from "../../engine/platform/file-io.ts";
import { generateScenario } from "../scenario/generate.ts";
import type { ProgramItem } from "../scenario/client-program.ts";
import type { FaultPlan } from "../scenario/fault-plan.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { EnginePort } from "./engine-port.ts";
import { runScenarioAsync, type RunResult } from "./run-scenario.ts";

function scenario(items: readonly ProgramItem[], faults: readonly FaultPlan[] = []): Scenario {
  return {
    ...generateScenario("hand-made", { policy: "sync", profile: "paranoid", weather: "calm" }),
    keyForm: "text",
    keys: ["a", "b"],
    clients: [{ items }],
    creation: [],
    cycles: [],
    faults,
  };
}

const PUT: ProgramItem = { do: "put", key: 0, value: { id: 3, form: "text", bytes: 8 } };

/** The engine with some calls replaced. */
function withCalls(change: (db: Database, options: OpenOptions) => void): EnginePort {
  return {
    ...seawall,
    Database: {
      open: async (options) => {
        const db = await seawall.Database.open(options);
        change(db, options);
        return db;
      },
    },
  };
}

async function run(given: Scenario, engine?: EnginePort): Promise<RunResult> {
  const port = engine === undefined ? {} : { engine };
  return await runScenarioAsync(given, { ...port, settle: async () => await setImmediate() });
}

async function removeAll(files: FileIO): Promise<void> {
  for (const name of await files.readDirectory("/store")) {
    await files.unlink(`/store/${name}`);
  }
  await files.syncDirectory("/store");
}

async function broken(given: Scenario, engine: EnginePort): Promise<string> {
  const { violation } = await run(given, engine);
  return `${violation?.property}: ${violation?.message}`;
}

describe("a run", () => {
  test("holds on the real engine, and has compared every open with the history", async () => {
    const result = await run(scenario([PUT, { do: "get", key: 0 }, { do: "sync" }]));
    expect(result).toMatchObject({ verdict: "held", operations: 3, crashes: 1, checks: 4 });
  });

  test("sees an exception that is no error of the store as a bug, P5", async () => {
    const engine = withCalls((db) => {
      db.put = () => Promise.reject(new TypeError("x is not a function"));
    });
    expect(await broken(scenario([PUT]), engine)).toBe("P5: a bug surfaced as an exception");
  });

  test("sees a rejection that no fault explains, P5", async () => {
    const engine = withCalls((db) => {
      db.put = () => Promise.reject(new SeawallError("NO_SPACE", "the disk is full"));
    });
    expect(await broken(scenario([PUT]), engine)).toBe("P5: an unexplained NO_SPACE");
  });

  test("sees a conflict with a commit that wrote nothing the transaction read, P5", async () => {
    const engine = withCalls((db) => {
      const begin = db.begin.bind(db);
      db.begin = (options) => {
        const tx = begin(options);
        tx.commit = () => Promise.reject(new SeawallError("CONFLICT", "somebody was faster"));
        return tx;
      };
    });
    const reader: ProgramItem = {
      do: "transaction",
      isolation: "serializable",
      managed: false,
      steps: [{ do: "get", key: 1 }, { do: "sleep", ms: 1000 }, PUT],
      end: "commit",
    };
    const otherId = { id: 4, form: "text", bytes: 8 } as const;
    const rival = (key: number): ProgramItem => ({ do: "put", key, value: otherId });
    const verdictBeside = async (key: number): Promise<string> =>
      await broken(
        { ...scenario([]), clients: [{ items: [reader] }, { items: [rival(key)] }] },
        engine,
      );
    expect(await verdictBeside(0)).toBe("P5: an unexplained CONFLICT");
    expect(await verdictBeside(1)).toBe("undefined: undefined");
  });

  test("sees a store that does not open after a crash, P8", async () => {
    let opens = 0;
    const engine = withCalls(() => {
      opens += 1;
      if (opens > 1) {
        throw new SeawallError("CORRUPTION", "the log is damaged");
      }
    });
    expect(await broken(scenario([PUT]), engine)).toBe("P8: the store did not open");
  });

  test("sees a store that takes no more commits in the end, P8", async () => {
    let opens = 0;
    const engine = withCalls((db) => {
      opens += 1;
      if (opens === 4) {
        db.put = () => Promise.reject(new SeawallError("CLOSED", "no more"));
      }
    });
    expect(await broken(scenario([PUT]), engine)).toBe("P8: the store no longer commits");
  });

  test("sees a store that hangs once all is over, P11", async () => {
    let opens = 0;
    const engine = withCalls((db, { platform }) => {
      opens += 1;
      const again = (): void => {
        platform.clock.setTimer(20_000, again);
      };
      if (opens === 4) {
        again();
        db.checkpoint = () => new Promise(() => {});
      }
    });
    const result = await run(scenario([PUT]), engine);
    expect(result.violation).toMatchObject({
      property: "P11",
      message: "this does not end: the last commits",
    });
    expect(result.virtualMs).toBeLessThan(100_000);
  });

  test("sees a call that is never answered, P11", async () => {
    const engine = withCalls((db) => {
      db.put = () => new Promise(() => {});
    });
    expect(await broken(scenario([PUT]), engine)).toBe(
      "P11: nothing is left to happen, and this has not ended: the clients' work",
    );
  });

  test("sees work that does not end, P11", async () => {
    const engine = withCalls((db, { platform }) => {
      const again = (): void => {
        platform.clock.setTimer(1, again);
      };
      db.put = () => {
        again();
        return new Promise(() => {});
      };
    });
    const short = { ...scenario([PUT]), limits: { stepsMax: 500, virtualMsMax: 1_000_000 } };
    expect(await broken(short, engine)).toBe("P11: this does not end: the clients' work");
  });

  test("sees an acknowledgement after a failed sync, P10", async () => {
    const engine = withCalls((db, { platform: { files } }) => {
      const put = db.put.bind(db);
      db.put = async (key, value) => {
        const file = await files.open("/store/wal-other.log", "create");
        await file.write(Uint8Array.of(1), 0);
        await file.datasync().catch(() => {});
        return await put(key, value);
      };
    });
    const failing = Array.from({ length: 40 }, (_, nth): FaultPlan => ({
      kind: "sync-failure",
      life: 0,
      nth,
      plusSteps: 1000,
      ending: "power",
    }));
    const runs = await Promise.all(
      failing.map((fault) => broken(scenario([PUT], [fault]), engine)),
    );
    expect(runs).toContain("P10: commit 1 was acknowledged after a failed sync");
  });

  test("sees an acknowledged commit that is gone, P1", async () => {
    const engine = withCalls((db) => {
      let commits = 0;
      db.put = () => {
        commits += 1;
        return Promise.resolve({
          commitNumber: commitNumber(commits),
          lsn: lsn(commits),
          timestampMs: 0,
        });
      };
    });
    expect(await broken(scenario([PUT]), engine)).toBe("P1: commit 1 had to survive and did not");
  });

  test("lets damage take the last commit, also when the recovery wrote over the damage", async () => {
    let opens = 0;
    const forgetful: EnginePort = {
      ...seawall,
      Database: {
        open: async (options) => {
          opens += 1;
          if (opens === 2) {
            await removeAll(options.platform.files);
          }
          return await seawall.Database.open(options);
        },
      },
    };
    const flips: FaultPlan = { kind: "bit-flips", life: 0, flips: 1, on: "log" };
    expect(await broken(scenario([PUT], [flips]), forgetful)).toBe("undefined: undefined");
    opens = 0;
    expect(await broken(scenario([PUT]), forgetful)).toContain("P1");
  });

  test("sees a read of a value that is not there", async () => {
    const engine = withCalls((db) => {
      db.get = () => Promise.resolve("v3:abcdefgh");
    });
    const result = await run(scenario([{ do: "get", key: 1 }, PUT]), engine);
    expect(result.violation?.property).toMatch(/isolation|P6/);
  });

  test("sees pages that are no whole tree, P5", async () => {
    const engine = withCalls((db) => {
      db.verify = () => Promise.resolve([{ page: 3, what: "belongs to nobody" }]);
    });
    expect(await broken(scenario([PUT]), engine)).toBe("P5: the pages do not make one whole tree");
  });

  test("sees a store that recovers after it was closed in good order, P5", async () => {
    let opens = 0;
    const engine = withCalls((db) => {
      opens += 1;
      Object.assign(db, { recovery: { ...db.recovery, recordsRedone: opens === 3 ? 1 : 0 } });
    });
    expect(await broken(scenario([PUT]), engine)).toBe(
      "P5: a store that was closed in good order had something to recover",
    );
  });

  test.each(["control", "pages"] as const)("sees a wrong refusal of damage: %s", async (on) => {
    let opens = 0;
    const engine = withCalls(() => {
      opens += 1;
      if (opens > 1) {
        throw new SeawallError("CORRUPTION", "something is damaged");
      }
    });
    const flip: FaultPlan = { kind: "bit-flips", life: 0, flips: 1, on };
    // One slot of two has to be masked; a page may be refused, when the refusal names it.
    expect(await broken(scenario([PUT], [flip]), engine)).toMatch(
      on === "control" ? /^P8: the store did not open/ : /^P6: .* without being named|^P8/,
    );
  });
});
