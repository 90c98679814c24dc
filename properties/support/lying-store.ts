import type { Database } from "../../engine/database.ts";
import * as seawall from "../../engine/index.ts";
import type { EnginePort } from "../../sim/index.ts";

/** What a store that lies does instead; the rest it does as the engine does. */
export type Lies = Partial<Pick<Database, "put" | "get" | "sync" | "batch" | "recovery">> & {
  readonly scan?: (options?: seawall.ScanOptions) => AsyncIterable<seawall.Entry>;
};

/** An engine whose stores lie from their nth open on (the first is 1). */
export function lyingEngine(lies: (db: Database, opens: number) => Lies): EnginePort {
  let opens = 0;
  return {
    ...seawall,
    Database: {
      open: async (options) => {
        const db = await seawall.Database.open(options);
        opens += 1;
        return lying(db, lies(db, opens));
      },
    },
  };
}

/** An engine that opens as it is told to. */
export function openingEngine(
  open: (
    options: Parameters<EnginePort["Database"]["open"]>[0],
    opens: number,
  ) => Promise<Database>,
): EnginePort {
  let opens = 0;
  return {
    ...seawall,
    Database: {
      open: async (options) => {
        opens += 1;
        return await open(options, opens);
      },
    },
  };
}

function lying(db: Database, lies: Lies): Database {
  return new Proxy(db, {
    get: (target, name) => {
      if (Object.hasOwn(lies, name)) {
        return Reflect.get(lies, name);
      }
      // Private fields are the target's own: methods must not run on the proxy.
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
