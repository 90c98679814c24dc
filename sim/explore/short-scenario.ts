import { PrngChoices } from "../core/choices.ts";
import type { ProfileName } from "../disk/profiles.ts";
import { Draw } from "../scenario/draw.ts";
import type { ClientProgram, ProgramItem, PutStep, WriteStep } from "../scenario/client-program.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { PolicySpec } from "../scenario/store-spec.ts";
import { FIRST_VALUE_ID } from "../scenario/values.ts";

export interface ShortScenarioOptions {
  readonly seed: string;
  /** Calls of the clients together, at least. */
  readonly operations: number;
  readonly profile: ProfileName;
  readonly policy: PolicySpec["kind"];
}

/** Few enough for every key to be written again soon. */
const KEYS: readonly string[] = ["a", "b", "c", "d"];
/** One sector, several, more than a batch, more than a quarter of a page. */
const VALUE_BYTES: readonly number[] = [20, 20, 300, 700, 1500];

/**
 * A workload of a few operations over a store whose segments, cache and checkpoints are as small as they can
 * be: short enough for every one of its crash points to be tried, and past the borders all the same.
 */
export function shortScenario(options: ShortScenarioOptions): Scenario {
  const { seed, operations, profile, policy } = options;
  const program = new ShortProgram(new Draw(new PrngChoices(`${seed}/short`)));
  return {
    schema: "seawall-scenario",
    version: 1,
    seed,
    profile,
    policy: POLICIES[policy],
    engine: {
      segmentBytes: 2048,
      sectorBytes: 512,
      batchBytesMax: 1024,
      isolation: "serializable",
      pageBytes: 4096,
      cacheBytes: 16_384,
      checkpointBytes: 4096,
      transactionBytesMax: 1024,
    },
    diskSectorBytes: 512,
    keyForm: "text",
    keys: KEYS,
    clients: program.clients(operations),
    creation: [],
    cycles: [],
    faults: [],
    limits: { stepsMax: 50_000, virtualMsMax: 3_600_000 },
  };
}

const POLICIES: Readonly<Record<PolicySpec["kind"], PolicySpec>> = {
  sync: { kind: "sync" },
  batch: { kind: "batch", commits: 2, bytes: 1024, delayMs: 1 },
  async: { kind: "async", intervalMs: 5, bytes: 2048 },
  os: { kind: "os" },
};

/** So that three operations say something. */
const FIRST_KINDS = ["put", "transaction", "checkpoint"] as const;

class ShortProgram {
  readonly #draw: Draw;
  #values = 0;

  constructor(draw: Draw) {
    this.#draw = draw;
  }

  /** One client, and beside it a second one with every fourth operation. Both end with some time to spare. */
  clients(operations: number): ClientProgram[] {
    const programs: ProgramItem[][] = [[], []];
    for (let index = 0; index < operations; index += 1) {
      programs[index % 4 === 3 ? 1 : 0]?.push(this.#item(index));
    }
    return programs
      .filter((items) => items.length > 0)
      .map((items) => ({ items: [...items, { do: "sleep", ms: 2 }] }));
  }

  /** Checkpoints often: most of what can go wrong with pages needs a second one of the same page. */
  #item(index: number): ProgramItem {
    const drawn = this.#draw.pick(["put", "put", "transaction", "delete", "rollback"] as const);
    const kind = FIRST_KINDS[index] ?? (index % 3 === 2 ? "checkpoint" : drawn);
    switch (kind) {
      case "put":
        return this.#put();
      case "delete":
        return { do: "delete", key: this.#key() };
      case "checkpoint":
        return { do: "checkpoint" };
      default:
        return this.#transaction(kind === "rollback" ? "rollback" : "commit");
    }
  }

  #transaction(end: "commit" | "rollback"): ProgramItem {
    const steps: WriteStep[] = [this.#put(), this.#put(), { do: "delete", key: this.#key() }];
    return { do: "transaction", isolation: "serializable", managed: false, steps, end };
  }

  #put(): PutStep {
    const id = FIRST_VALUE_ID + this.#values;
    this.#values += 1;
    const bytes = this.#draw.pick(VALUE_BYTES);
    return { do: "put", key: this.#key(), value: { id, form: "text", bytes } };
  }

  #key(): number {
    return this.#draw.between(0, KEYS.length - 1);
  }
}
