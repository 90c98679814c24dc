import { beforeAll, describe, expect, test } from "vitest";

import { commitNumber } from "../engine/base/units.ts";
import * as seawall from "../engine/index.ts";
import type { Entry } from "../engine/transactions/range-scan.ts";
import { emptyReceipt } from "../engine/transactions/transaction-manager.ts";
import { ScenarioRunner } from "../scripts/scenario-runner.ts";
import {
  generateScenario,
  type PropertyName,
  type RunSettings,
  type Weather,
} from "../sim/index.ts";
import { lyingEngine, openingEngine } from "./support/lying-store.ts";

/** A store that breaks one promise in the plainest way. */
interface Lie {
  readonly property: PropertyName;
  readonly about: string;
  readonly settings: () => RunSettings;
  readonly weather?: Weather;
}

const NOTHING = { kind: "nothing" } as const;

const LIES: readonly Lie[] = [
  {
    property: "P1",
    about: "a store that comes back empty",
    settings: () => ({
      engine: openingEngine((options, opens) =>
        seawall.Database.open({ ...options, directory: `/store-${opens}` }),
      ),
    }),
  },
  {
    property: "P2",
    about: "a commit of which the first key is missing",
    settings: () => ({
      engine: lyingEngine((db, opens) =>
        opens < 2 ? {} : { scan: (options) => changed(db.scan(options), (all) => all.slice(1)) },
      ),
    }),
  },
  {
    property: "P3",
    about: "an earlier commit that is missing while a later one is there",
    settings: () => ({
      engine: lyingEngine((db, opens) =>
        opens < 2
          ? {}
          : { scan: (options) => changed(db.scan(options), (all) => all.slice(0, -1)) },
      ),
    }),
  },
  {
    property: "P4",
    about: "commits that nobody made",
    settings: () => ({
      engine: lyingEngine(({ recovery }) => ({
        recovery: { ...recovery, lastCommitNumber: recovery.lastCommitNumber + 1000 },
      })),
    }),
  },
  {
    property: "P5",
    about: "an exception that is no answer",
    settings: () => ({
      engine: lyingEngine(() => ({
        put: async () => await Promise.reject(new TypeError("a bug")),
      })),
    }),
  },
  {
    property: "P6",
    about: "a value that nobody wrote",
    settings: () => ({
      engine: lyingEngine((db, opens) =>
        opens < 2
          ? {}
          : {
              scan: (options) =>
                changed(db.scan(options), (all) =>
                  all.map(({ key }) => ({ key, value: "v0:nobody" })),
                ),
            },
      ),
    }),
  },
  {
    property: "P7",
    about: "a recovery that changes its mind",
    settings: () => ({
      engine: lyingEngine((db, opens) =>
        opens < 3 ? {} : { scan: (options) => changed(db.scan(options), () => []) },
      ),
    }),
  },
  {
    property: "P8",
    about: "a store that does not open",
    settings: () => ({
      engine: openingEngine(async (options, opens) => {
        if (opens > 1) {
          throw new seawall.SeawallError("CORRUPTION", "no");
        }
        return await seawall.Database.open(options);
      }),
    }),
  },
  {
    property: "P9",
    about: "a policy that promises what it does not keep",
    settings: () => ({
      policy: {
        ...seawall.asyncPolicy({ intervalMs: 400 }),
        promise: { process: NOTHING, os: NOTHING, power: NOTHING },
      },
    }),
  },
  {
    property: "P10",
    about: "a commit that is acknowledged after a failed sync",
    weather: "errors",
    settings: () => ({
      engine: lyingEngine((db) => ({
        put: async (...args) =>
          await db
            .put(...args)
            .catch(() => emptyReceipt(commitNumber(db.stats().lastCommitNumber))),
      })),
    }),
  },
  {
    property: "P11",
    about: "a call that is never answered",
    settings: () => ({
      engine: lyingEngine(() => ({ put: async () => await new Promise(() => {}) })),
    }),
  },
  {
    property: "isolation",
    about: "a reader that misses what was acknowledged",
    settings: () => ({
      engine: lyingEngine(() => ({ get: async () => await Promise.resolve(undefined) })),
    }),
  },
];

/** A scan that shows something else. */
async function* changed(
  scan: AsyncIterable<Entry>,
  change: (all: readonly Entry[]) => readonly Entry[],
): AsyncGenerator<Entry> {
  const all: Entry[] = [];
  for await (const entry of scan) {
    all.push(entry);
  }
  yield* change(all);
}

const SEEDS = 150;

let runner: ScenarioRunner;

beforeAll(async () => {
  runner = await ScenarioRunner.create();
});

async function isFoundOut({ property, settings, weather = "crashes" }: Lie): Promise<boolean> {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const scenario = generateScenario(`lie-${seed}`, { weather });
    if ((await runner.run(scenario, settings())).violation?.property === property) {
      return true;
    }
  }
  return false;
}

describe("the oracle finds out", () => {
  for (const lie of LIES) {
    test(`${lie.property}: ${lie.about}`, async () => {
      expect(await isFoundOut(lie)).toBe(true);
    });
  }

  test("nothing in a store that tells the truth", async () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const scenario = generateScenario(`lie-${seed}`, { weather: "crashes" });
      const engine = lyingEngine(() => ({}));
      expect((await runner.run(scenario, { engine })).violation).toBeUndefined();
    }
  });
});
